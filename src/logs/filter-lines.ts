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
  /** Lines are asked for with their level and fields, which costs time. */
  readonly describes: boolean;
};

export type FoundLine = LogText & {
  /** Its place among the container's lines. */
  readonly index: number;
  /** false: it stands near one that was found. */
  readonly found: boolean;
  /** Lines that are not shown lie between it and the one shown before. */
  readonly gap: boolean;
  /** undefined: no line has said one yet, or nobody asked. */
  readonly level: Level | undefined;
  readonly fields: JsonFields | undefined;
};

/** Takes line after line of one container; returns those to be shown now. */
export function lineFilter(filter: LineFilter): (line: LogText) => readonly FoundLine[] {
  const waiting: FoundLine[] = [];
  const hasLevel = filter.describes || filter.leastLevel !== undefined;
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
    const fields = hasLevel ? jsonFields(text) : undefined;
    if (hasLevel) level = levelOf(text, fields) ?? level;
    const found = isFound(filter, text, level);
    const at = index++;
    const isShown = found || afterLeft > 0;
    if (!isShown && filter.before === 0) return NONE;
    const { time, stream, begins, ends } = line;
    const here = { time, stream, text: line.text, begins, ends, index: at, found, gap: false, level, fields };
    if (!isShown) {
      if (waiting.push(here) > filter.before) waiting.shift();
      return NONE;
    }
    afterLeft = found ? filter.after : afterLeft - 1;
    if (!found) return [show(here)];
    return waiting.length === 0 ? [show(here)] : [...waiting.splice(0), here].map(show);
  };
}

const NONE: readonly FoundLine[] = [];

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
