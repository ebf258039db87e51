/** Values of a map by a dotted pattern, in which `*` is any key or index. */
import { isMap, joinPath } from './tree.ts';

/** Each value that is there and not null, with its path; `path` is that of `value`. */
export function* matchPaths(value: unknown, pattern: string, path = ''): Generator<[path: string, value: unknown]> {
  yield* matches(value, pattern.split('.'), path);
}

function* matches(value: unknown, [key, ...rest]: readonly string[], path: string): Generator<[string, unknown]> {
  if (key === undefined) {
    if (value !== null && value !== undefined) yield [path, value];
  } else if (key === '*' && Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* matches(item, rest, `${path}[${index}]`);
  } else if (isMap(value)) {
    const keys = key === '*' ? Object.keys(value) : Object.hasOwn(value, key) ? [key] : [];
    for (const name of keys) yield* matches(value[name], rest, joinPath(path, name));
  }
}
