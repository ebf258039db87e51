/**
 * Files of variables: `.env`, `--env-file`, `env_file`.
 *
 * Pure. KEY=VALUE a line; `export`, comments, single quotes (as they are),
 * double quotes (escapes and variables), several lines in quotes. A key alone
 * takes the value of the caller's environment. Compose's dotenv rules.
 */
import { interpolate, type Variables } from './interpolate.ts';

export type DotenvFault = { readonly line: number; readonly message: string };

/** `line` is where it begins. */
export type DotenvEntry = { readonly key: string; readonly value: string; readonly line: number };

export type Dotenv = {
  readonly variables: Readonly<Record<string, string>>;
  /** The same, with their lines; of a key that is there twice, the last one. */
  readonly entries: readonly DotenvEntry[];
  readonly faults: readonly DotenvFault[];
};

const LINE = /^\s*(?:export\s+)?([\w.[\]-]+)\s*(?:([=:])\s?|$)/;

export function parseDotenv(text: string, outer: Variables): Dotenv {
  const variables: Record<string, string> = Object.create(null) as Record<string, string>;
  const lines = new Map<string, number>();
  const set = (key: string, value: string) => {
    variables[key] = value;
    lines.set(key, line);
  };
  const faults: DotenvFault[] = [];
  const source = text.replace(/^\u{feff}/u, '').replaceAll('\r\n', '\n');
  let line = 1;
  for (let at = 0; at < source.length; ) {
    const begin = at;
    const end = endOfLine(source, at);
    const content = source.slice(at, end);
    const match = LINE.exec(content);
    if (/^\s*(#|$)/.test(content)) at = end + 1;
    else if (!match) {
      faults.push({ line, message: `"${content.trim().slice(0, 40)}" is no KEY=VALUE` });
      at = end + 1;
    } else {
      const [taken = '', name = '', separator] = match;
      const start = at + taken.length;
      if (separator === undefined) {
        const value = outer[name];
        if (value !== undefined) set(name, value);
        at = end + 1;
      } else {
        const value = readValue(source, skipBlanks(source, start));
        if (value.kind === 'unclosed') faults.push({ line, message: `the quote of ${name} is not closed` });
        else
          set(
            name,
            value.expand && value.text.includes('$') ? expanded(value.text, { ...variables, ...outer }) : value.text,
          );
        at = value.kind === 'unclosed' ? end + 1 : endOfLine(source, value.end) + 1;
      }
    }
    line += countLines(source, begin, at);
  }
  const entries = [...lines].map(([key, at]) => ({ key, value: variables[key]!, line: at }));
  return { variables, entries, faults };
}

/** KEY=VALUE a line, the value as it is; comments and lines without `=` are left out. */
export function parseRaw(text: string): DotenvEntry[] {
  return text
    .replace(/^\u{feff}/u, '')
    .split(/\r?\n/)
    .flatMap((content, index) => {
      const [, key, value] = /^\s*([^#=\s][^=]*?)\s*=(.*)$/.exec(content) ?? [];
      return key === undefined ? [] : [{ key, value: value!, line: index + 1 }];
    });
}

type Value =
  | { readonly kind: 'value'; readonly text: string; readonly end: number; readonly expand: boolean }
  | { readonly kind: 'unclosed'; readonly end: number; readonly text: ''; readonly expand: false };

function readValue(source: string, start: number): Value {
  const quote = source[start];
  if (quote === "'" || quote === '"') {
    const end = closingQuote(source, start, quote);
    if (end < 0) return { kind: 'unclosed', end: start, text: '', expand: false };
    const inner = source.slice(start + 1, end);
    const text = quote === '"' ? withoutEscapes(inner) : inner.replaceAll("\\'", "'");
    return { kind: 'value', text, end, expand: quote === '"' };
  }
  const end = endOfLine(source, start);
  const text = source
    .slice(start, end)
    .replace(/(^|\s+)#.*$/, '')
    .trim();
  return { kind: 'value', text, end, expand: true };
}

function closingQuote(source: string, start: number, quote: string): number {
  for (let at = start + 1; at < source.length; at++) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === quote) return at;
  }
  return -1;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', $: '$$' };

function withoutEscapes(text: string): string {
  return text.replace(/\\(?:0([0-7]{1,3})|(.))/gs, (whole, octal: string | undefined, letter: string) =>
    octal === undefined ? (ESCAPES[letter] ?? whole) : withoutMeaning(String.fromCharCode(Number.parseInt(octal, 8))),
  );
}

/** A dollar that was escaped names no variable. */
function withoutMeaning(letter: string): string {
  return letter === '$' ? '$$' : letter;
}

function expanded(text: string, variables: Variables): string {
  const result = interpolate(text, variables);
  return result.kind === 'text' ? result.text : text;
}

function skipBlanks(source: string, at: number): number {
  let next = at;
  while (source[next] === ' ' || source[next] === '\t') next += 1;
  return next;
}

function endOfLine(source: string, at: number): number {
  const end = source.indexOf('\n', at);
  return end < 0 ? source.length : end;
}

function countLines(source: string, from: number, to: number): number {
  let lines = 0;
  for (let at = source.indexOf('\n', from); at >= 0 && at < to; at = source.indexOf('\n', at + 1)) lines += 1;
  return lines;
}
