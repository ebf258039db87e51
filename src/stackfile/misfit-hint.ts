/**
 * What a person can type instead of a value that does not fit, when that is plain from the value.
 */
import { nearest } from '../base/nearest.ts';
import type { ObjectShape, Shape } from './shape.ts';
import type { MapTree, Tree } from './tree.ts';

export function misfitHint(tree: Tree, shape: Shape, path: string): string | undefined {
  const isItem = path.endsWith(']');
  if (tree.kind === 'list') return isMap(shape) && !isItem ? 'leave the dashes out: it takes `KEY: VALUE`' : undefined;
  if (tree.kind === 'map') return hintForMap(tree, shape, isItem);
  if (tree.value === null) return hintForNothing(shape);
  return hintForScalar(tree.value, shape, path);
}

function isMap(shape: Shape): boolean {
  return shape.kind === 'map' || shape.kind === 'object';
}

/** `- A: 1` among `- A=1`, and what lacks its dashes. */
function hintForMap({ entries }: MapTree, shape: Shape, isItem: boolean): string | undefined {
  if (shape.kind === 'list' && !isItem) return 'begin each line of it with a dash: - ...';
  const [first, ...more] = entries;
  if (shape.kind !== 'text' || !isItem || !first || more.length > 0 || first[1].value.kind !== 'scalar')
    return undefined;
  const value = String(first[1].value.value ?? '');
  return `leave the dash out, or write it as one text: ${first[0]}=${value}`;
}

function hintForNothing(shape: Shape): string {
  const isBlock = isMap(shape) || shape.kind === 'list';
  return isBlock ? 'indent what belongs to it below it, or remove the line' : 'give it a value, or remove the line';
}

function hintForScalar(value: string | number | boolean, shape: Shape, path: string): string | undefined {
  const single = typeof value !== 'boolean';
  if (shape.kind === 'list' && /^-\S/.test(String(value)) && typeof value === 'string')
    return `write a blank behind the dash: - ${value.slice(1)}`;
  if (shape.kind === 'list' && single) return `write it as a list: [${JSON.stringify(value)}]`;
  if (shape.kind === 'object') return hintForObject(String(value), shape, path);
  if (shape.kind !== 'text') return undefined;
  if (typeof value !== 'string' && !shape.pattern && !shape.words) return `put it in quotes: "${String(value)}"`;
  if (single && shape.unit !== undefined && /^\d+(\.\d+)?$/.test(String(value)))
    return `name the unit: ${String(value)}${shape.unit}`;
  const near = nearest(String(value), (shape.inWords ?? '').split(/, | or /));
  return near === undefined ? shape.hint : `did you mean ${near}?`;
}

/** `image:nginx` and `image nginx` are texts to YAML; `image: nginx` in the place of a service is not indented. */
function hintForObject(text: string, { fields }: ObjectShape, path: string): string | undefined {
  const [, joined, behind] = /^([\w-]+):(\S.*)$/s.exec(text) ?? [];
  if (joined !== undefined && Object.hasOwn(fields, joined))
    return `write a blank behind the colon: ${joined}: ${behind!}`;
  const [, apart, rest] = /^([\w-]+)\s+(.+)$/s.exec(text) ?? [];
  if (apart !== undefined && Object.hasOwn(fields, apart)) return `write a colon: ${apart}: ${rest!}`;
  const key = path.replace(/^.*\./, '');
  if (Object.hasOwn(fields, key)) return `\`${key}\` belongs to what stands above it: indent it further`;
  return Object.hasOwn(fields, 'image') ? `write the image as an attribute of it: {image: ${text}}` : undefined;
}
