/**
 * The tree -> the table of positions that plans, `why` and errors of the engine point with.
 */
import type { SourcePos } from '../base/errors.ts';
import type { Positions } from '../model/stack.ts';
import { joinPath, type Place, type Tree } from './tree.ts';

/** Single values are where they are written, maps and lists where their key is. */
export function placesTable(tree: Tree): Positions {
  const table: Record<string, SourcePos> = {};
  const add = (node: Tree, path: string, key: Place | undefined) => {
    if (path !== '') table[path] = positionOf(key && hasInside(node) ? key : node.place);
    if (node.kind === 'list')
      for (const [index, item] of node.items.entries()) add(item, `${path}[${index}]`, undefined);
    if (node.kind === 'map')
      for (const [name, entry] of node.entries) add(entry.value, joinPath(path, name), entry.key);
  };
  add(tree, '', undefined);
  return table;
}

function hasInside(node: Tree): boolean {
  return node.kind === 'list' ? node.items.length > 0 : node.kind === 'map' && node.entries.size > 0;
}

function positionOf({ file, line, col }: Place): SourcePos {
  return { file, line, col };
}
