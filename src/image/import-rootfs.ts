/**
 * A root filesystem's archive -> an image of one layer.
 *
 * The archive is stored as it comes, then unpacked from there. Nothing has a
 * name before all is there, and every step is undone when a later one fails.
 */
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BerthError } from '../base/errors.ts';
import { type Compression, detectCompression } from './decompress.ts';
import type { ImportOptions } from './image.ts';
import { ociImageOf } from './image-config.ts';
import { CONFIG_TYPE, type Layout, MANIFEST_TYPE, type Manifest } from './layout.ts';
import type { Descriptor } from './layout-index.ts';
import { brokenArchive, tap, type UnpackedArchive, unpackArchive } from './unpack-archive.ts';
import type { LayerStore } from './unpack-layer.ts';

const LAYER_TYPES: Readonly<Record<Compression, string>> = {
  none: 'application/vnd.oci.image.layer.v1.tar',
  gzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  zstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
};

type Stores = { readonly layout: Layout; readonly layers: LayerStore };

/** An image that lies ready beside the store. */
export type StagedImage = {
  /** Moves it in; the descriptor of its manifest, for a name. */
  commit(): Promise<Descriptor>;
  /** Removes what has not been moved in; always called. */
  discard(): Promise<void>;
};

/** Receives and unpacks. IMAGE_ARCHIVE_INVALID and ABORTED leave nothing behind. */
export async function stageRootfs(archive: Readable, stores: Stores, options: ImportOptions): Promise<StagedImage> {
  const path = stores.layout.newBlobPath();
  try {
    const blob = await receive(archive, path, options);
    const compression = await detectCompression(path);
    const unpacked = await unpackArchive(path, { compression, layers: stores.layers, signal: options.signal });
    const layer = { mediaType: LAYER_TYPES[compression], ...blob };
    return await stagedImage(path, { stores, unpacked, layer, options });
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

type Staging = {
  readonly stores: Stores;
  readonly unpacked: UnpackedArchive;
  readonly layer: Descriptor;
  readonly options: ImportOptions;
};

async function stagedImage(path: string, { stores, unpacked, layer, options }: Staging): Promise<StagedImage> {
  const { layout } = stores;
  const discard = async () => {
    await rm(path, { force: true });
    await unpacked.layer.drop();
  };
  if (isImageArchive(unpacked.layer.folder)) {
    await discard();
    throw imageArchive();
  }
  return {
    discard,
    async commit() {
      await unpacked.layer.keep(unpacked.diffId);
      await layout.keepBlob(path, layer.digest);
      const image = ociImageOf(options.config ?? {}, unpacked.diffId, new Date().toISOString());
      const config = await layout.writeJson(CONFIG_TYPE, image);
      const manifest: Manifest = { schemaVersion: 2, mediaType: MANIFEST_TYPE, config, layers: [layer] };
      return layout.writeJson(MANIFEST_TYPE, manifest);
    },
  };
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

/** `docker save` and OCI archives hold layers, not a root: a container of that would find no program. */
function isImageArchive(folder: string): boolean {
  const isThere = (name: string) => existsSync(join(folder, name));
  return (isThere('oci-layout') || isThere('manifest.json')) && !['bin', 'usr', 'etc', 'lib'].some(isThere);
}

function imageArchive(): BerthError {
  return new BerthError('IMAGE_ARCHIVE_INVALID', 'the archive holds a saved image, not a root filesystem', {
    hint: 'use `docker export CONTAINER` instead of `docker save IMAGE`',
  });
}
