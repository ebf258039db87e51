/**
 * Places of a merged file -> the table of positions that errors of the engine point with.
 */
import type { SourcePos } from '../base/errors.ts';
import type { Positions } from '../model/stack.ts';
import type { Place, Places } from './tree.ts';

/** Single values are where they are written, maps and lists where their key is. */
export function placesTable({ values, keys }: Places): Positions {
  const table: Record<string, SourcePos> = {};
  for (const [path, place] of values)
    if (path !== '') table[path] = positionOf(keys.has(path) && isWide(path, values) ? keys.get(path)! : place);
  return table;
}

/** A value with something below it. */
function isWide(path: string, values: ReadonlyMap<string, Place>): boolean {
  return values.has(`${path}[0]`) || !isLeaf(path, values);
}

const leaves = new WeakMap<ReadonlyMap<string, Place>, ReadonlySet<string>>();

/** Computed once a table: paths that no other path extends. */
function isLeaf(path: string, values: ReadonlyMap<string, Place>): boolean {
  let inner = leaves.get(values);
  if (!inner) {
    const parents = new Set<string>();
    for (const other of values.keys()) {
      const cut = Math.max(other.lastIndexOf('.'), other.lastIndexOf('['));
      if (cut > 0) parents.add(other.slice(0, cut));
    }
    inner = parents;
    leaves.set(values, inner);
  }
  return !inner.has(path);
}

function positionOf({ file, line, col }: Place): SourcePos {
  return { file, line, col };
}
