/**
 * Order of services: dependencies first, and the cycles that make that impossible.
 *
 * Pure; knows names and edges only.
 */
import { BerthError } from '../base/errors.ts';

export type Node = { readonly name: string; readonly after: readonly string[] };

/**
 * `nodes` sorted so that each stands behind all it is `after`; otherwise in the order given.
 * Throws DEPENDENCY_CYCLE naming one cycle as `a -> b -> a`. Edges to unknown names are passed over.
 */
export function sortByDependency<T extends Node>(nodes: readonly T[]): T[] {
  const { sorted, cycle } = walk(nodes);
  if (!cycle) return sorted;
  throw new BerthError('DEPENDENCY_CYCLE', `dependency cycle: ${[...cycle, cycle[0]].join(' -> ')}`, {
    hint: 'remove one of these depends_on entries',
  });
}

/** Names of one cycle, each after the one that needs it; undefined when there is none. */
export function findCycle(nodes: readonly Node[]): string[] | undefined {
  return walk(nodes).cycle;
}

function walk<T extends Node>(nodes: readonly T[]): { readonly sorted: T[]; readonly cycle: string[] | undefined } {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const done = new Set<string>();
  const sorted: T[] = [];
  const path: string[] = [];
  let cycle: string[] | undefined;

  const visit = (node: T): void => {
    if (done.has(node.name) || cycle) return;
    if (path.includes(node.name)) {
      cycle = path.slice(path.indexOf(node.name));
      return;
    }
    path.push(node.name);
    for (const name of node.after) {
      const before = byName.get(name);
      if (before) visit(before);
    }
    path.pop();
    done.add(node.name);
    sorted.push(node);
  };

  for (const node of nodes) visit(node);
  return { sorted, cycle };
}
