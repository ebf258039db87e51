/**
 * `cache_to` with type=local: a cache into a folder.
 *
 * Layers lie in it as plain tars, whose digest is that of the layer. Each file
 * has its name when it is whole, the index comes last: a kill leaves the cache
 * that was there before. What no tag leads to any more is removed.
 */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { removeUnfinished, syncFolder, writeAtomic } from '../../base/atomic-file.ts';
import { BerthError, errnoOf } from '../../base/errors.ts';
import { serialQueue } from '../../image/serial-queue.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../registry/media-types.ts';
import { CACHE_TYPE, type CacheContents } from './cache-contents.ts';
import {
  type LayoutDescriptor,
  layoutBlobPath,
  REF_NAME,
  readLayoutIndex,
  readLayoutManifest,
  textDigest,
} from './cache-layout.ts';

const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar';

export type LocalCache = {
  readonly path: string;
  readonly tag: string;
  readonly contents: CacheContents;
  readonly tarOf: (diffId: string) => string;
};

/* Two builds may write to one folder: what one has just written the other must not clear away. */
const queues = new Map<string, ReturnType<typeof serialQueue>>();

/** Replaces the tag's cache; others in the folder stay. */
export async function writeLocalCache(cache: LocalCache): Promise<void> {
  const queue = queues.get(cache.path) ?? serialQueue();
  queues.set(cache.path, queue);
  await queue(() => write(cache));
}

async function write({ path, tag, contents, tarOf }: LocalCache): Promise<void> {
  const before = await entriesBefore(path);
  const blobs = join(path, 'blobs/sha256');
  await mkdir(blobs, { recursive: true });
  await Promise.all([path, blobs].map(removeUnfinished));
  const layers: LayoutDescriptor[] = [];
  for (const { diffId, size } of contents.layers) {
    await copyBlob(tarOf(diffId), layoutBlobPath(path, diffId), size);
    layers.push({ mediaType: LAYER_TYPE, digest: diffId, size });
  }
  await syncFolder(blobs);
  const config = await writeJson(path, CACHE_TYPE, contents);
  const document = { schemaVersion: 2, mediaType: OCI_MANIFEST, artifactType: CACHE_TYPE, config, layers };
  const manifest = { ...(await writeJson(path, OCI_MANIFEST, document)), annotations: { [REF_NAME]: tag } };
  const manifests = [...before.filter(({ annotations }) => annotations?.[REF_NAME] !== tag), manifest];
  await writeAtomic(join(path, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}', { mode: 0o644 });
  const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests };
  await writeAtomic(join(path, 'index.json'), `${JSON.stringify(index, null, 2)}\n`, { mode: 0o644 });
  await removeUnneeded(path, manifests);
}

/** BUILD_FAILED for a folder that has something else in it: it would be in the way, and could be lost. */
async function entriesBefore(path: string): Promise<LayoutDescriptor[]> {
  const names = await readdir(path).catch((error: unknown): string[] => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw new BerthError('BUILD_FAILED', `no cache can be written to ${path}: ${errnoOf(error)}`, { cause: error });
  });
  if (names.length === 0) return [];
  if (!names.includes('oci-layout')) {
    /* A first export that was cut short has blobs alone. */
    if (names.every((name) => name === 'blobs' || name.endsWith('.tmp'))) return [];
    throw new BerthError('BUILD_FAILED', `no cache can be written to ${path}: it has other files in it`, {
      hint: 'name a folder of its own',
    });
  }
  return await readLayoutIndex(path, path).catch(() => []);
}

async function copyBlob(from: string, to: string, size: number): Promise<void> {
  const there = await lstat(to).catch(() => undefined);
  if (there?.isFile() && there.size === size) return;
  const part = `${to}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await copyFile(from, part, constants.COPYFILE_FICLONE);
    const handle = await open(part, 'r+');
    await handle.sync().finally(() => handle.close());
    await rename(part, to);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function writeJson(path: string, mediaType: string, value: unknown): Promise<LayoutDescriptor> {
  const text = JSON.stringify(value);
  const digest = textDigest(text);
  await writeAtomic(layoutBlobPath(path, digest), text, { mode: 0o644 });
  return { mediaType, digest, size: Buffer.byteLength(text) };
}

/** A manifest that can not be read keeps everything: what it needs is not known. */
async function removeUnneeded(path: string, manifests: readonly LayoutDescriptor[]): Promise<void> {
  const needed = new Set<string>();
  for (const { digest } of manifests) {
    const manifest = await readLayoutManifest(path, digest, path).catch(() => undefined);
    if (!manifest) return;
    const { config, layers } = manifest;
    for (const one of [digest, config?.digest, ...(layers ?? []).map((layer) => layer.digest)]) {
      if (one !== undefined) needed.add(one);
    }
  }
  const names = await readdir(join(path, 'blobs/sha256'));
  const left = names.filter((name) => /^[0-9a-f]{64}$/.test(name) && !needed.has(`sha256:${name}`));
  await Promise.all(left.map((name) => rm(join(path, 'blobs/sha256', name), { force: true })));
}
