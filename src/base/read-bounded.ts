/**
 * Text of a file that somebody named, up to a size: a device without an end, or gigabytes, take no memory.
 */
import { closeSync, openSync, readSync } from 'node:fs';

/** Largest real files have some hundred KiB. */
export const MAX_BYTES = 2 * 1024 * 1024;

/** `-` is stdin; undefined when it is larger than `MAX_BYTES`. */
export function readBounded(file: string): string | undefined {
  const fd = file === '-' ? 0 : openSync(file, 'r');
  try {
    const chunks: Buffer[] = [];
    for (let size = 0; size <= MAX_BYTES; ) {
      const chunk = Buffer.alloc(64 * 1024);
      const read = readChunk(fd, chunk);
      if (read === 0) return Buffer.concat(chunks).toString('utf8');
      size += read;
      chunks.push(chunk.subarray(0, read));
    }
    return undefined;
  } finally {
    if (fd !== 0) closeSync(fd);
  }
}

/** A stdin that nobody writes to yet is asked again: it may be a terminal, or a pipe that does not block. */
function readChunk(fd: number, chunk: Buffer): number {
  for (;;) {
    try {
      return readSync(fd, chunk, 0, chunk.length, null);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}
