/**
 * A value against its shape: everything that does not fit, each at its place.
 *
 * What fits is handed on, so that the faults that only show later (names that
 * are not declared, ports that meet) are told in the same run.
 */
import { nearest } from '../base/nearest.ts';
import { describeShape, describeShapes, describeValue, misfitHint } from './describe-shape.ts';
import type { Report } from './findings.ts';
import type { Shape } from './shape.ts';
import { isMap, joinPath } from './tree.ts';

/**
 * The part of `value` that fits, after all misfits below `path` were reported; undefined when nothing does.
 *
 * Misfits are left out of objects, undefined in lists (so that places keep
 * their numbers) and null in maps (so that names stay declared).
 */
export function validate(value: unknown, shape: Shape, path: string, report: Report): unknown {
  switch (shape.kind) {
    case 'anything':
      return value;
    case 'nothing':
    case 'text':
    case 'number':
    case 'boolean':
      return validateScalar(value, shape, path, report);
    case 'list':
      if (!Array.isArray(value)) return misfit(value, shape, path, report);
      return value.map((item, index) => validate(item, shape.of, `${path}[${index}]`, report));
    case 'map':
      return isMap(value) ? validateMap(value, shape, path, report) : misfit(value, shape, path, report);
    case 'object':
      return isMap(value) ? validateObject(value, shape, path, report) : misfit(value, shape, path, report);
    case 'either':
      return validateEither(value, shape.shapes, path, report);
  }
}

function validateEither(value: unknown, shapes: readonly Shape[], path: string, report: Report): unknown {
  const candidates = shapes.filter((shape) => takesKind(shape, value));
  const fitting = candidates.length === 1 ? candidates[0] : candidates.find((shape) => fitsWhole(value, shape, path));
  if (fitting) return validate(value, fitting, path, report);
  const hint = candidates.map((shape) => misfitHint(value, shape)).find((found) => found !== undefined);
  report.error(path, `${path} must be ${describeShapes(shapes, ', or ')}, not ${describeValue(value)}`, hint);
  return undefined;
}

function fitsWhole(value: unknown, shape: Shape, path: string): boolean {
  let whole = true;
  const fault = () => {
    whole = false;
  };
  validate(value, shape, path, { error: fault, errorAtKey: fault, warning() {} });
  return whole;
}

/** Whether the value is of the shape's rough kind, so that its faults are worth telling. */
function takesKind(shape: Shape, value: unknown): boolean {
  switch (shape.kind) {
    case 'list':
      return Array.isArray(value);
    case 'map':
    case 'object':
      return isMap(value);
    case 'either':
      return shape.shapes.some((inner) => takesKind(inner, value));
    case 'nothing':
      return value === null;
    case 'anything':
      return true;
    default:
      return value !== null && typeof value !== 'object';
  }
}

type ScalarShape = Extract<Shape, { kind: 'text' | 'number' | 'boolean' | 'nothing' }>;

function validateScalar(value: unknown, shape: ScalarShape, path: string, report: Report): unknown {
  if (shape.kind === 'boolean') return validateBoolean(value, shape, path, report);
  if (!fits(value, shape)) return misfit(value, shape, path, report);
  if (shape.kind === 'text' && shape.words && !shape.words.includes(String(value))) {
    const near = nearest(String(value), shape.words);
    const message = `${path} must be ${describeShape(shape)}, not "${String(value)}"`;
    report.error(path, message, near ? `did you mean ${near}?` : shape.hint);
    return undefined;
  }
  return shape.kind === 'number' ? validateRange(value, shape, path, report) : value;
}

type NumberShape = Extract<Shape, { kind: 'number' }>;

function validateRange(value: unknown, { least, most }: NumberShape, path: string, report: Report): unknown {
  const low = least !== undefined && Number(value) < least;
  const high = most !== undefined && Number(value) > most;
  if (!low && !high) return value;
  report.error(path, `${path} must be ${low ? `at least ${least}` : `at most ${most}`}, not ${String(value)}`);
  return undefined;
}

