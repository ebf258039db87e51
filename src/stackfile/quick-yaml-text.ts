/**
 * Where the quick reader of YAML is in its text: lines, indents, comments, places, and the way out of it.
 */
import type { Findings } from './findings.ts';
import type { Place, Tree } from './tree.ts';

/** Not an error: a complete parser has to read this. */
export class RareYaml extends Error {}

/** No parser is to take it on. */
export class TooManyValues extends Error {}

const RARE = new RareYaml('not read by the quick way');

export function rare(): never {
  throw RARE;
}

/** Of a file's values, those that aliases repeat with them. */
export const MAX_NODES = 100_000;
/** Beyond it the complete parser says what is wrong. */
const MAX_DEPTH = 100;

export type QuickText = {
  readonly text: string;
  readonly file: string;
  readonly findings: Findings;
  /** What is told once all has been read. */
  readonly warnings: (() => void)[];
  /** What each anchor stands for, and how many values that is; no tree yet while it is read. */
  readonly anchors: Map<string, { tree?: Tree; size: number }>;
  /** The end of the line that `from` is in. */
  readonly known: { from: number; end: number };
  at: number;
  line: number;
  lineStart: number;
  /** Of the line that `at` is in; -1 at the end of the text. */
  indent: number;
  nodes: number;
};

/** Tabs, other line ends and control characters have rules of their own. */
const UNUSUAL = /[^\n -~\u00a0-\ufefe\uff00-\uffff]/;

/** At the first line that says something. */
export function startText(text: string, file: string, findings: Findings): QuickText {
  if (UNUSUAL.test(text)) rare();
  const start = { at: 0, line: 1, lineStart: 0, indent: 0, nodes: 0 };
  const known = { from: 0, end: -1 };
  const reading: QuickText = { text, file, findings, warnings: [], anchors: new Map(), known, ...start };
  skipEmptyLines(reading);
  if (reading.indent === 0 && text.startsWith('---', reading.at)) {
    reading.at += 3;
    endLine(reading);
  }
  if (reading.indent < 0) rare();
  return reading;
}

export function countNode(reading: QuickText, depth: number): void {
  reading.nodes += 1;
  if (depth > MAX_DEPTH) rare();
  if (reading.nodes > MAX_NODES) throw new TooManyValues();
}

/** From `start` to `end`, or to the end of its line; the line is the one that is read. */
export function placeFrom({ file, line, lineStart }: QuickText, start: number, end: number): Place {
  return { file, line, col: start - lineStart + 1, width: Math.max(1, end - start) };
}

/** Looked up once for each line, since a line may be the whole text. */
export function lineEnd(reading: QuickText, from: number): number {
  const { known } = reading;
  if (from < known.from || from > known.end) {
    const end = reading.text.indexOf('\n', from);
    known.from = from;
    known.end = end < 0 ? reading.text.length : end;
  }
  return known.end;
}

export function skipSpaces(reading: QuickText): void {
  const { text } = reading;
  let { at } = reading;
  while (text.charCodeAt(at) === 32) at += 1;
  reading.at = at;
}

/** After a value: nothing but a comment may be left on its line. Goes to the next line that says something. */
export function endLine(reading: QuickText): void {
  const before = reading.at;
  if (!isLineEnd(reading) || (reading.text.charCodeAt(reading.at) === 35 && reading.at === before)) rare();
  nextLine(reading);
}

/** Whether nothing but a comment is left, after spaces. */
export function isLineEnd(reading: QuickText): boolean {
  skipSpaces(reading);
  const code = reading.text.charCodeAt(reading.at);
  return code === 10 || code === 35 || Number.isNaN(code);
}

/** Over empty lines and those that are comments. */
export function nextLine(reading: QuickText): void {
  if (leaveLine(reading)) skipEmptyLines(reading);
}

/** To the beginning of the line below; false at the end of the text. */
function leaveLine(reading: QuickText): boolean {
  reading.at = lineEnd(reading, reading.at);
  if (reading.at >= reading.text.length) {
    reading.indent = -1;
    return false;
  }
  reading.at += 1;
  reading.line += 1;
  reading.lineStart = reading.at;
  return true;
}

function skipEmptyLines(reading: QuickText): void {
  while (isLineEnd(reading)) if (!leaveLine(reading)) return;
  reading.indent = reading.at - reading.lineStart;
  if (reading.indent === 0 && isMarker(reading)) rare();
}

/** `---`, `...` and `%` at the beginning of a line part documents. */
function isMarker({ text, at, nodes }: QuickText): boolean {
  const code = text.charCodeAt(at);
  if (code === 37) return true;
  if (code !== 45 && code !== 46) return false;
  return text.startsWith('...', at) || (nodes > 0 && text.startsWith('---', at));
}
