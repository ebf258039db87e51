/**
 * Keeps the records of a piece that lie in a window of time.
 */
import { splitRecords, stampAt, stampOf } from './log-line.ts';

export type TimeWindow = { readonly sinceMs?: number; readonly untilMs?: number };

/** The part of `lines` (whole records, in order) that is not before `sinceMs` and not after `untilMs`. */
export function inWindow(lines: Buffer, { sinceMs, untilMs }: TimeWindow): Buffer {
  const since = sinceMs === undefined ? '' : stampOf(sinceMs);
  const until = untilMs === undefined ? '~' : stampOf(untilMs);
  let start = 0;
  let end = 0;
  for (const record of splitRecords(lines)) {
    const stamp = stampAt(record, 0);
    if (stamp > until) break;
    end += record.length + 1;
    if (stamp < since) start = end;
  }
  return lines.subarray(start, end);
}
