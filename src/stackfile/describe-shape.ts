/**
 * Shapes and values in words, for messages about what does not fit.
 */
import type { Shape } from './shape.ts';
import type { Tree } from './tree.ts';

export function describeShape(shape: Shape): string {
  switch (shape.kind) {
    case 'text':
      return shape.inWords ?? (shape.words ? `one of ${shape.words.filter(Boolean).join(', ')}` : 'text');
    case 'number':
      return shape.whole ? 'a whole number' : 'a number';
    case 'boolean':
      return 'true or false';
    case 'list':
      return 'a list';
    case 'map':
    case 'object':
      return 'a map';
    case 'either':
      return describeShapes(shape.shapes, ' or ');
    case 'nothing':
      return 'empty';
    default:
      return 'anything';
  }
}

/** What may be left empty goes without saying. */
export function describeShapes(shapes: readonly Shape[], between: string): string {
  return [...new Set(shapes.filter((s) => s.kind !== 'nothing').map(describeShape))].join(between);
}

export function describeValue(tree: Tree): string {
  if (tree.kind !== 'scalar') return tree.kind === 'list' ? 'a list' : 'a map';
  const { value } = tree;
  if (value === null) return 'empty';
  return typeof value === 'string'
    ? `the text ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value)}`
    : `${String(value)}`;
}
