/**
 * Single values for the quick reader of YAML: plain, in quotes, or a block of lines.
 */
import { readPlainScalar } from './plain-scalar.ts';
import { lineEnd, nextLine, placeFrom, type QuickText, rare, skipSpaces } from './quick-yaml-text.ts';
import type { Tree } from './tree.ts';
import { warnOfLook } from './warn-of-look.ts';

/** A plain value can not begin with one of these. */
const INDICATORS = new Set([...'-?:,[]{}#&*!|>\'"%@`'].map((letter) => letter.charCodeAt(0)));

/** In `[...]` and `{...}` further letters end it. */
export type PlainPlace = 'block' | 'flow';

/** Index after the plain text that begins here, its last spaces not counted. */
export function plainEnd(reading: QuickText, place: PlainPlace): number {
  const { text, at } = reading;
  const first = text.charCodeAt(at);
  if (INDICATORS.has(first)) {
    if (first !== 45 && first !== 63 && first !== 58) rare();
    if (!isPart(text.charCodeAt(at + 1), place)) rare();
  }
  let end = at;
  for (let i = at; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 10 || (place === 'flow' && isFlowIndicator(code))) break;
    if (code === 58 && !isPart(text.charCodeAt(i + 1), place)) break;
    if (code === 32) {
      if (text.charCodeAt(i + 1) === 35) break;
    } else end = i + 1;
  }
  return end;
}

function isPart(code: number, place: PlainPlace): boolean {
  return !(code === 32 || code === 10 || Number.isNaN(code) || (place === 'flow' && isFlowIndicator(code)));
}

/** `,` `[` `]` `{` `}` */
function isFlowIndicator(code: number): boolean {
  return code === 44 || code === 91 || code === 93 || code === 123 || code === 125;
}

export function readPlain(reading: QuickText, place: PlainPlace): Tree {
  const { text: whole, at } = reading;
  const end = plainEnd(reading, place);
  const text = whole.slice(at, end);
  const value = readPlainScalar(text);
  const where = placeFrom(reading, at, end);
  warnOfLook({ text, value }, (finding) => reading.warnings.push(() => reading.findings.warning(where, finding)));
  reading.at = end;
  return { kind: 'scalar', value, place: where };
}

/** On one line. */
export function readQuoted(reading: QuickText): Tree {
  const start = reading.at;
  const value = quotedText(reading);
  return { kind: 'scalar', value, place: placeFrom(reading, start, reading.at) };
}

/** The text in the quotes that begin here; goes behind them. */
export function quotedText(reading: QuickText): string {
  const { text, at } = reading;
  const stop = lineEnd(reading, at);
  const end = text.charCodeAt(at) === 39 ? singleEnd(text, at + 1) : doubleEnd(text, at + 1);
  if (end < 0 || end >= stop) rare();
  reading.at = end + 1;
  const inner = text.slice(at + 1, end);
  if (text.charCodeAt(at) === 39) return inner.includes("'") ? inner.replaceAll("''", "'") : inner;
  return inner.includes('\\') ? unescaped(inner) : inner;
}

function singleEnd(text: string, from: number): number {
  let end = text.indexOf("'", from);
  while (end >= 0 && text.charCodeAt(end + 1) === 39) end = text.indexOf("'", end + 2);
  return end;
}

function doubleEnd(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 34) return i;
    if (code === 10) return -1;
    if (code === 92) i += 1;
  }
  return -1;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '"': '"', '/': '/', '\\': '\\' };

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, (_, letter: string) => ESCAPES[letter] ?? rare());
}

/** `|` or `>` and the lines below it that are indented more than `outer`. */
export function readBlockText(reading: QuickText, outer: number): Tree {
  const { text, at: start } = reading;
  const place = placeFrom(reading, start, lineEnd(reading, start));
  const folded = text.charCodeAt(start) === 62;
  const keep = text.charCodeAt(start + 1);
  const kept = keep === 45 || keep === 43;
  reading.at = start + (kept ? 2 : 1);
  skipSpaces(reading);
  if (reading.at !== lineEnd(reading, start)) rare();
  const lines = blockLines(reading, outer);
  const used = lines.findLastIndex((line) => line !== '') + 1;
  if (used === 0) rare();
  const body = folded ? foldedText(lines.slice(0, used)) : lines.slice(0, used).join('\n');
  const end = keep === 43 ? '\n'.repeat(lines.length - used + 1) : kept ? '' : '\n';
  return { kind: 'scalar', value: body + end, place };
}

/** Without their indent. Goes to the line after them. */
function blockLines(reading: QuickText, outer: number): string[] {
  const { text } = reading;
  const lines: string[] = [];
  let indent = -1;
  let from = lineEnd(reading, reading.at) + 1;
  for (;;) {
    if (from >= text.length) break;
    const end = lineEnd(reading, from);
    let first = from;
    while (text.charCodeAt(first) === 32) first += 1;
    const empty = first === end;
    if (!empty && indent < 0) indent = first - from;
    if (!empty && (first - from < indent || indent <= outer)) break;
    /* Spaces beyond the indent of an otherwise empty line are text, or wrong before the first one. */
    if (empty && (indent < 0 ? first > from : first - from > indent)) rare();
    lines.push(empty ? '' : text.slice(from + indent, end));
    reading.at = from;
    reading.line += 1;
    reading.lineStart = from;
    from = end + 1;
  }
  if (text.charCodeAt(text.length - 1) !== 10 && from >= text.length) rare();
  nextLine(reading);
  return lines;
}

/** Line ends are spaces, empty lines are line ends; lines that are indented further are rare. */
function foldedText(lines: readonly string[]): string {
  if (lines.some((line) => line.startsWith(' ')) || lines[0] === '') rare();
  let text = lines[0]!;
  let empty = 0;
  for (const line of lines.slice(1)) {
    if (line === '') empty += 1;
    else {
      text += (empty === 0 ? ' ' : '\n'.repeat(empty)) + line;
      empty = 0;
    }
  }
  return text;
}
