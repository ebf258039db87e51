/**
 * Finds where the last n lines of a log begin, reading backwards.
 *
 * Counts lines, not records: a long line of several records is one.
 */

import type { LogFile } from './log-files.ts';
import { isFull } from './log-line.ts';

const BLOCK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

export type LogPosition = { readonly file: number; readonly offset: number };

/** Index of the file and offset in it, for files that are given oldest first. */
export async function findTail(files: readonly LogFile[], lines: number): Promise<LogPosition> {
  let wanted = lines;
  for (let file = files.length - 1; file >= 0; file--) {
    const found = await findInFile(files[file]!, wanted);
    if (found.offset !== undefined) return { file, offset: found.offset };
    wanted -= found.counted;
  }
  return { file: 0, offset: 0 };
}

type Found = { readonly offset: number | undefined; readonly counted: number };

/** Where the last `wanted` lines of one file begin; undefined when it has fewer. */
async function findInFile({ handle }: LogFile, wanted: number): Promise<Found> {
  const { size } = await handle.stat();
  let end = size;
  let counted = 0;
  let after = size;
  let later: Buffer = Buffer.alloc(0);
  while (end > 0) {
    const start = Math.max(0, end - BLOCK_BYTES);
    const block = Buffer.concat([await readBlock(handle, start, end - start), later]);
    const first = start === 0 ? 0 : block.indexOf(NEWLINE) + 1;
    for (let at = after - start; at > first; ) {
      const begin = block.lastIndexOf(NEWLINE, at - 2) + 1;
      if (begin < first) break;
      if (isFull(block, begin) && ++counted > wanted) return { offset: start + at, counted: wanted };
      at = begin;
      after = start + begin;
    }
    later = block.subarray(0, after - start);
    end = start;
  }
  return { offset: undefined, counted };
}

async function readBlock(handle: LogFile['handle'], position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(buffer, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}