type BooleanShape = Extract<Shape, { kind: 'boolean' }>;

/** YAML 1.1 had six words for each; Compose still takes them. */
function validateBoolean(value: unknown, shape: BooleanShape, path: string, report: Report): unknown {
  if (typeof value === 'boolean') return value;
  if (!shape.texts) return misfit(value, shape, path, report);
  const word = typeof value === 'string' ? value.toLowerCase() : '';
  if (word === 'true' || word === 'false') return word === 'true';
  if (!/^(y|yes|on|n|no|off)$/.test(word)) return misfit(value, shape, path, report);
  const meaning = /^(y|yes|on)$/.test(word);
  report.warning(path, `${path} is the text "${String(value)}", taken as ${meaning}`, `write ${meaning}`);
  return meaning;
}

function fits(value: unknown, shape: Exclude<ScalarShape, { kind: 'boolean' }>): boolean {
  switch (shape.kind) {
    case 'nothing':
      return value === null;
    case 'number':
      if (typeof value === 'string' && !shape.texts) return false;
      return isNumber(value) && (!shape.whole || Number.isInteger(Number(value)));
    case 'text':
      if (typeof value !== 'string' && !(shape.numbers && typeof value === 'number')) return false;
      return shape.pattern ? shape.pattern.test(String(value)) : true;
  }
}

function isNumber(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value === 'string' && /^-?(\d+(\.\d*)?|\.\d+)$/.test(value);
}

type Values = Readonly<Record<string, unknown>>;
type MapShape = Extract<Shape, { kind: 'map' }>;
type ObjectShape = Extract<Shape, { kind: 'object' }>;

function validateMap(value: Values, shape: MapShape, path: string, report: Report): Values {
  return withoutPrototype(
    Object.entries(value).map(([key, inner]) => {
      const place = joinPath(path, key);
      if (shape.keys && !shape.keys.test(key))
        report.errorAtKey(place, `"${key}" can not be a name in ${path}`, 'use letters, digits, ".", "_" and "-"');
      return [key, validate(inner, shape.of, place, report) ?? null];
    }),
  );
}

function validateObject(value: Values, shape: ObjectShape, path: string, report: Report): Values | undefined {
  const known = Object.entries(value).map(([key, inner]): [string, unknown] => {
    if (key.startsWith('x-') && !shape.closed) return [key, inner];
    const field = Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
    return [key, field ? validate(inner, field, joinPath(path, key), report) : unknownKey(key, shape, path, report)];
  });
  const missing = shape.required.filter((key) => !Object.hasOwn(value, key));
  for (const key of missing) report.error(path, `${path} needs \`${key}\``);
  const fitted = withoutPrototype(known.filter(([, inner]) => inner !== undefined));
  return shape.required.every((key) => Object.hasOwn(fitted, key)) ? fitted : undefined;
}

/** A key `__proto__` is a key like any other. */
function withoutPrototype(entries: readonly (readonly [string, unknown])[]): Values {
  const values: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of entries) values[key] = value;
  return values;
}

function unknownKey(key: string, shape: ObjectShape, path: string, report: Report): undefined {
  const near = nearest(key, Object.keys(shape.fields));
  const where = path === '' ? 'a stack file' : path;
  report.errorAtKey(
    joinPath(path, key),
    `${where} has no attribute \`${key}\``,
    near === undefined ? `it can have ${some(Object.keys(shape.fields))}` : `did you mean \`${near}\`?`,
  );
}

function some(names: readonly string[]): string {
  return names.length > 12
    ? 'the attributes of the Compose Specification; your own begin with x-'
    : names.map((n) => `\`${n}\``).join(', ');
}

function misfit(value: unknown, shape: Shape, path: string, report: Report): undefined {
  const what = path === '' ? 'the file' : path;
  const message = `${what} must be ${describeShape(shape)}, not ${describeValue(value)}`;
  report.error(path, message, misfitHint(value, shape));
}
