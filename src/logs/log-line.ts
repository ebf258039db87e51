/**
 * One record of a container's log: `RFC3339Nano stdout|stderr F|P text`, ended by a newline.
 *
 * Kubernetes' CRI format. The executor writes the time with nine digits in
 * UTC, so that times compare as text.
 */

export const STAMP_LENGTH = 30;
/** Of everything before the text. */
export const HEAD_LENGTH = 40;
const NEWLINE = 0x0a;
const FULL = 0x46;
const PART = 0x50;
const SPACE = 0x20;
const COLON = 0x3a;
const DASH = 0x2d;

export type LogLine = {
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  /** false: the line goes on in the next record of this stream. */
  readonly full: boolean;
  readonly text: Buffer;
};

/** Reads one record without its newline; undefined when it is not one. */
export function parseLogLine(line: Buffer): LogLine | undefined {
  const stream = line.toString('latin1', STAMP_LENGTH + 1, STAMP_LENGTH + 7);
  if (stream !== 'stdout' && stream !== 'stderr') return undefined;
  const time = line.toString('latin1', 0, STAMP_LENGTH);
  return { time, stream, full: isFull(line, 0), text: line.subarray(STAMP_LENGTH + 10) };
}

/** Whether the bytes at `start` can be the beginning of a record: everything at a fixed place is there. */
export function isRecord(bytes: Buffer, start: number): boolean {
  const flag = bytes[start + 38];
  return (
    (flag === FULL || flag === PART) &&
    bytes[start + 39] === SPACE &&
    bytes[start + 37] === SPACE &&
    bytes[start + 30] === SPACE &&
    bytes[start + 29] === 0x5a &&
    bytes[start + 10] === 0x54 &&
    bytes[start + 4] === DASH &&
    bytes[start + 7] === DASH &&
    bytes[start + 13] === COLON &&
    bytes[start + 16] === COLON &&
    bytes[start + 31] === 0x73 &&
    bytes[start + 32] === 0x74 &&
    bytes[start + 33] === 0x64
  );
}

/** Whether the record that begins at `start` ends a line. */
export function isFull(bytes: Buffer, start: number): boolean {
  return bytes[start + STAMP_LENGTH + 8] === FULL;
}

/** The time of the record that begins at `start`, as text. */
export function stampAt(bytes: Buffer, start: number): string {
  return bytes.toString('latin1', start, start + STAMP_LENGTH);
}

/** Time in milliseconds since 1970 in the form that records carry. */
export function stampOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -1)}000000Z`;
}

/** A record of berth's own, for the reader of the log: something is missing here. */
export function markRecord(stamp: string, text: string): Buffer {
  return Buffer.from(`${stamp} stderr F [berth: ${text}]\n`);
}

/** Length of the whole records at the start of `bytes`. */
export function wholeRecords(bytes: Buffer): number {
  return bytes.lastIndexOf(NEWLINE) + 1;
}

/** The records of a text of whole records. */
export function* splitRecords(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, start);
    if (end < 0) return;
    yield bytes.subarray(start, end);
    start = end + 1;
  }
}
