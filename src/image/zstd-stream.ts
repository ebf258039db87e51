/**
 * zstd -> what it was, as a stream; for a Node whose zlib has none (before 22.15).
 *
 * The only door to fzstd.
 */
import { Transform, type TransformCallback } from 'node:stream';
import { Decompress } from 'fzstd';

/** Four bytes can mean 128 KiB: what is given at once bounds what comes at once. */
const SLICE = 2048;

export function zstdDecompressor(): Transform {
  const waiting: Uint8Array[] = [];
  const stream = new Decompress((chunk) => {
    if (chunk.length > 0) waiting.push(chunk);
  });
  const give = (into: Transform, done: TransformCallback, bytes: Uint8Array, last: boolean) => {
    try {
      for (let at = 0; at < bytes.length; at += SLICE) {
        stream.push(bytes.subarray(at, at + SLICE));
        for (const chunk of waiting.splice(0)) into.push(Buffer.from(chunk));
      }
      if (last) stream.push(new Uint8Array(0), true);
      for (const chunk of waiting.splice(0)) into.push(Buffer.from(chunk));
      done();
    } catch (cause) {
      done(Object.assign(new Error(`zstd: ${(cause as Error).message}`), { code: 'ZSTD_error' }));
    }
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      give(this, done, chunk, false);
    },
    flush(done) {
      give(this, done, new Uint8Array(0), true);
    },
  });
}
