/**
 * An archive as it comes from a file or pipe -> the tar stream in it: gzip is seen by its first bytes.
 */
import { PassThrough, pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { BerthError } from '../base/errors.ts';

/** Resolves when its kind is known. */
export async function plainTar(source: Readable): Promise<Readable> {
  const first = await firstBytes(source);
  if (first.length >= 4 && first.readUInt32BE(0) === 0x28b52ffd) {
    source.destroy();
    throw new BerthError('USAGE', 'the archive is compressed with zstd', {
      hint: 'unpack it first: zstd -dc FILE | ...',
    });
  }
  const isGzip = first.length >= 2 && first.readUInt16BE(0) === 0x1f8b;
  const plain = isGzip ? createGunzip() : new PassThrough();
  pipeline(source, plain, () => {});
  return plain;
}

/** Looked at, and put back. */
async function firstBytes(source: Readable): Promise<Buffer> {
  if (source.readableLength === 0 && !source.readableEnded) {
    await new Promise<void>((resolve, reject) => {
      source.once('readable', resolve);
      source.once('end', resolve);
      source.once('error', reject);
    });
  }
  const chunk = source.read() as Buffer | null;
  if (chunk === null) return Buffer.alloc(0);
  source.unshift(chunk);
  return chunk;
}
