/**
 * A tar stream -> a blob and an unpacked layer that lie ready beside the store.
 *
 * The archive is stored as it comes, then unpacked from there. Nothing has a
 * name before all is there.
 */
import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BerthError } from '../base/errors.ts';
import { openWriteStream } from '../base/write-stream.ts';
import { type Compression, detectCompression } from './decompress.ts';
import type { Layout } from './layout.ts';
import type { Descriptor } from './layout-index.ts';
import { brokenArchive, tap, unpackArchive } from './unpack-archive.ts';
import type { LayerStore } from './unpack-layer.ts';

const LAYER_TYPES: Readonly<Record<Compression, string>> = {
  none: 'application/vnd.oci.image.layer.v1.tar',
  gzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  zstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
};

export type StageOptions = { readonly signal?: AbortSignal; readonly onProgress?: (bytes: number) => void };

export type StoredLayer = { readonly descriptor: Descriptor; readonly diffId: string };

export type StagedLayer = StoredLayer & {
  /** Where it is unpacked, for as long as it has no name. */
  readonly folder: string;
  commit(): Promise<void>;
  /** Removes what has not been moved in; always called. */
  discard(): Promise<void>;
};

type Stores = { readonly layout: Layout; readonly layers: LayerStore };

/** Receives and unpacks. IMAGE_ARCHIVE_INVALID, DISK_FULL and ABORTED leave nothing behind. */
export async function stageLayer(
  archive: Readable,
  { layout, layers }: Stores,
  options: StageOptions,
): Promise<StagedLayer> {
  const path = layout.newBlobPath();
  try {
    const blob = await receive(archive, path, options);
    const compression = await detectCompression(path);
    const { layer, diffId } = await unpackArchive(path, { compression, layers, signal: options.signal });
    const descriptor = { mediaType: LAYER_TYPES[compression], ...blob };
    return {
      descriptor,
      diffId,
      folder: layer.folder,
      async commit() {
        await layer.keep(diffId);
        await layout.keepBlob(path, descriptor.digest);
      },
      async discard() {
        await rm(path, { force: true });
        await layer.drop();
      },
    };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/** Writes what comes to `path`, synced; the digest is taken on the way. */
async function receive(archive: Readable, path: string, { signal, onProgress }: StageOptions) {
  const hash = createHash('sha256');
  let size = 0;
  const count = tap((chunk) => {
    hash.update(chunk);
    size += chunk.length;
    onProgress?.(size);
  });
  const file = await openWriteStream(path, 0o644).catch((error: unknown) => {
    archive.destroy();
    throw brokenArchive(error);
  });
  await orAborted(pipeline(archive, count, file, { signal }), signal);
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { digest: `sha256:${hash.digest('hex')}`, size };
}

async function orAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  try {
    await work;
  } catch (cause) {
    if (signal?.aborted) throw new BerthError('ABORTED', 'interrupted', { cause });
    throw brokenArchive(cause);
  }
}
