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

type Visit<T> = { readonly node: T; next: number };

/** Without recursion: chains may be longer than the stack is deep. */
function walk<T extends Node>(nodes: readonly T[]): { readonly sorted: T[]; readonly cycle: string[] | undefined } {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const done = new Set<string>();
  const sorted: T[] = [];
  for (const start of nodes) {
    const path: Visit<T>[] = [{ node: start, next: 0 }];
    const open = new Set([start.name]);
    while (path.length > 0 && !done.has(start.name)) {
      const visit = path.at(-1)!;
      const before = byName.get(visit.node.after[visit.next++] ?? '');
      if (before && open.has(before.name)) return { sorted, cycle: cycleFrom(path, before.name) };
      if (before && !done.has(before.name)) {
        path.push({ node: before, next: 0 });
        open.add(before.name);
      } else if (visit.next > visit.node.after.length) {
        path.pop();
        open.delete(visit.node.name);
        done.add(visit.node.name);
        sorted.push(visit.node);
      }
    }
  }
  return { sorted, cycle: undefined };
}

function cycleFrom(path: readonly Visit<Node>[], name: string): string[] {
  const names = path.map(({ node }) => node.name);
  return names.slice(names.indexOf(name));
}
