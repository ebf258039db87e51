/**
 * Plain values -> YAML as `berth config` prints it.
 *
 * The text is the yaml package's to the letter; what is common (maps, lists,
 * words, numbers) is written here, since that takes a tenth of the time.
 */
import { stringify } from 'yaml';

export function printYaml(value: unknown): string {
  const lines: string[] = [];
  return isFilled(value) && addBlock(lines, value, '', '') ? `${lines.join('\n')}\n` : byPackage(value);
}

function byPackage(value: unknown): string {
  return stringify(value, {
    lineWidth: 0,
    aliasDuplicateObjects: false,
    singleQuote: false,
    defaultStringType: 'PLAIN',
    /* Other readers take a bare `no` for false. */
    compat: 'yaml-1.1',
  });
}

type Filled = Readonly<Record<string, unknown>> | readonly unknown[];

/** A map or a list that has something in it. */
function isFilled(value: unknown): value is Filled {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) ? value.length > 0 : Object.keys(value).length > 0;
}

/** `first` is what the first line begins with; false when a key is too odd for a line of its own. */
function addBlock(lines: string[], value: Filled, indent: string, first: string): boolean {
  if (Array.isArray(value)) return value.every((item, i) => addItem(lines, item, indent, i === 0 ? first : indent));
  return Object.entries(value).every(([key, inner], i) =>
    addPair(lines, { key, value: inner }, indent, i === 0 ? first : indent),
  );
}

function addItem(lines: string[], item: unknown, indent: string, start: string): boolean {
  if (isFilled(item)) return addBlock(lines, item, `${indent}  `, `${start}- `);
  lines.push(`${start}- ${single(item) ?? further(byPackage([item]).slice(2), indent)}`);
  return true;
}

type Pair = { readonly key: string; readonly value: unknown };

function addPair(lines: string[], { key, value }: Pair, indent: string, start: string): boolean {
  const name = SAFE.test(key) && !WORDS.test(key) ? key : oddKey(key);
  if (name === undefined) return false;
  if (isFilled(value)) {
    const inner = `${indent}  `;
    lines.push(`${start}${name}:`);
    return addBlock(lines, value, inner, inner);
  }
  lines.push(`${start}${name}: ${single(value) ?? further(byPackage({ k: value }).slice(3), indent)}`);
  return true;
}

/** In quotes; undefined when it takes more than a line. */
function oddKey(key: string): string | undefined {
  const text = byPackage({ [key]: 0 });
  return text.startsWith('?') || !text.endsWith(': 0\n') ? undefined : text.slice(0, -4);
}

/** Begins with a letter or a slash, and holds nothing that means something in YAML. */
const SAFE = /^[A-Za-z_/][\w./@+=-]*(?:[: ,][\w./@+=-]+)*$/;
/** What YAML 1.1 takes for something else than text. */
const WORDS = /^(?:y|n|yes|no|on|off|true|false|null)$/i;
const DIGITS = /^(?:0|[1-9]\d{0,14})$/;

/** On one line; undefined for the package to say how. */
function single(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      if (DIGITS.test(value)) return `"${value}"`;
      return value.length < 200 && SAFE.test(value) && !WORDS.test(value) ? value : undefined;
    case 'boolean':
      return String(value);
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : undefined;
    default:
      if (value === null) return 'null';
      return Array.isArray(value) ? '[]' : typeof value === 'object' ? '{}' : undefined;
  }
}

/** Further lines are indented as far as what they belong to. */
function further(text: string, indent: string): string {
  return text.slice(0, -1).replace(/\n(?!\n|$)/g, `\n${indent}`);
}
