/**
 * The part of Go's templates that people put behind `--format`.
 *
 * Fields (`{{.Name}}`, `{{.State.Status}}`), `{{.}}`, and json, upper, lower,
 * len, join, index and `.Label "key"` on them. Everything else, control flow
 * above all, is refused by name rather than printed wrongly.
 */
import { BerthError } from '../base/errors.ts';

export type Template = (value: unknown) => string;

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly words: readonly Word[] };

type Word =
  | { readonly kind: 'field'; readonly path: readonly string[] }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'value'; readonly value: string | number };

/** A function that fills the template in; USAGE for what is not understood and for fields that are not there. */
export function parseTemplate(text: string): Template {
  const parts = partsOf(text);
  return (value) =>
    parts.map((part) => (part.kind === 'text' ? part.text : printValue(evaluate(part.words, value)))).join('');
}

/** Names of the first fields of each action, in order: what the columns of a table are called by. */
export function templateFields(text: string): string[] {
  return partsOf(text).flatMap((part) => {
    if (part.kind === 'text') return [];
    const field = part.words.find((word) => word.kind === 'field');
    return [field?.path[0] ?? ''];
  });
}

function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let rest = text.replaceAll('\\t', '\t').replaceAll('\\n', '\n');
  for (;;) {
    const open = rest.indexOf('{{');
    if (open < 0) break;
    const close = rest.indexOf('}}', open);
    if (close < 0) throw refused(`a {{ without its }} in ${JSON.stringify(text)}`);
    let before = rest.slice(0, open);
    let action = rest.slice(open + 2, close);
    rest = rest.slice(close + 2);
    if (/^-\s/.test(action)) [before, action] = [before.trimEnd(), action.slice(1)];
    if (/\s-$/.test(action)) [action, rest] = [action.slice(0, -1), rest.trimStart()];
    parts.push({ kind: 'text', text: before });
    const body = action.trim();
    if (!/^\/\*.*\*\/$/s.test(body)) parts.push({ kind: 'action', words: wordsOf(body) });
  }
  return [...parts, { kind: 'text', text: rest }];
}

function wordsOf(action: string): Word[] {
  const words: Word[] = [];
  const pattern = /\s*(?:("(?:[^"\\]|\\.)*")|`([^`]*)`|(-?\d+)|(\.[\w.-]*)|([A-Za-z]\w*)|(\S))/gy;
  for (const [, quoted, raw, number, field, name, other] of action.matchAll(pattern)) {
    if (other !== undefined) throw refused(`\`${other}\` in {{${action}}}`);
    if (quoted !== undefined) words.push({ kind: 'value', value: JSON.parse(quoted) as string });
    else if (raw !== undefined) words.push({ kind: 'value', value: raw });
    else if (number !== undefined) words.push({ kind: 'value', value: Number(number) });
    else if (field !== undefined) words.push({ kind: 'field', path: field.split('.').filter((key) => key !== '') });
    else words.push({ kind: 'name', name: name! });
  }
  if (words.length === 0) throw refused('an empty {{}}');
  refuseUnknown(action, words);
  return words;
}

const FUNCTIONS: Readonly<Record<string, (args: readonly unknown[]) => unknown>> = {
  json: ([value]) => JSON.stringify(value ?? null),
  upper: ([value]) => printValue(value).toUpperCase(),
  lower: ([value]) => printValue(value).toLowerCase(),
  title: ([value]) => printValue(value).replace(/\b[a-z]/g, (letter) => letter.toUpperCase()),
  len: ([value]) =>
    typeof value === 'string' || Array.isArray(value) ? value.length : Object.keys(value ?? {}).length,
  join: ([value, separator]) => (Array.isArray(value) ? value.map(printValue).join(String(separator ?? '')) : value),
  split: ([value, separator]) => printValue(value).split(String(separator ?? '')),
  index: ([value, ...keys]) => keys.reduce((inner: unknown, key) => keyOf(inner, String(key)), value),
  println: (values) => `${values.map(printValue).join(' ')}\n`,
};

function refuseUnknown(action: string, words: readonly Word[]): void {
  const [first, ...others] = words;
  const name = [first, ...others].find((word) => word?.kind === 'name');
  if (name?.kind !== 'name') return;
  if (name !== first || !Object.hasOwn(FUNCTIONS, name.name)) throw refused(`\`${name.name}\` in {{${action}}}`);
}

function refused(what: string): BerthError {
  return new BerthError('USAGE', `--format: ${what} is not understood`, {
    hint: `fields like {{.Name}}, {{json .}} and ${Object.keys(FUNCTIONS).slice(1).join(', ')} are; for more use --json with jq`,
  });
}

function evaluate(words: readonly Word[], value: unknown): unknown {
  const [first, ...rest] = words;
  const args = rest.map((word) => argumentOf(word, value));
  if (first?.kind === 'name') return FUNCTIONS[first.name]!(args);
  /* docker's list rows have .Label "key" as a method. */
  if (first?.kind === 'field' && first.path.join('.') === 'Label' && args.length === 1)
    return labelOf(value, String(args[0]));
  if (args.length > 0) throw refused('a field with arguments');
  return argumentOf(first!, value);
}

function argumentOf(word: Word, value: unknown): unknown {
  if (word.kind === 'value') return word.value;
  if (word.kind === 'name') throw refused(`\`${word.name}\``);
  return word.path.reduce(
    (inner: unknown, key, depth) => (depth === 0 ? topField(inner, key) : keyOf(inner, key)),
    value,
  );
}

function topField(value: unknown, key: string): unknown {
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, key))
    return (value as Record<string, unknown>)[key];
  const known = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  throw new BerthError('USAGE', `--format: there is no field .${key}`, { hint: `there are ${known.join(', ')}` });
}

function keyOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return NO_VALUE;
  return (value as Record<string, unknown>)[key];
}

const NO_VALUE = '<no value>';

function labelOf(row: unknown, key: string): string {
  const labels = topField(row, 'Labels');
  if (typeof labels !== 'string') return printValue(keyOf(labels, key));
  const found = labels.split(',').find((label) => label.startsWith(`${key}=`));
  return found?.slice(key.length + 1) ?? '';
}

/** As Go prints values. */
function printValue(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(printValue).join(' ')}]`;
  if (typeof value !== 'object') return String(value);
  const entries = Object.entries(value).map(([key, inner]) => `${key}:${printValue(inner)}`);
  return `map[${entries.sort().join(' ')}]`;
}
