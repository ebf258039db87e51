/**
 * A table for a window that it may be too wide for.
 *
 * The last column is broken at its commas; then the columns that are least
 * missed are left out; at last each row becomes a paragraph.
 */
import { tableLines } from './print-table.ts';

export type TableFit = {
  /** undefined: as wide as it gets. */
  readonly width: number | undefined;
  /** Headings of what may be left out, the first one first. */
  readonly least: readonly string[];
};

type Rows = readonly (readonly string[])[];

export function fittedLines(headings: readonly string[], rows: Rows, { width, least }: TableFit): string[] {
  const whole = tableLines(headings, rows);
  if (width === undefined || isWithin(whole, width)) return whole;
  for (let left = 0; left <= least.length; left++) {
    const out = new Set(least.slice(0, left));
    const lines = brokenLines(...withoutColumns(headings, rows, out));
    if (isWithin(lines, width)) return lines;
  }
  return rows.flatMap((row) => paragraph(...withoutColumns(headings, [row], new Set(least))));
}

function isWithin(lines: readonly string[], width: number): boolean {
  return lines.every((line) => line.length <= width);
}

function withoutColumns(headings: readonly string[], rows: Rows, out: ReadonlySet<string>): [readonly string[], Rows] {
  const stays = (_: string, column: number) => !out.has(headings[column]!);
  return [headings.filter(stays), rows.map((row) => row.filter(stays))];
}

function brokenLines(headings: readonly string[], rows: Rows): string[] {
  const broken = rows.flatMap((row) => {
    const [first = '', ...others] = (row.at(-1) ?? '').split(/(?<=,) /);
    const blank = row.slice(0, -1).map(() => '');
    return [[...row.slice(0, -1), first], ...others.map((part) => [...blank, part])];
  });
  return tableLines(headings, broken);
}

function paragraph(_: readonly string[], [row = []]: Rows): string[] {
  const [first = '', ...others] = row;
  const parts = others.flatMap((cell) => cell.split(/(?<=,) /)).filter((part) => part !== '');
  return [first, ...parts.map((part) => `  ${part}`)];
}
