/**
 * Keeps the records of a piece that lie in a window of time.
 */
import { splitRecords, stampAt, stampOf } from './log-line.ts';

export type TimeWindow = { readonly sinceMs?: number; readonly untilMs?: number };

/** The records of `lines` (whole records) that are not before `sinceMs` and not after `untilMs`. */
export function inWindow(lines: Buffer, { sinceMs, untilMs }: TimeWindow): Buffer {
  if (sinceMs === undefined && untilMs === undefined) return lines;
  const since = sinceStamp(sinceMs);
  const until = untilStamp(untilMs);
  const kept: Buffer[] = [];
  let start = 0;
  let end = 0;
  /* Runs of what is kept: mostly one. */
  for (const record of splitRecords(lines)) {
    const stamp = stampAt(record, 0);
    const after = end + record.length + 1;
    if (stamp < since || stamp > until) {
      if (end > start) kept.push(lines.subarray(start, end));
      start = after;
    }
    end = after;
  }
  if (start === 0) return lines.subarray(0, end);
  return Buffer.concat([...kept, lines.subarray(start, end)]);
}

/** Less than any time when nothing is asked for. */
export function sinceStamp(sinceMs: number | undefined): string {
  return sinceMs === undefined ? '' : stampOf(sinceMs);
}

/** More than any time when nothing is asked for. */
export function untilStamp(untilMs: number | undefined): string {
  return untilMs === undefined ? '~' : stampOf(untilMs);
}
