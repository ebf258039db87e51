/**
 * A value against its shape: everything that does not fit, each at its place.
 */
import { nearest } from '../base/nearest.ts';
import type { Report } from './findings.ts';
import type { Shape } from './shape.ts';
import { joinPath } from './tree.ts';

/** Reports all misfits below `path`; true when there were none. */
export function validate(value: unknown, shape: Shape, path: string, report: Report): boolean {
  switch (shape.kind) {
    case 'anything':
      return true;
    case 'unsupported':
      report.errorAtKey(path, `${path} is not supported by berth`, shape.hint);
      return false;
    case 'nothing':
    case 'text':
    case 'number':
    case 'boolean':
      return validateScalar(value, shape, path, report);
    case 'list':
      if (!Array.isArray(value)) return misfit(value, shape, path, report);
      return value.map((item, index) => validate(item, shape.of, `${path}[${index}]`, report)).every(Boolean);
    case 'map':
    case 'object':
      return isMap(value) ? validateMap(value, shape, path, report) : misfit(value, shape, path, report);
    case 'either':
      return validateEither(value, shape.shapes, path, report);
  }
}

function validateEither(value: unknown, shapes: readonly Shape[], path: string, report: Report): boolean {
  const candidates = shapes.filter((shape) => takesKind(shape, value));
  if (candidates.some((shape) => validate(value, shape, path, SILENT))) return true;
  const [only] = candidates;
  if (only && candidates.length === 1) return validate(value, only, path, report);
  const wanted = [...new Set(shapes.filter((s) => s.kind !== 'nothing').map(describe))].join(', or ');
  report.error(path, `${path} must be ${wanted}, not ${describeValue(value)}`);
  return false;
}

const SILENT: Report = { error() {}, errorAtKey() {}, warning() {} };

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
    case 'unsupported':
      return true;
    default:
      return value !== null && typeof value !== 'object';
  }
}

type ScalarShape = Extract<Shape, { kind: 'text' | 'number' | 'boolean' | 'nothing' }>;

function validateScalar(value: unknown, shape: ScalarShape, path: string, report: Report): boolean {
  if (!fits(value, shape)) return misfit(value, shape, path, report);
  if (shape.kind === 'text' && shape.words && !shape.words.includes(String(value))) {
    const near = nearest(String(value), shape.words);
    report.error(path, `${path} must be ${describe(shape)}, not "${String(value)}"`, near && `did you mean ${near}?`);
    return false;
  }
  if (shape.kind === 'number' && shape.least !== undefined && Number(value) < shape.least) {
    report.error(path, `${path} must be at least ${shape.least}, not ${String(value)}`);
    return false;
  }
  return true;
}

function fits(value: unknown, shape: ScalarShape): boolean {
  switch (shape.kind) {
    case 'nothing':
      return value === null;
    case 'boolean':
      return typeof value === 'boolean' || value === 'true' || value === 'false';
    case 'number':
      return isNumber(value) && (!shape.whole || Number.isInteger(Number(value)));
    case 'text':
      if (shape.words) return typeof value === 'string' || typeof value === 'boolean';
      if (shape.pattern)
        return (typeof value === 'string' || typeof value === 'number') && shape.pattern.test(String(value));
      return typeof value === 'string' || typeof value === 'number';
  }
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value));
}

type MapShape = Extract<Shape, { kind: 'map' | 'object' }>;

function validateMap(value: Readonly<Record<string, unknown>>, shape: MapShape, path: string, report: Report): boolean {
  if (shape.kind === 'map') {
    return Object.entries(value)
      .map(([key, inner]) => validate(inner, shape.of, joinPath(path, key), report))
      .every(Boolean);
  }
  const known = Object.entries(value).map(([key, inner]) => {
    if (key.startsWith('x-')) return true;
    const field = Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
    return field ? validate(inner, field, joinPath(path, key), report) : unknownKey(key, shape, path, report);
  });
  const missing = shape.required.filter((key) => !Object.hasOwn(value, key));
  for (const key of missing) report.error(path, `${path} needs \`${key}\``);
  return known.every(Boolean) && missing.length === 0;
}

function unknownKey(key: string, shape: Extract<Shape, { kind: 'object' }>, path: string, report: Report): boolean {
  const near = nearest(
    key,
    Object.keys(shape.fields).filter((name) => shape.fields[name]?.kind !== 'unsupported'),
  );
  const where = path === '' ? 'a stack file' : path;
  report.errorAtKey(
    joinPath(path, key),
    `${where} has no attribute \`${key}\``,
    near === undefined ? `it can have ${some(Object.keys(shape.fields))}` : `did you mean \`${near}\`?`,
  );
  return false;
}

function some(names: readonly string[]): string {
  return names.length > 12
    ? 'the attributes of the Compose Specification; your own begin with x-'
    : names.map((n) => `\`${n}\``).join(', ');
}

function misfit(value: unknown, shape: Shape, path: string, report: Report): boolean {
  report.error(
    path,
    `${path === '' ? 'the file' : path} must be ${describe(shape)}, not ${describeValue(value)}`,
    misfitHint(value, shape),
  );
  return false;
}

function misfitHint(value: unknown, shape: Shape): string | undefined {
  if (shape.kind === 'list' && (typeof value === 'string' || typeof value === 'number'))
    return `write it as a list: [${JSON.stringify(value)}]`;
  return undefined;
}

export function describe(shape: Shape): string {
  switch (shape.kind) {
    case 'text':
      return shape.form ?? (shape.words ? `one of ${shape.words.join(', ')}` : 'text');
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
      return [...new Set(shape.shapes.filter((s) => s.kind !== 'nothing').map(describe))].join(' or ');
    case 'nothing':
      return 'empty';
    default:
      return 'anything';
  }
}

function describeValue(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return typeof value === 'string'
    ? `the text ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value)}`
    : `${String(value)}`;
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
