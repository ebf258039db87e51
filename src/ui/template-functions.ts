/**
 * The functions of Go templates and those that docker adds; how Go prints values.
 */
import { refusedTemplate } from './template-tokens.ts';

type TemplateFunction = (args: readonly unknown[]) => unknown;

const NO_VALUE = '<no value>';

/** An own key of an object or a list; what Go prints where there is none. */
export function keyOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return NO_VALUE;
  return (value as Record<string, unknown>)[key];
}

/** As Go sees it: false, 0, nil, and what is empty, are false. */
export function isTrue(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value) && value !== NO_VALUE;
}

/** As Go prints values. */
export function printValue(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(printValue).join(' ')}]`;
  if (typeof value !== 'object') return String(value);
  const entries = Object.entries(value).map(([key, inner]) => `${key}:${printValue(inner)}`);
  return `map[${entries.sort().join(' ')}]`;
}

export const TEMPLATE_FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  and: (values) => values.find((value) => !isTrue(value)) ?? values.at(-1),
  or: (values) => values.find(isTrue) ?? values.at(-1),
  not: ([value]) => !isTrue(value),
  eq: ([first, ...others]) => others.some((other) => isEqual(first, other)),
  ne: ([a, b]) => !isEqual(a, b),
  lt: ([a, b]) => compare(a, b) < 0,
  le: ([a, b]) => compare(a, b) <= 0,
  gt: ([a, b]) => compare(a, b) > 0,
  ge: ([a, b]) => compare(a, b) >= 0,
  len: ([value]) =>
    typeof value === 'string' || Array.isArray(value) ? value.length : Object.keys(value ?? {}).length,
  index: ([value, ...keys]) => keys.reduce((inner: unknown, key) => keyOf(inner, String(key)), value),
  slice: ([value, from, to]) =>
    (typeof value === 'string' || Array.isArray(value) ? value : []).slice(Number(from ?? 0), to as number | undefined),
  print: (values) => values.map(printValue).join(''),
  println: (values) => `${values.map(printValue).join(' ')}\n`,
  printf: ([format, ...values]) => formatted(printValue(format), values),
  json: ([value]) => JSON.stringify(value ?? null),
  upper: ([value]) => printValue(value).toUpperCase(),
  lower: ([value]) => printValue(value).toLowerCase(),
  title: ([value]) => printValue(value).replace(/\b[a-z]/g, (letter) => letter.toUpperCase()),
  join: ([value, separator]) => (Array.isArray(value) ? value.map(printValue).join(String(separator ?? '')) : value),
  split: ([value, separator]) => printValue(value).split(String(separator ?? '')),
  pad: ([value, before, after]) => `${' '.repeat(Number(before))}${printValue(value)}${' '.repeat(Number(after))}`,
  truncate: ([value, length]) => printValue(value).slice(0, Number(length)),
};

function isEqual(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b));
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return printValue(a) < printValue(b) ? -1 : printValue(a) > printValue(b) ? 1 : 0;
}

/** %s, %v, %d, %q, %t and %% with a width, as in `%-20s`. */
function formatted(format: string, values: readonly unknown[]): string {
  const rest = [...values];
  return format.replace(/%([-0]?)(\d*)(.)/g, (whole, flag: string, width: string, verb: string) => {
    if (verb === '%') return '%';
    if (!'svdqt'.includes(verb)) throw refusedTemplate(`\`${whole}\` of printf`);
    if (rest.length === 0) return `%!${verb}(MISSING)`;
    const value = rest.shift();
    const text = verb === 'q' ? JSON.stringify(printValue(value)) : printValue(value);
    if (flag === '-') return text.padEnd(Number(width));
    return text.padStart(Number(width), flag === '0' ? '0' : ' ');
  });
}
