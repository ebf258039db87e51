/**
 * A stream into a new file that is there when this returns.
 *
 * createWriteStream() opens some time later, and a stream that is given up
 * before then ends before its open does: a removal at that moment finds
 * nothing, and the file comes after it.
 */
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';

export type WriteStreamOptions = {
  /** Its bytes are on the disk when it ends well. */
  readonly flush?: boolean;
  readonly highWaterMark?: number;
};

export async function openWriteStream(path: string, mode: number, options?: WriteStreamOptions): Promise<WriteStream> {
  const stream = createWriteStream(path, { ...options, mode });
  await once(stream, 'open');
  return stream;
}
