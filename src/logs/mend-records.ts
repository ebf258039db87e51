/**
 * Bytes of a log file -> records, whatever has happened to the file.
 *
 * What is no record (zeros after a power cut, half a line, another program's
 * text) is left out, and one record of berth's own in its place says how much
 * was lost. Sound bytes go through as they are, without a copy.
 */
import { HEAD_LENGTH, isRecord, markRecord, STAMP_LENGTH, stampAt, stampOf } from './log-line.ts';

const NEWLINE = 0x0a;

export type Mender = {
  /** The records among whole lines. */
  mend(lines: Buffer): Buffer;
  /** How many bytes of a block without any newline can be passed over; a record may begin after them. */
  skip(block: Buffer): number;
  /** What is to be said at the end of a file: the half record it ends with, and what is damaged before. */
  end(rest: Buffer, atMs: number): Buffer;
  /** Somebody has made the file shorter. */
  cut(atMs: number): Buffer;
  /** Time of the last record that was given out. */
  lastStamp(): string | undefined;
};

export function mender(): Mender {
  let last: string | undefined;
  let damaged = 0;

  const mark = (stamp: string): Buffer[] => {
    if (damaged === 0) return [];
    const text = damaged === 1 ? '1 byte of this log is damaged' : `${damaged} bytes of this log are damaged`;
    damaged = 0;
    return [markRecord(stamp, text)];
  };

  const pick = (lines: Buffer): Buffer => {
    const kept: Buffer[] = [];
    for (let start = 0; start < lines.length; ) {
      const end = lines.indexOf(NEWLINE, start) + 1;
      const line = lines.subarray(start, end);
      const at = recordIn(line, 0);
      damaged += at < 0 ? line.length : at;
      if (at >= 0) {
        const stamp = stampAt(line, at);
        kept.push(...mark(last ?? stamp), line.subarray(at));
        last = stamp;
      }
      start = end;
    }
    return Buffer.concat(kept);
  };

  return {
    mend(lines) {
      const sound = damaged === 0 ? lastOfSound(lines) : undefined;
      if (sound === undefined) return pick(lines);
      last = stampAt(lines, sound);
      return lines;
    },
    skip(block) {
      const at = recordIn(block, 1);
      const passed = at > 0 ? at : block.length - HEAD_LENGTH;
      damaged += passed;
      return passed;
    },
    end(rest, atMs) {
      const stamp = last ?? stampOf(atMs);
      const isHalf = isRecord(rest, 0);
      if (!isHalf) damaged += rest.length;
      const marks = mark(stamp);
      if (!isHalf) return Buffer.concat(marks);
      last = rest.toString('latin1', 0, STAMP_LENGTH);
      return Buffer.concat([...marks, rest, Buffer.from('\n'), markRecord(last, 'the log was cut off here')]);
    },
    cut: (atMs) =>
      Buffer.concat([...mark(last ?? stampOf(atMs)), markRecord(last ?? stampOf(atMs), 'the log was cut')]),
    lastStamp: () => last,
  };
}

/** Where the last record begins when all lines are records. */
function lastOfSound(lines: Buffer): number | undefined {
  let begin = 0;
  for (let start = 0; start < lines.length; start = lines.indexOf(NEWLINE, start) + 1) {
    if (!isRecord(lines, start)) return undefined;
    begin = start;
  }
  return begin;
}

/** Where in `line` a record begins, from `from` on; -1: nowhere. */
function recordIn(line: Buffer, from: number): number {
  if (from === 0 && isRecord(line, 0)) return 0;
  for (let at = line.indexOf(' std', from + STAMP_LENGTH); at >= 0; at = line.indexOf(' std', at + 1)) {
    if (isRecord(line, at - STAMP_LENGTH)) return at - STAMP_LENGTH;
  }
  return -1;
}
