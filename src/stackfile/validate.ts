/**
 * A tree against its shape: everything that does not fit, each at its place.
 *
 * What fits is handed on, so that the faults that only show later (names that
 * are not declared, ports that meet) are told in the same run.
 */
import { nearest } from '../base/nearest.ts';
import { describeShape, describeShapes, describeValue } from './describe-shape.ts';
import type { Findings } from './findings.ts';
import { misfitHint } from './misfit-hint.ts';
import type { ObjectShape, Shape, TextShape } from './shape.ts';
import { joinPath, type MapTree, mapItems, mapValues, type ScalarTree, type Tree } from './tree.ts';
import { unknownKeyHint } from './unknown-key.ts';

/** Where faults go: all of them to the person, or none when it is only asked whether something fits. */
export type Faults = Pick<Findings, 'error' | 'warning'>;

/** The part of `tree` that fits, after all misfits below `path` were reported; undefined when nothing does. */
export function validate(tree: Tree, shape: Shape, path: string, faults: Faults): Tree | undefined {
  switch (shape.kind) {
    case 'anything':
      return tree;
    case 'nothing':
    case 'text':
    case 'number':
    case 'boolean':
      return tree.kind === 'scalar' ? validateScalar(tree, shape, path, faults) : misfit(tree, shape, path, faults);
    case 'list':
      if (tree.kind !== 'list') return misfit(tree, shape, path, faults);
      return mapItems(tree, (item, index) => validate(item, shape.of, `${path}[${index}]`, faults));
    case 'map':
      return tree.kind === 'map' ? validateMap(tree, shape, path, faults) : misfit(tree, shape, path, faults);
    case 'object':
      return tree.kind === 'map' ? validateObject(tree, shape, path, faults) : misfit(tree, shape, path, faults);
    case 'either':
      return validateEither(tree, shape.shapes, path, faults);
  }
}

function validateEither(tree: Tree, shapes: readonly Shape[], path: string, faults: Faults): Tree | undefined {
  const candidates = shapes.filter((shape) => takesKind(shape, tree));
  const fitting = fittingShape(tree, candidates);
  if (fitting) return validate(tree, fitting, path, faults);
  const meant = candidates.length > 0 ? candidates : shapes;
  const hint = meant.map((shape) => misfitHint(tree, shape, path)).find((found) => found !== undefined);
  const message = `${path} must be ${describeShapes(shapes, ', or ')}, not ${describeValue(tree)}`;
  faults.error(tree.place, { message, hint, path });
  return undefined;
}

/** The one of several shapes that is meant; undefined when none is. */
export function fittingShape(tree: Tree, shapes: readonly Shape[]): Shape | undefined {
  const candidates = shapes.filter((shape) => takesKind(shape, tree));
  return candidates.length === 1 ? candidates[0] : candidates.find((shape) => fitsWhole(tree, shape));
}

function fitsWhole(tree: Tree, shape: Shape): boolean {
  let whole = true;
  const error = () => {
    whole = false;
  };
  validate(tree, shape, '', { error, warning() {} });
  return whole;
}

/** Whether the value is of the shape's rough kind, so that its faults are worth telling. */
function takesKind(shape: Shape, tree: Tree): boolean {
  switch (shape.kind) {
    case 'list':
      return tree.kind === 'list';
    case 'map':
    case 'object':
      return tree.kind === 'map';
    case 'either':
      return shape.shapes.some((inner) => takesKind(inner, tree));
    case 'nothing':
      return tree.kind === 'scalar' && tree.value === null;
    case 'anything':
      return true;
    default:
      return tree.kind === 'scalar' && tree.value !== null;
  }
}

type ScalarShape = Extract<Shape, { kind: 'text' | 'number' | 'boolean' | 'nothing' }>;

function validateScalar(tree: ScalarTree, shape: ScalarShape, path: string, faults: Faults): Tree | undefined {
  if (tree.isOpen && shape.kind !== 'nothing') return tree;
  switch (shape.kind) {
    case 'nothing':
      return tree.value === null ? tree : misfit(tree, shape, path, faults);
    case 'boolean':
      return validateBoolean(tree, shape, path, faults);
    case 'number':
      return validateNumber(tree, shape, path, faults);
    case 'text':
      return validateText(tree, shape, path, faults);
  }
}

function validateText(tree: ScalarTree, shape: TextShape, path: string, faults: Faults): Tree | undefined {
  const { value } = tree;
  if (typeof value !== 'string' && !(shape.numbers && typeof value === 'number'))
    return misfit(tree, shape, path, faults);
  if (shape.pattern && !shape.pattern.test(String(value))) return misfit(tree, shape, path, faults);
  if (shape.pattern && typeof value === 'number' && !(Number.isInteger(value) && value >= 0))
    return misfit(tree, shape, path, faults);
  if (!shape.words || shape.words.includes(String(value))) return tree;
  const near = nearest(String(value), shape.words);
  const message = `${path} must be ${describeShape(shape)}, not "${String(value)}"`;
  faults.error(tree.place, { message, hint: near ? `did you mean ${near}?` : shape.hint, path });
  return undefined;
}

