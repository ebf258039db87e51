/**
 * Which lines of one container are shown: by expression, by level, and those around them.
 *
 * A line without a level has that of the line before it, so that a stack
 * trace stays with its error.
 */
import { type JsonFields, jsonFields } from './filter-fields.ts';
import { isAtLeast, type Level, levelOf } from './filter-level.ts';
import type { LogText } from './join-parts.ts';

export type LineFilter = {
  /** A line that one of them matches; empty: all. */
  readonly patterns: readonly RegExp[];
  readonly invert: boolean;
  /** Lines shown before and after each that is found. */
  readonly before: number;
  readonly after: number;
  readonly leastLevel: Level | undefined;
};

export type FoundLine = LogText & {
  /** Its place among the container's lines. */
  readonly index: number;
  /** false: it stands near one that was found. */
  readonly found: boolean;
  /** Lines that are not shown lie between it and the one shown before. */
  readonly gap: boolean;
  /** undefined: no line has said one yet. */
  readonly level: Level | undefined;
  readonly fields: JsonFields | undefined;
};

/** Takes line after line of one container; returns those to be shown now. */
export function lineFilter(filter: LineFilter): (line: LogText) => FoundLine[] {
  const waiting: FoundLine[] = [];
  const hasContext = filter.before > 0 || filter.after > 0;
  let level: Level | undefined;
  let index = 0;
  let shown = -1;
  let afterLeft = 0;

  const show = (line: FoundLine): FoundLine => {
    const gap = hasContext && shown >= 0 && line.index > shown + 1;
    shown = line.index;
    return gap ? { ...line, gap } : line;
  };

  return (line) => {
    const text = plainText(line.text);
    const fields = jsonFields(text);
    level = levelOf(text, fields) ?? level;
    const found = isFound(filter, text, level);
    const here: FoundLine = { ...line, index: index++, found, gap: false, level, fields };
    if (found) {
      afterLeft = filter.after;
      return [...waiting.splice(0), here].map(show);
    }
    if (afterLeft > 0) {
      afterLeft -= 1;
      return [show(here)];
    }
    if (filter.before > 0 && waiting.push(here) > filter.before) waiting.shift();
    return [];
  };
}

/** A line that has no level, nor any before it, is as important as one that says info. */
function isFound({ patterns, invert, leastLevel }: LineFilter, text: string, level: Level = 'info'): boolean {
  if (leastLevel && !isAtLeast(level, leastLevel)) return false;
  return patterns.length === 0 || patterns.some((pattern) => pattern.test(text)) !== invert;
}

const ESCAPE = 0x1b;

/** Without the codes for colours, which nobody means when searching. */
function plainText(bytes: Buffer): string {
  const text = bytes.toString();
  return bytes.includes(ESCAPE) ? text.replace(/\x1b\[[\d;:]*[A-Za-z]/g, '') : text;
}
