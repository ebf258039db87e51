/**
 * The order in which a canonical tree is printed: attributes as their shape has them, names sorted.
 */
import type { ObjectShape, Shape } from './shape.ts';
import { stack } from './stack-shape.ts';
import type { Entry, MapTree, Tree } from './tree.ts';
import { fittingShape } from './validate.ts';

export function orderedTree(tree: MapTree): MapTree {
  return ordered(tree, stack) as MapTree;
}

const TOP = ['name', 'services', 'networks', 'volumes', 'secrets', 'configs', 'models'];

function ordered(tree: Tree, shape: Shape): Tree {
  switch (shape.kind) {
    case 'either': {
      const inner = fittingShape(tree, shape.shapes);
      return inner ? ordered(tree, inner) : tree;
    }
    case 'list':
      return tree.kind === 'list' ? { ...tree, items: tree.items.map((item) => ordered(item, shape.of)) } : tree;
    case 'map':
      return tree.kind === 'map'
        ? sorted(
            tree,
            (key) => key,
            () => shape.of,
          )
        : tree;
    case 'object':
      return tree.kind === 'map' ? byFields(tree, shape) : tree;
    default:
      return tree;
  }
}

type Rank = (key: string) => string;

const ranks = new Map<ObjectShape, Rank>();

function byFields(tree: MapTree, shape: ObjectShape): MapTree {
  const rank = ranks.get(shape) ?? rankOf(shape);
  ranks.set(shape, rank);
  return sorted(tree, rank, (key) => (Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined));
}

/** A service has so many attributes that people look for them by name. */
function rankOf(shape: ObjectShape): Rank {
  const names = shape === stack ? TOP : Object.keys(shape.fields);
  const many = names.length > 30;
  const known = new Map(names.map((name, index) => [name, many ? name : String(index).padStart(3, '0')]));
  return (key) => known.get(key) ?? `~${key}`;
}

function sorted(tree: MapTree, rank: Rank, shapeAt: (key: string) => Shape | undefined): MapTree {
  const keys = [...tree.entries.keys()].map((key): [string, string] => [rank(key), key]);
  keys.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const entries = new Map<string, Entry>();
  for (const [, key] of keys) {
    const entry = tree.entries.get(key)!;
    const shape = shapeAt(key);
    entries.set(key, shape ? { key: entry.key, value: ordered(entry.value, shape) } : entry);
  }
  return { ...tree, entries };
}
