/**
 * An archive on disk, compressed or not -> an unpacked layer and the digest of its tar.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type Readable, Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { diskFull, isDiskFull } from '../base/disk-full.ts';
import { BerthError, errnoOf } from '../base/errors.ts';
import { type Compression, decompressor } from './decompress.ts';
import type { LayerStore, UnpackedLayer } from './unpack-layer.ts';

const CHUNK = 1 << 20;

export type Unpacking = {
  readonly compression: Compression;
  readonly layers: LayerStore;
  readonly signal?: AbortSignal;
};
export type UnpackedArchive = { readonly layer: UnpackedLayer; readonly diffId: string };

/** IMAGE_ARCHIVE_INVALID, DISK_FULL and ABORTED leave nothing behind. */
export async function unpackArchive(path: string, unpacking: Unpacking): Promise<UnpackedArchive> {
  return await unpackStream(createReadStream(path, { highWaterMark: CHUNK }), unpacking);
}

/** The same of an archive that is still coming; a BerthError of its source comes out as it is. */
export async function unpackStream(
  source: Readable,
  { compression, layers, signal }: Unpacking,
): Promise<UnpackedArchive> {
  const hash = createHash('sha256');
  const tar = tap((chunk) => hash.update(chunk));
  const unpacking = layers.unpack(tar, signal).catch((error: unknown) => {
    /* Nobody reads it any more: what writes it would wait for ever. */
    tar.destroy();
    throw error;
  });
  const [layer, flow] = await Promise.allSettled([
    unpacking,
    pipeline(source, decompressor(compression), tar, { signal }),
  ]);
  if (flow.status === 'rejected' && layer.status === 'fulfilled') await layer.value.drop();
  if (flow.status === 'rejected' && isOwnFault(flow.reason)) throw brokenArchive(flow.reason);
  if (layer.status === 'rejected') throw layer.reason;
  if (flow.status === 'rejected') throw brokenArchive(flow.reason);
  return { layer: layer.value, diffId: `sha256:${hash.digest('hex')}` };
}

/** Digest of the tar in an archive, which is not unpacked. */
export async function digestOfTar(source: Readable, compression: Compression, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done();
    },
  });
  try {
    await pipeline(source, decompressor(compression), sink, { signal });
  } catch (cause) {
    if (signal?.aborted) throw new BerthError('ABORTED', 'interrupted', { cause });
    throw brokenArchive(cause);
  }
  return `sha256:${hash.digest('hex')}`;
}

/** A broken gzip, disk or source; anything else only follows from the executor having ended. */
function isOwnFault(error: unknown): boolean {
  return error instanceof BerthError || /^(Z_|ZSTD_|EIO)/.test(errnoOf(error) ?? '');
}

/** Any failure of reading or storing an archive as what a person can act on. */
export function brokenArchive(cause: unknown): BerthError {
  if (cause instanceof BerthError) return cause;
  if (isDiskFull(cause)) return diskFull('the image store', cause);
  const why = cause instanceof Error ? cause.message : String(cause);
  return new BerthError('IMAGE_ARCHIVE_INVALID', `the archive can not be read: ${why}`, {
    hint: 'make or download it again',
    cause,
  });
}

/** Passes everything on and shows it. */
export function tap(look: (chunk: Buffer) => void): Transform {
  return new Transform({
    highWaterMark: CHUNK,
    transform(chunk: Buffer, _encoding, done) {
      look(chunk);
      done(null, chunk);
    },
  });
}
