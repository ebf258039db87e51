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
  | { readonly kind: 'scalar'; readonly value: Scalar; readonly place: Place; readonly tag?: MergeTag }
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

/** Values without places. */
export function plainValue(tree: Tree): unknown {
  switch (tree.kind) {
    case 'scalar':
      return tree.value;
    case 'list':
      return tree.items.map(plainValue);
    case 'map':
      /* No prototype: a key `__proto__` is a key like any other. */
      return Object.assign(Object.create(null), mapOf(tree)) as unknown;
  }
}

function mapOf({ entries }: MapTree): Record<string, unknown> {
  const object: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
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

/** A map of plain values. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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
