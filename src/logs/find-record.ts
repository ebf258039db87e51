/**
 * The next record of a log file from any place on.
 */
import type { LogFile } from './log-files.ts';
import { HEAD_LENGTH, isRecord, stampAt } from './log-line.ts';

/** Longer than any record: what has none for so long is damaged. */
const LOOK_BYTES = 1024 * 1024;
const FIRST_BLOCK_BYTES = 4096;
const NEWLINE = 0x0a;

export type FoundRecord = { readonly offset: number; readonly stamp: string };

/** The first record that begins at `from` or after it and before `end`; undefined when there is none within 1 MiB. */
export async function findRecord(file: LogFile, from: number, end: number): Promise<FoundRecord | undefined> {
  /* The byte before tells whether a line begins just here. */
  let position = Math.max(0, from - 1);
  let isStart = from === 0;
  for (let size = FIRST_BLOCK_BYTES; position < Math.min(end, from + LOOK_BYTES); size *= 4) {
    const block = Buffer.allocUnsafe(size);
    const length = await file.read(block, position);
    for (let at = isStart ? 0 : block.subarray(0, length).indexOf(NEWLINE) + 1; at > 0 || isStart; ) {
      if (position + at >= end || at + HEAD_LENGTH > length) break;
      if (isRecord(block, at)) return { offset: position + at, stamp: stampAt(block, at) };
      isStart = false;
      at = block.subarray(0, length).indexOf(NEWLINE, at) + 1;
    }
    isStart = false;
    if (length < size) return undefined;
    position += length - HEAD_LENGTH;
  }
  return undefined;
}