type NumberShape = Extract<Shape, { kind: 'number' }>;

function validateNumber(tree: ScalarTree, shape: NumberShape, path: string, faults: Faults): Tree | undefined {
  const { value } = tree;
  const textTaken = shape.texts || tree.fromVariable === true;
  if (!isNumber(value) || (typeof value === 'string' && !textTaken)) return misfit(tree, shape, path, faults);
  if (shape.whole && !Number.isInteger(Number(value))) return misfit(tree, shape, path, faults);
  /* Of text a schema can only tell the sign: both say the same of it. */
  const bounded = typeof value === 'number' || tree.fromVariable === true;
  const negative = shape.least !== undefined && shape.least >= 0 && String(value).startsWith('-');
  const low = negative || (bounded && shape.least !== undefined && Number(value) < shape.least);
  const high = bounded && shape.most !== undefined && Number(value) > shape.most;
  if (!low && !high) return tree;
  const bound = low ? `at least ${shape.least}` : `at most ${shape.most}`;
  faults.error(tree.place, { message: `${path} must be ${bound}, not ${String(value)}`, path });
  return undefined;
}

function isNumber(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value === 'string' && /^-?(\d+(\.\d*)?|\.\d+)$/.test(value);
}

type BooleanShape = Extract<Shape, { kind: 'boolean' }>;

/** YAML 1.1 had six words for each; Compose still takes them. */
function validateBoolean(tree: ScalarTree, shape: BooleanShape, path: string, faults: Faults): Tree | undefined {
  const { value } = tree;
  if (typeof value === 'boolean') return tree;
  if (!shape.texts && !tree.fromVariable) return misfit(tree, shape, path, faults);
  const word = typeof value === 'string' ? value.toLowerCase() : '';
  if (word === 'true' || word === 'false') return { ...tree, value: word === 'true' };
  if (!/^(y|yes|on|n|no|off)$/.test(word)) return misfit(tree, shape, path, faults);
  const meaning = /^(y|yes|on)$/.test(word);
  const message = `${path} is the text "${String(value)}", taken as ${meaning}`;
  faults.warning(tree.place, { message, hint: `write ${meaning}`, path });
  return { ...tree, value: meaning };
}

type MapShape = Extract<Shape, { kind: 'map' }>;

function validateMap(tree: MapTree, shape: MapShape, path: string, faults: Faults): MapTree {
  if (shape.keys) checkNames(tree, shape.keys, path, faults);
  return mapValues(tree, (value, key) => validate(value, shape.of, joinPath(path, key), faults));
}

function checkNames({ entries }: MapTree, names: RegExp, path: string, faults: Faults): void {
  for (const [key, entry] of entries) {
    if (names.test(key)) continue;
    const message = `"${key}" can not be a name in ${path}`;
    faults.error(entry.key, { message, hint: 'use letters, digits, ".", "_" and "-"', path: joinPath(path, key) });
  }
}

function validateObject(tree: MapTree, shape: ObjectShape, path: string, faults: Faults): MapTree | undefined {
  const valid = mapValues(tree, (value, key) => {
    if (key.startsWith('x-') && !shape.closed && !Object.hasOwn(shape.fields, key)) return value;
    const field = Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
    return field ? validate(value, field, joinPath(path, key), faults) : refuseKey(tree, { shape, key, path }, faults);
  });
  for (const key of shape.required.filter((name) => !tree.entries.has(name)))
    faults.error(tree.place, { message: `${path} needs \`${key}\``, path });
  return shape.required.every((key) => valid.entries.has(key)) ? valid : undefined;
}

type UnknownKey = { readonly shape: ObjectShape; readonly key: string; readonly path: string };

function refuseKey(tree: MapTree, { shape, key, path }: UnknownKey, faults: Faults): undefined {
  const { key: place, value } = tree.entries.get(key)!;
  const message = `${path === '' ? 'a stack file' : path} has no attribute \`${key}\``;
  faults.error(place, { message, hint: unknownKeyHint(key, shape, value), path: joinPath(path, key) });
}

function misfit(tree: Tree, shape: Shape, path: string, faults: Faults): undefined {
  const what = path === '' ? 'the file' : path;
  const message = `${what} must be ${describeShape(shape)}, not ${describeValue(tree)}`;
  faults.error(tree.place, { message, hint: misfitHint(tree, shape, path), path });
}
