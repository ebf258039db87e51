/**
 * Finds where the last n lines of a log begin, reading backwards.
 *
 * Counts lines, not records: a long line of several records is one. What is
 * damaged does not count.
 */

import type { LogFile } from './log-files.ts';
import { HEAD_LENGTH, isFull, isRecord } from './log-line.ts';

const FIRST_BLOCK_BYTES = 64 * 1024;
const BLOCK_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

/** Index of the file, for files that are given oldest first, and offset in it. */
export type LogPosition = { readonly file: number; readonly offset: number };

export type Tail = {
  readonly position: LogPosition;
  /** How many there are, at most as many as were wanted. */
  readonly lines: number;
};

export type TailBounds = {
  readonly start?: LogPosition;
  /** undefined: the end of all that is there. */
  readonly end?: LogPosition;
};

/** The last `wanted` lines between the bounds. */
export async function findTail(files: readonly LogFile[], wanted: number, bounds: TailBounds = {}): Promise<Tail> {
  const { start = { file: 0, offset: 0 }, end = await endOf(files) } = bounds;
  if (wanted === 0) return { position: end, lines: 0 };
  let left = wanted;
  for (let file = end.file; file >= start.file && files.length > 0; file--) {
    const stop = file === end.file ? end.offset : await files[file]!.size();
    const found = await findInFile(files[file]!, left, { from: file === start.file ? start.offset : 0, stop });
    if (found.offset !== undefined) return { position: { file, offset: found.offset }, lines: wanted };
    left -= found.counted;
  }
  return { position: start, lines: wanted - left };
}

/** Where all that is there now ends. */
export async function endOf(files: readonly LogFile[]): Promise<LogPosition> {
  const last = files.at(-1);
  return last ? { file: files.length - 1, offset: await last.size() } : { file: 0, offset: 0 };
}

type Found = { readonly offset: number | undefined; readonly counted: number };

/** Where the last `wanted` lines of one file begin; undefined when it has no more than that. A line begins at `from`. */
async function findInFile(
  file: LogFile,
  wanted: number,
  { from, stop }: { readonly from: number; readonly stop: number },
): Promise<Found> {
  let counted = 0;
  /* Where the record that is looked at ends: behind its newline. */
  let recordEnd: number | undefined;
  let size = FIRST_BLOCK_BYTES;
  for (let end = stop; end > from; size = Math.min(size * 4, BLOCK_BYTES)) {
    const start = Math.max(from, end - size);
    /* The head of a record that begins at the end of this block lies in the next. */
    const block = Buffer.allocUnsafe(Math.min(end - start + HEAD_LENGTH, stop - start));
    await file.read(block, start);
    for (let at = end - start; at >= 0; ) {
      const newline = at === 0 ? -1 : block.lastIndexOf(NEWLINE, at - 1);
      /* Line by line from behind; the beginning begins a line too. */
      if (newline < 0 && start > from) break;
      if (recordEnd !== undefined && isRecord(block, newline + 1) && isFull(block, newline + 1)) {
        if (++counted > wanted) return { offset: recordEnd, counted: wanted };
      }
      recordEnd = start + newline + 1;
      at = newline;
    }
    end = start;
  }
  return { offset: undefined, counted };
}
