/** Looks at the beginning of a stream without taking it away. */
import { Readable } from 'node:stream';
import { type Compression, compressionOf } from './decompress.ts';

/** Enough for every compression's magic number. */
const HEAD_BYTES = 4;

/** The compression by the first bytes, and a stream that still has them. */
export async function peekStream(source: Readable): Promise<{ compression: Compression; whole: Readable }> {
  const iterator = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let head: Buffer = Buffer.alloc(0);
  /* A pipe or a slow registry may bring the first bytes one by one. */
  for (let ended = false; head.length < HEAD_BYTES && !ended; ) {
    const next = await iterator.next();
    if (next.done) ended = true;
    else head = Buffer.concat([head, next.value]);
  }
  async function* all() {
    if (head.length > 0) yield head;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  }
  return { compression: compressionOf(head), whole: Readable.from(all(), { objectMode: true }) };
}
