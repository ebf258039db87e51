/**
 * Finds a time in a log by halving: a few blocks are read, however long it is.
 *
 * Takes the records to be in order. Where a clock was set back, what is found
 * is one of the places where the time passes.
 */
import { findRecord } from './find-record.ts';
import type { LogPosition } from './find-tail.ts';
import type { LogFile } from './log-files.ts';
import { HEAD_LENGTH, isRecord, stampAt } from './log-line.ts';

const BLOCK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/** Place of the first record that is not before `stamp`, for files that are given oldest first; their end when all are. */
export async function findStamp(files: readonly LogFile[], stamp: string): Promise<LogPosition> {
  for (let file = files.length - 1; file >= 0; file--) {
    const size = await files[file]!.size();
    const first = await findRecord(files[file]!, 0, size);
    if (first === undefined || first.stamp >= stamp) continue;
    const offset = await findInFile(files[file]!, size, stamp);
    return { file, offset };
  }
  return { file: 0, offset: 0 };
}

/** The first record is before `stamp`. All before `low` are too; at `high` and after, none is. */
async function findInFile(file: LogFile, size: number, stamp: string): Promise<number> {
  let low = 0;
  let high = size;
  while (high - low > BLOCK_BYTES) {
    const middle = low + Math.floor((high - low) / 2);
    const found = await findRecord(file, middle, high);
    if (found !== undefined && found.stamp < stamp) low = found.offset;
    else high = middle;
  }
  return await walk(file, { low, size, stamp });
}

type Walk = { readonly low: number; readonly size: number; readonly stamp: string };

/** From a record on, line by line. */
async function walk(file: LogFile, { low, size, stamp }: Walk): Promise<number> {
  const block = Buffer.allocUnsafe(2 * BLOCK_BYTES);
  for (let position = low; position < size; ) {
    const length = await file.read(block, position);
    for (let at = 0; ; ) {
      if (at + HEAD_LENGTH <= length && isRecord(block, at) && stampAt(block, at) >= stamp) return position + at;
      const end = block.subarray(0, length).indexOf(NEWLINE, at);
      if (end >= 0) at = end + 1;
      if (end >= 0 && at + HEAD_LENGTH <= length) continue;
      /* What is being written has no end yet. */
      if (length < block.length) return position + at;
      position += at === 0 ? length : at;
      break;
    }
  }
  return size;
}
