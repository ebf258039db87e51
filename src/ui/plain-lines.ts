/**
 * The quick way of a log to a pipe or a file: bytes from one buffer to another, no text made of them.
 */
import { isFull, STAMP_LENGTH } from '../logs/log-line.ts';

const HEAD_LENGTH = STAMP_LENGTH + 10;
const NEWLINE = 0x0a;

/** Whole records as lines behind `prefix`; undefined when one of them is not a whole line, or is no record. */
export function plainLines(records: Buffer, prefix: Buffer, timestamps: boolean): Buffer | undefined {
  const head = prefix.length + (timestamps ? STAMP_LENGTH + 1 : 0);
  /* A record is at least its head and a newline. */
  const growth = Math.max(1, (head + 1) / (HEAD_LENGTH + 1));
  const out = Buffer.allocUnsafe(Math.ceil(records.length * growth));
  let length = 0;
  for (let start = 0; start < records.length; ) {
    const end = records.indexOf(NEWLINE, start);
    if (end < start + HEAD_LENGTH || !isFull(records, start)) return undefined;
    if (prefix.length > 0) length += prefix.copy(out, length);
    if (timestamps) length += records.copy(out, length, start, start + STAMP_LENGTH + 1);
    length += records.copy(out, length, start + HEAD_LENGTH, end + 1);
    start = end + 1;
  }
  return out.subarray(0, length);
}
