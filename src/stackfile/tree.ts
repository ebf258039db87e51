/**
 * A stack file as a tree: values with the place each was written at.
 *
 * Kept until files are merged; then it becomes plain values and a table of
 * positions, and nobody sees trees any more.
 */
import type { SourcePos } from '../base/errors.ts';

/** Where a piece of text begins, and how many columns of its line it takes. */
export type Place = SourcePos & { readonly width: number };

export type Scalar = string | number | boolean | null;

export type Tree =
  | {
      readonly kind: 'scalar';
      readonly value: Scalar;
      readonly place: Place;
      readonly tag?: MergeTag;
      /** It was text with variables: a number or a boolean could not be written otherwise. */
      readonly fromVariable?: boolean;
      /** It has variables that are left as they are: what it will be is not known. */
      readonly isOpen?: boolean;
    }
  | { readonly kind: 'list'; readonly items: readonly Tree[]; readonly place: Place; readonly tag?: MergeTag }
  | {
      readonly kind: 'map';
      readonly entries: ReadonlyMap<string, Entry>;
      readonly place: Place;
      readonly tag?: MergeTag;
    };

export type Entry = { readonly key: Place; readonly value: Tree };

/** `!reset` takes away what an earlier file said, `!override` replaces it. */
export type MergeTag = 'reset' | 'override';

export type MapTree = Extract<Tree, { kind: 'map' }>;
export type ListTree = Extract<Tree, { kind: 'list' }>;
export type ScalarTree = Extract<Tree, { kind: 'scalar' }>;

/** Something that stands for what was written at `place`. */
export function scalarTree(value: Scalar, place: Place): ScalarTree {
  return { kind: 'scalar', value, place };
}

export function listTree(items: readonly Tree[], place: Place): ListTree {
  return { kind: 'list', items, place };
}

/** Entries without a value are left out. */
export function mapTree(values: Readonly<Record<string, Tree | undefined>>, place: Place): MapTree {
  const entries = new Map<string, Entry>();
  for (const [key, value] of Object.entries(values)) if (value) entries.set(key, { key: value.place, value });
  return { kind: 'map', entries, place };
}

/** The value at `key` of a map. */
export function valueAt(tree: Tree | undefined, key: string): Tree | undefined {
  return tree?.kind === 'map' ? tree.entries.get(key)?.value : undefined;
}

/** The map with each value changed; undefined takes it away. The same map when nothing changes. */
export function mapValues(tree: MapTree, change: (value: Tree, key: string) => Tree | undefined): MapTree {
  let changed: Map<string, Entry> | undefined;
  tree.entries.forEach((entry, key) => {
    const value = change(entry.value, key);
    if (value !== entry.value) changed ??= entriesBefore(tree, key);
    if (changed && value) changed.set(key, value === entry.value ? entry : { key: entry.key, value });
  });
  return changed ? { ...tree, entries: changed } : tree;
}

function entriesBefore({ entries }: MapTree, end: string): Map<string, Entry> {
  const before = new Map<string, Entry>();
  for (const [key, entry] of entries) {
    if (key === end) break;
    before.set(key, entry);
  }
  return before;
}

/** The list with each item changed; undefined takes it away. */
export function mapItems(tree: ListTree, change: (item: Tree, index: number) => Tree | undefined): ListTree {
  const items = tree.items.map(change);
  if (items.every((item, index) => item === tree.items[index])) return tree;
  return { ...tree, items: items.filter((item) => item !== undefined) };
}

export function isNull(tree: Tree | undefined): boolean {
  return tree?.kind === 'scalar' && tree.value === null;
}

/** Values without places. */
export function plainValue(tree: Tree): unknown {
  switch (tree.kind) {
    case 'scalar':
      return tree.value;
    case 'list':
      return tree.items.map(plainValue);
    case 'map':
      return plainMap(tree);
  }
}

/** Objects that inherit nothing: a key `__proto__` is a key like any other. Quicker than those without a prototype. */
function Plain(this: object): void {}
Plain.prototype = Object.freeze(Object.create(null));
const PlainMap = Plain as unknown as new () => Record<string, unknown>;

function plainMap({ entries }: MapTree): Record<string, unknown> {
  const object = new PlainMap();
  for (const [key, { value }] of entries) object[key] = plainValue(value);
  return object;
}

export type Places = { readonly values: ReadonlyMap<string, Place>; readonly keys: ReadonlyMap<string, Place> };

/** Dotted path of every value to its place, and of every key to the key's own. */
export function placesOf(tree: Tree): Places {
  const values = new Map<string, Place>();
  const keys = new Map<string, Place>();
  const walk = (node: Tree, path: string) => {
    values.set(path, node.place);
    if (node.kind === 'list') for (const [index, item] of node.items.entries()) walk(item, `${path}[${index}]`);
    if (node.kind !== 'map') return;
    for (const [key, { key: place, value }] of node.entries) {
      const inner = joinPath(path, key);
      keys.set(inner, place);
      walk(value, inner);
    }
  };
  walk(tree, '');
  return { values, keys };
}

export function joinPath(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

/** The text of a single value; empty for anything else. */
export function scalarText(tree: Tree): string {
  return tree.kind === 'scalar' ? String(tree.value ?? '') : '';
}

/** The entries of the map at `key`, when it is one. */
export function entriesAt(tree: MapTree, key: string): ReadonlyMap<string, Entry> | undefined {
  const value = tree.entries.get(key)?.value;
  return value?.kind === 'map' ? value.entries : undefined;
}

/** `key` stays where it was written, or is at `place`. */
export function withEntry(tree: MapTree, key: string, value: Tree, place: Place = value.place): MapTree {
  const entry: Entry = { key: tree.entries.get(key)?.key ?? place, value };
  return { ...tree, entries: new Map([...tree.entries, [key, entry]]) };
}

export function withoutEntry(tree: MapTree, key: string): MapTree {
  return { ...tree, entries: new Map([...tree.entries].filter(([name]) => name !== key)) };
}
