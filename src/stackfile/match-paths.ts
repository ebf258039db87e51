/** Values of a tree by a dotted pattern, in which `*` is any key or index. */
import { isNull, joinPath, type Tree } from './tree.ts';

/** Each value that is there and not null, with its path; `path` is that of `tree`. */
export function* matchPaths(tree: Tree | undefined, pattern: string, path = ''): Generator<[path: string, tree: Tree]> {
  yield* matches(tree, segmentsOf(pattern), path);
}

const split = new Map<string, readonly string[]>();

function segmentsOf(pattern: string): readonly string[] {
  const known = split.get(pattern) ?? pattern.split('.');
  split.set(pattern, known);
  return known;
}

function* matches(tree: Tree | undefined, segments: readonly string[], path: string): Generator<[string, Tree]> {
  if (!tree) return;
  /* Most attributes are not there: that is found out first. */
  const [key] = segments;
  if (key !== undefined && key !== '*' && !(tree.kind === 'map' && tree.entries.has(key))) return;
  const rest = segments.slice(1);
  if (key === undefined) {
    if (!isNull(tree)) yield [path, tree];
  } else if (key === '*' && tree.kind === 'list') {
    for (const [index, item] of tree.items.entries()) yield* matches(item, rest, `${path}[${index}]`);
  } else if (tree.kind === 'map') {
    const keys = key === '*' ? [...tree.entries.keys()] : [key];
    for (const name of keys) yield* matches(tree.entries.get(name)?.value, rest, joinPath(path, name));
  }
}
