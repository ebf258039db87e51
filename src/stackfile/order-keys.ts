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

/** A service has so many attributes that people look for them by name. */
function byFields(tree: MapTree, shape: ObjectShape): MapTree {
  const names = shape === stack ? TOP : Object.keys(shape.fields);
  const many = names.length > 30;
  const rank = (key: string) => {
    if (!Object.hasOwn(shape.fields, key)) return `~${key}`;
    return many ? key : String(names.indexOf(key)).padStart(3, '0');
  };
  return sorted(tree, rank, (key) => (Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined));
}

function sorted(tree: MapTree, rank: (key: string) => string, shapeAt: (key: string) => Shape | undefined): MapTree {
  const keys = [...tree.entries.keys()].sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
  const entries = keys.map((key): [string, Entry] => {
    const entry = tree.entries.get(key)!;
    const shape = shapeAt(key);
    return [key, shape ? { key: entry.key, value: ordered(entry.value, shape) } : entry];
  });
  return { ...tree, entries: new Map(entries) };
}
