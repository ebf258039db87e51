/**
 * Values in canonical form, as their shapes say: numbers and booleans are no text, sizes are bytes, lists are lists.
 *
 * What several attributes have in common is here; what one attribute has for
 * itself is in canonical-service.ts.
 */
import { goBytes, goDuration, goText } from './go-text.ts';
import type { Canonical, Shape } from './shape.ts';
import { splitWords } from './shell-words.ts';
import {
  type Entry,
  isNull,
  listTree,
  type MapTree,
  mapItems,
  mapValues,
  type Scalar,
  type ScalarTree,
  scalarTree,
  type Tree,
} from './tree.ts';
import { fittingShape } from './validate.ts';

/** Of a value that fits its shape; undefined when nothing is left of it. */
export function canonicalValue(tree: Tree, shape: Shape): Tree | undefined {
  if (shape.form !== undefined) return inForm(tree, shape.form);
  if (tree.kind === 'scalar' && tree.isOpen && shape.kind !== 'either') return tree;
  switch (shape.kind) {
    case 'either': {
      const inner = fittingShape(tree, shape.shapes);
      return inner ? canonicalValue(tree, inner) : tree;
    }
    case 'list':
      return tree.kind === 'list' ? mapItems(tree, (item) => canonicalValue(item, shape.of)) : tree;
    case 'map':
      return tree.kind === 'map' ? mapValues(tree, (value) => canonicalValue(value, shape.of)) : tree;
    case 'object':
      return tree.kind === 'map' ? canonicalObject(tree, shape.fields) : tree;
    case 'number':
      return changed(tree, (value) => (typeof value === 'string' ? Number(value) : value));
    case 'boolean':
      return changed(tree, (value) => (typeof value === 'string' ? isTrue(value) : value));
    default:
      return tree;
  }
}

function canonicalObject(tree: MapTree, fields: Readonly<Record<string, Shape>>): MapTree {
  return mapValues(tree, (value, key) => {
    const shape = Object.hasOwn(fields, key) ? fields[key] : undefined;
    return shape ? canonicalValue(value, shape) : value;
  });
}

function isTrue(word: string): boolean {
  return /^(y|yes|on|true)$/i.test(word);
}

function inForm(tree: Tree, form: Canonical): Tree | undefined {
  switch (form) {
    case 'bytes':
      return changed(tree, (value) =>
        typeof value === 'boolean' || value === null ? value : (goBytes(value) ?? value),
      );
    case 'duration':
      return changed(tree, (value) => (typeof value === 'string' ? (goDuration(value) ?? value) : value));
    case 'text':
      return changed(tree, (value) => (value === null ? value : goText(value)));
    case 'microseconds':
      return changed(tree, (value) => (/^-?\d+$/.test(String(value)) ? Number(value) : value));
    case 'mode':
      return changed(tree, canonicalMode);
    case 'list':
      return tree.kind === 'scalar' && !isNull(tree) ? listTree([tree], tree.place) : tree;
    case 'test':
      return tree.kind === 'scalar' ? listTree([scalarTree('CMD-SHELL', tree.place), tree], tree.place) : tree;
    case 'mapping':
      return canonicalMapping(tree, null);
    case 'filled mapping':
      return canonicalMapping(tree, '');
    case 'command':
      return canonicalCommand(tree);
    case 'hosts':
      return canonicalHosts(tree);
  }
}

function changed(tree: Tree, change: (value: Scalar) => Scalar): Tree {
  if (tree.kind !== 'scalar') return tree;
  const value = change(tree.value);
  return value === tree.value ? tree : { ...tree, value };
}

/** Text is octal; a bare number has been read by then. */
function canonicalMode(value: Scalar): Scalar {
  const mode = typeof value === 'number' ? value : Number.parseInt(String(value).replace(/^0?[oO]/, ''), 8);
  return Number.isNaN(mode) ? value : `0${mode.toString(8)}`;
}

/** A map of texts; `alone` is what a key without a value has. */
function canonicalMapping(tree: Tree, alone: string | null): Tree {
  const text = (value: Scalar) => (value === null ? alone : goText(value));
  if (tree.kind === 'map') return mapValues(tree, (value) => changed(value, text));
  if (tree.kind !== 'list') return tree;
  const entries = new Map<string, Entry>();
  for (const item of tree.items) {
    const [key, value] = keyAndValue(item);
    entries.set(key, { key: item.place, value: scalarTree(value ?? alone, item.place) });
  }
  return { kind: 'map', entries, place: tree.place };
}

function keyAndValue(item: Tree): [key: string, value: string | null] {
  const text = item.kind === 'scalar' ? String(item.value ?? '') : '';
  const at = text.indexOf('=');
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
}

/** Text is split as a shell does; nothing is the image's own. */
function canonicalCommand(tree: Tree): Tree | undefined {
  if (isNull(tree)) return undefined;
  if (tree.kind !== 'scalar') return tree;
  const words = splitWords(String(tree.value)) ?? [String(tree.value)];
  return listTree(
    words.map((word) => scalarTree(word, tree.place)),
    tree.place,
  );
}

/** NAME=ADDRESS, sorted by name; IPv6 addresses lose their brackets. */
function canonicalHosts(tree: Tree): Tree {
  const hosts = hostsOf(tree).map(([name, address, at]): [string, ScalarTree] => [
    name,
    scalarTree(`${name}=${address.replace(/^\[(.*)\]$/, '$1')}`, at.place),
  ]);
  hosts.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return listTree(
    hosts.map(([, host]) => host),
    tree.place,
  );
}

function hostsOf(tree: Tree): [name: string, address: string, at: Tree][] {
  if (tree.kind === 'list') {
    return tree.items.map((item) => {
      const [, name = '', address = ''] = /^(.*?)[=:](.*)$/s.exec(textOf(item)) ?? [undefined, textOf(item), ''];
      return [name, address, item];
    });
  }
  if (tree.kind !== 'map') return [];
  return [...tree.entries].flatMap(([name, { value }]) =>
    (value.kind === 'list' ? value.items : [value]).map((item): [string, string, Tree] => [name, textOf(item), item]),
  );
}

function textOf(tree: Tree): string {
  return tree.kind === 'scalar' ? String(tree.value ?? '') : '';
}
