/**
 * Shapes and values in words, for messages about what does not fit.
 */
import type { Shape } from './shape.ts';

export function describeShape(shape: Shape): string {
  switch (shape.kind) {
    case 'text':
      return shape.form ?? (shape.words ? `one of ${shape.words.filter(Boolean).join(', ')}` : 'text');
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

export function describeValue(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return typeof value === 'string'
    ? `the text ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value)}`
    : `${String(value)}`;
}

/** What a person can type instead, when that is plain from the value. */
export function misfitHint(value: unknown, shape: Shape): string | undefined {
  const single = typeof value === 'string' || typeof value === 'number';
  if (shape.kind === 'list' && single) return `write it as a list: [${JSON.stringify(value)}]`;
  if (typeof value === 'number' && shape.kind === 'text' && !shape.pattern && !shape.words)
    return `put it in quotes: "${value}"`;
  if (single && shape.kind === 'text' && shape.unit !== undefined && /^\d+(\.\d+)?$/.test(String(value)))
    return `name the unit: ${String(value)}${shape.unit}`;
  if (shape.kind === 'text' && shape.hint !== undefined) return shape.hint;
  return undefined;
}
