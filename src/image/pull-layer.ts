/**
 * One layer of a registry -> a blob of the store and an unpacked layer.
 *
 * It is unpacked while it comes. The blob's and the tar's digest are checked
 * before either gets its name. What has come of one that breaks off stays as
 * `HEX.part`, and the next pull goes on from there.
 */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { BerthError } from '../base/errors.ts';
import { failpoint } from '../base/failpoint.ts';
import { blobBytes } from '../registry/blob-stream.ts';
import type { RegistryClient } from '../registry/client.ts';
import { contentInvalid } from '../registry/parse-manifest.ts';
import type { Descriptor } from './layout-index.ts';
import { peekStream } from './peek-stream.ts';
import type { SerialQueue } from './serial-queue.ts';
import type { Stores } from './sweep.ts';
import { brokenArchive, digestOfTar, unpackStream } from './unpack-archive.ts';
import type { UnpackedLayer } from './unpack-layer.ts';

export type LayerProgress = {
  readonly state: 'waiting' | 'downloading' | 'unpacking' | 'done' | 'there';
  readonly bytes: number;
};

export type LayerPull = {
  readonly stores: Stores;
  readonly serially: SerialQueue;
  readonly sources: readonly RegistryClient[];
  readonly repository: string;
  readonly layer: Descriptor;
  readonly diffId: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: LayerProgress) => void;
};

const CHUNK = 1 << 20;

/** IMAGE_CONTENT_INVALID when the layer is not what its digests say; nothing of it is kept then. */
export async function pullLayer(pull: LayerPull): Promise<void> {
  const { stores, layer } = pull;
  if (stores.layout.isWhole(layer) && (await takeFromStore(pull))) return;
  const part = stores.layout.partPath(layer.digest);
  const resumed = existsSync(part);
  try {
    await download(pull, part);
  } catch (error) {
    if (error instanceof BerthError && KEEPS_PART.has(error.code)) throw error;
    await rm(part, { force: true });
    /* What was there before may have been damaged by a power cut: that is nobody's fault. */
    if (!resumed || !(error instanceof BerthError)) throw error;
    await download(pull, part);
  }
}

const KEEPS_PART: ReadonlySet<string> = new Set([
  'ABORTED',
  'REGISTRY_UNREACHABLE',
  'REGISTRY_LIMITED',
  'REGISTRY_DENIED',
  'REGISTRY_FAILED',
  'DISK_FULL',
]);

/** false: the blob is damaged; what is downloaded takes its place. */
async function takeFromStore({ stores, serially, layer, diffId, signal, onProgress }: LayerPull): Promise<boolean> {
  const { layout, layers } = stores;
  onProgress({ state: 'unpacking', bytes: layer.size });
  const source = createReadStream(layout.blobPath(layer.digest), { highWaterMark: CHUNK });
  try {
    await unpackChecked({ source, layer, diffId, stores, signal }, async (unpacked) => {
      if (unpacked) await serially(() => unpacked.keep(diffId));
    });
  } catch (error) {
    if (error instanceof BerthError && DAMAGED.has(error.code)) return false;
    throw error;
  }
  if (!layers.has(diffId)) throw new Error(`layer ${diffId} is not there after it was unpacked`);
  onProgress({ state: 'there', bytes: layer.size });
  return true;
}

const DAMAGED: ReadonlySet<string> = new Set(['IMAGE_CONTENT_INVALID', 'IMAGE_ARCHIVE_INVALID']);

async function download(pull: LayerPull, part: string): Promise<void> {
  const { stores, serially, layer, diffId, signal, onProgress } = pull;
  const file = await open(part, 'a+', 0o644);
  try {
    const hash = createHash('sha256');
    const source = Readable.from(incoming(pull, { file, part, hash }), { objectMode: true });
    await unpackChecked({ source, layer, diffId, stores, signal }, async (unpacked) => {
      const digest = `sha256:${hash.digest('hex')}`;
      if (digest !== layer.digest) throw contentInvalid(nameOf(pull), `what came has the digest ${digest}`);
      await file.sync();
      failpoint('part.synced');
      await serially(async () => {
        await unpacked?.keep(diffId);
        await stores.layout.keepBlob(part, layer.digest);
      });
    });
    onProgress({ state: 'done', bytes: layer.size });
  } finally {
    await file.close();
  }
}

type Part = { readonly file: FileHandle; readonly part: string; readonly hash: Hash };

/** What is there, then what comes; all of it hashed, the new bytes written on the way. */
async function* incoming({ sources, repository, layer, signal, onProgress }: LayerPull, { file, part, hash }: Part) {
  let { size: at } = await stat(part);
  if (at > layer.size) {
    await file.truncate(0);
    at = 0;
  }
  if (at > 0) {
    for await (const chunk of createReadStream(part, { highWaterMark: CHUNK, end: at - 1 }) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      yield chunk;
    }
  }
  for await (const chunk of blobBytes({ sources, repository, blob: layer, from: at, signal })) {
    hash.update(chunk);
    await write(file, chunk);
    failpoint('part.written');
    at += chunk.length;
    onProgress({ state: 'downloading', bytes: at });
    yield chunk;
  }
  onProgress({ state: 'unpacking', bytes: at });
}

async function write(file: FileHandle, chunk: Buffer): Promise<void> {
  try {
    await file.writeFile(chunk);
  } catch (cause) {
    throw brokenArchive(cause);
  }
}

type Unpack = {
  readonly source: Readable;
  readonly layer: Descriptor;
  readonly diffId: string;
  readonly stores: Stores;
  readonly signal: AbortSignal;
};

/** Unpacks what is not unpacked yet; `keep` gets it when the tar is what the config says. */
async function unpackChecked(
  { source, layer, diffId, stores, signal }: Unpack,
  keep: (unpacked: UnpackedLayer | undefined) => Promise<void>,
): Promise<void> {
  const { compression, whole } = await peekStream(source);
  const { layers } = stores;
  const found = layers.has(diffId)
    ? { layer: undefined, diffId: await digestOfTar(whole, compression, signal) }
    : await unpackStream(whole, { compression, layers, signal });
  try {
    if (found.diffId !== diffId)
      throw contentInvalid(
        `layer ${layer.digest.slice(0, 19)}`,
        `its tar has the digest ${found.diffId}, its image says ${diffId}`,
      );
    await keep(found.layer);
  } catch (error) {
    await found.layer?.drop();
    throw error;
  }
}

function nameOf({ layer, repository }: LayerPull): string {
  return `layer ${layer.digest.slice(0, 19)} of ${repository}`;
}
