/**
 * A root filesystem's archive -> an image of one layer.
 *
 * The archive is stored as it comes, then unpacked from there. Nothing has a
 * name before all is there, and every step is undone when a later one fails.
 */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BerthError } from '../base/errors.ts';
import { type Compression, decompressor, detectCompression } from './decompress.ts';
import type { ImportOptions } from './image.ts';
import { ociImageOf } from './image-config.ts';
import { CONFIG_TYPE, type Descriptor, type Layout, MANIFEST_TYPE, type Manifest } from './layout.ts';
import type { LayerStore } from './unpack-layer.ts';

const LAYER_TYPES: Readonly<Record<Compression, string>> = {
  none: 'application/vnd.oci.image.layer.v1.tar',
  gzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  zstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
};

type Stores = { readonly layout: Layout; readonly layers: LayerStore };

/** The manifest of the new image; IMAGE_ARCHIVE_INVALID and ABORTED leave nothing behind. */
export async function importRootfs(archive: Readable, stores: Stores, options: ImportOptions): Promise<Descriptor> {
  const { layout, layers } = stores;
  const path = layout.newBlobPath();
  try {
    const blob = await receive(archive, path, options);
    const compression = await detectCompression(path);
    const diffId = await unpack(path, { compression, layers, signal: options.signal });
    await layout.keepBlob(path, blob.digest);
    const layer = { mediaType: LAYER_TYPES[compression], ...blob };
    const image = ociImageOf(options.config ?? {}, diffId, new Date().toISOString());
    const config = await layout.writeJson(CONFIG_TYPE, image);
    const manifest: Manifest = { schemaVersion: 2, mediaType: MANIFEST_TYPE, config, layers: [layer] };
    return await layout.writeJson(MANIFEST_TYPE, manifest);
  } finally {
    await rm(path, { force: true });
  }
}

/** Writes what comes to `path`, synced; the digest is taken on the way. */
async function receive(archive: Readable, path: string, { signal, onProgress }: ImportOptions) {
  const hash = createHash('sha256');
  let size = 0;
  const count = tap((chunk) => {
    hash.update(chunk);
    size += chunk.length;
    onProgress?.(size);
  });
  await orAborted(pipeline(archive, count, createWriteStream(path, { mode: 0o644 }), { signal }), signal);
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { digest: digestText(hash), size };
}

type Unpacking = { readonly compression: Compression; readonly layers: LayerStore; readonly signal?: AbortSignal };

/** The digest of the tar itself, which is the layer's name. */
async function unpack(path: string, { compression, layers, signal }: Unpacking): Promise<string> {
  const hash = createHash('sha256');
  const tar = tap((chunk) => hash.update(chunk));
  const flowing = pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), decompressor(compression), tar, { signal });
  const [layer, flow] = await Promise.allSettled([layers.unpack(tar, signal), flowing]);
  if (flow.status === 'rejected' && layer.status === 'fulfilled') await layer.value.drop();
  if (layer.status === 'rejected') throw layer.reason;
  if (flow.status === 'rejected') throw brokenArchive(flow.reason);
  await layer.value.keep(digestText(hash));
  return digestText(hash);
}

function brokenArchive(cause: unknown): BerthError {
  if (cause instanceof BerthError) return cause;
  return new BerthError('IMAGE_ARCHIVE_INVALID', `the archive is broken: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
}

async function orAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  try {
    await work;
  } catch (cause) {
    if (signal?.aborted) throw new BerthError('ABORTED', 'interrupted', { cause });
    throw brokenArchive(cause);
  }
}

function tap(look: (chunk: Buffer) => void): Transform {
  return new Transform({
    highWaterMark: 1 << 20,
    transform(chunk: Buffer, _encoding, done) {
      look(chunk);
      done(null, chunk);
    },
  });
}

const digests = new WeakMap<Hash, string>();

/** A hash gives its digest once only. */
function digestText(hash: Hash): string {
  const known = digests.get(hash) ?? `sha256:${hash.digest('hex')}`;
  digests.set(hash, known);
  return known;
}
