/**
 * Leaves out what is the same as not being there: empty text, zero, false, empty lists and maps.
 *
 * But for attributes for which being there means something, and for what
 * people name themselves (variables, labels, options).
 */
import type { ObjectShape, Shape } from './shape.ts';
import { type MapTree, mapItems, mapValues, type Tree } from './tree.ts';
import { fittingShape } from './validate.ts';

/** Attributes of which zero, false or nothing is a value. */
const MEANINGFUL = new Set([
  'attach',
  'command',
  'count',
  'create_host_path',
  'enable_ipv4',
  'enable_ipv6',
  'entrypoint',
  'init',
  'interval',
  'max_attempts',
  'parallelism',
  'replicas',
  'required',
  'retries',
  'scale',
  'start_interval',
  'start_period',
  'stop_grace_period',
  'timeout',
  'window',
]);

/** Parts of a mount, which docker compose prints when they are there, be there something in them or not. */
const OF_MOUNTS = new Set(['bind', 'volume', 'tmpfs', 'image']);

export function omitEmpty(tree: Tree, shape: Shape): Tree {
  switch (shape.kind) {
    case 'either': {
      const inner = fittingShape(tree, shape.shapes);
      return inner ? omitEmpty(tree, inner) : tree;
    }
    case 'object':
      return tree.kind === 'map' ? withoutEmpty(tree, shape) : tree;
    case 'map':
      return tree.kind === 'map' ? mapValues(tree, (value) => omitEmpty(value, shape.of)) : tree;
    case 'list':
      return tree.kind === 'list' ? mapItems(tree, (item) => omitEmpty(item, shape.of)) : tree;
    default:
      return tree;
  }
}

function withoutEmpty(tree: MapTree, { fields }: ObjectShape): MapTree {
  return mapValues(tree, (written, key) => {
    if (!Object.hasOwn(fields, key)) return written;
    const value = omitEmpty(written, fields[key]!);
    if (written.kind === 'map' && OF_MOUNTS.has(key)) return value;
    return isEmpty(value, fields[key]!) && !(MEANINGFUL.has(key) && !isNothing(value)) ? undefined : value;
  });
}

function isNothing(tree: Tree): boolean {
  return tree.kind === 'scalar' && tree.value === null;
}

function isEmpty(tree: Tree, shape: Shape): boolean {
  if (tree.kind === 'list') return tree.items.length === 0;
  if (tree.kind === 'map') return tree.entries.size === 0;
  return (
    tree.value === null ||
    tree.value === '' ||
    tree.value === 0 ||
    tree.value === false ||
    (shape.form === 'bytes' && tree.value === '0')
  );
}
