/** Values of a tree by a dotted pattern, in which `*` is any key or index. */
import { isNull, joinPath, type Tree } from './tree.ts';

export type Match = readonly [path: string, tree: Tree];

const NONE: readonly Match[] = [];
const split = new Map<string, readonly string[]>();

/** Each value that is there and not null, with its path; `path` is that of `tree`. */
export function matchPaths(tree: Tree | undefined, pattern: string, path = ''): readonly Match[] {
  const segments = segmentsOf(pattern);
  /* Most attributes are not there: that is found out first. */
  if (tree?.kind === 'map' && segments[0] !== '*' && !tree.entries.has(segments[0]!)) return NONE;
  const found: Match[] = [];
  addMatches(found, { tree, segments, path }, 0);
  return found;
}

function segmentsOf(pattern: string): readonly string[] {
  const known = split.get(pattern) ?? pattern.split('.');
  split.set(pattern, known);
  return known;
}

type Search = { readonly tree: Tree | undefined; readonly segments: readonly string[]; readonly path: string };

function addMatches(found: Match[], { tree, segments, path }: Search, at: number): void {
  if (!tree) return;
  const key = segments[at];
  if (key === undefined) {
    if (!isNull(tree)) found.push([path, tree]);
  } else if (key === '*' && tree.kind === 'list') {
    for (const [index, item] of tree.items.entries())
      addMatches(found, { tree: item, segments, path: `${path}[${index}]` }, at + 1);
  } else if (key === '*' && tree.kind === 'map') {
    for (const [name, { value }] of tree.entries)
      addMatches(found, { tree: value, segments, path: joinPath(path, name) }, at + 1);
  } else if (tree.kind === 'map') {
    const entry = tree.entries.get(key);
    if (entry) addMatches(found, { tree: entry.value, segments, path: joinPath(path, key) }, at + 1);
  }
}
