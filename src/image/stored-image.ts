/**
 * One image of the store: read, described, made ready to be mounted.
 */
import { BerthError } from '../base/errors.ts';
import { isSamePlatform, parsePlatform } from '../registry/platform.ts';
import { detectCompression } from './decompress.ts';

import type { HostImage } from './host-image.ts';
import type { HistoryEntry, ImageInspect, ImageParts, ImageSummary, ResolvedImage, StoredState } from './image.ts';
import { HOST_BASE, type OciImage, readImageConfig } from './image-config.ts';
import type { Layout, Manifest } from './layout.ts';
import { type Descriptor, PULLED_AT, SOURCE_DIGEST } from './layout-index.ts';
import { familiarName, HOST_IMAGE } from './reference.ts';

import type { StoredLayer } from './stage-layer.ts';
import type { Stores } from './sweep.ts';
import { unpackArchive } from './unpack-archive.ts';

type UnpackingStores = Pick<Stores, 'layout' | 'layers'>;

/** STATE_CORRUPT when its manifest or config is damaged, or a missing layer can not be unpacked again. */
export async function resolveStored(
  name: string,
  descriptor: Descriptor,
  { stores, host }: { readonly stores: UnpackingStores; readonly host: HostImage },
): Promise<ResolvedImage> {
  const { layout, layers } = stores;
  const { id, image, layers: parts } = await partsOf(descriptor, { layout, layers });
  const base = image[HOST_BASE] === HOST_IMAGE ? host.resolve() : undefined;
  return {
    id,
    reference: name,
    config: readImageConfig(image),
    lowers: [...parts.map(({ diffId }) => layers.pathOf(diffId)).reverse(), ...(base?.lowers ?? [])],
    binds: base?.binds ?? [],
  };
}

/** Its config and layers, all of them unpacked. Fails as resolveStored(). */
export async function partsOf(descriptor: Descriptor, { layout, layers }: UnpackingStores): Promise<ImageParts> {
  const { manifest, image } = await readImage(descriptor, layout);
  const parts: StoredLayer[] = [];
  for (const [index, diffId] of image.rootfs.diff_ids.entries()) {
    const layer = manifest.layers[index];
    if (!layer)
      throw new BerthError('STATE_CORRUPT', `the image ${descriptor.digest} has fewer layers than its config`);
    if (!layers.has(diffId)) await unpackAgain(diffId, layer.digest, { layout, layers });
    parts.push({ descriptor: layer, diffId });
  }
  return { id: manifest.config.digest, image, layers: parts };
}

export async function inspectStored(name: string, descriptor: Descriptor, layout: Layout): Promise<ImageInspect> {
  const { manifest, image } = await readImage(descriptor, layout);
  const layers = manifest.layers.map(({ digest, size }, index) => ({
    digest,
    diffId: image.rootfs.diff_ids[index] ?? '',
    sizeBytes: size,
  }));
  return {
    id: manifest.config.digest,
    names: [familiarName(name)],
    sourceDigest: descriptor.annotations?.[SOURCE_DIGEST] ?? null,
    labels: image.config?.Labels ?? {},
    createdAt: image.created ?? new Date(0).toISOString(),
    sizeBytes: layers.reduce((sum, layer) => sum + layer.sizeBytes, 0),
    config: readImageConfig(image),
    architecture: image.architecture,
    os: image.os,
    digest: descriptor.digest,
    ...(image[HOST_BASE] !== undefined && { base: image[HOST_BASE] }),
    layers,
  };
}

/** A damaged image is listed by its manifest's digest, so that it can be seen and removed. */
export async function summarizeStored(name: string, descriptor: Descriptor, layout: Layout): Promise<ImageSummary> {
  try {
    const { id, names, sourceDigest, labels, createdAt, sizeBytes } = await inspectStored(name, descriptor, layout);
    return { id, names, sourceDigest, labels, createdAt, sizeBytes };
  } catch (error) {
    if (!(error instanceof BerthError && error.code === 'STATE_CORRUPT')) throw error;
    return {
      id: descriptor.digest,
      names: [familiarName(name)],
      sourceDigest: null,
      labels: {},
      createdAt: new Date(0).toISOString(),
      sizeBytes: 0,
    };
  }
}

async function readImage(descriptor: Descriptor, layout: Layout) {
  const manifest = await layout.readJson<Manifest>(descriptor.digest);
  return { manifest, image: await layout.readJson<OciImage>(manifest.config.digest) };
}

/** The archive is kept, so a layer that somebody has removed comes back; its digest tells whether it is the same. */
async function unpackAgain(diffId: string, digest: string, { layout, layers }: UnpackingStores): Promise<void> {
  const path = layout.blobPath(digest);
  try {
    const unpacked = await unpackArchive(path, { compression: await detectCompression(path), layers });
    if (unpacked.diffId === diffId) return await unpacked.layer.keep(diffId);
    await unpacked.layer.drop();
    throw new Error(`its archive has the digest ${unpacked.diffId}`);
  } catch (cause) {
    throw new BerthError('STATE_CORRUPT', `layer ${diffId} of the image is missing and can not be unpacked again`, {
      hint: 'pull or import the image again',
      cause,
    });
  }
}

/** undefined for an image of another platform than the one that is asked for, and for a damaged one: it is to be fetched. */
export async function storedState(
  descriptor: Descriptor,
  { layout, layers }: UnpackingStores,
  platform: string | undefined,
): Promise<StoredState | undefined> {
  const read = await readImage(descriptor, layout).catch(() => undefined);
  if (!read) return undefined;
  const { manifest, image } = read;
  const isUsable = manifest.layers.every(
    (layer, index) => layers.has(image.rootfs.diff_ids[index] ?? '') || layout.isWhole(layer),
  );
  if (!isUsable || (platform !== undefined && !isSamePlatform(parsePlatform(platform), image))) return undefined;
  const pulledAtMs = Date.parse(descriptor.annotations?.[PULLED_AT] ?? '');
  return { pulledAtMs: Number.isNaN(pulledAtMs) ? null : pulledAtMs };
}

/** Steps without a layer have size 0; layers that no step tells of come with empty words. */
export async function historyOf(descriptor: Descriptor, layout: Layout): Promise<HistoryEntry[]> {
  const { manifest, image } = await readImage(descriptor, layout);
  const layers = [...manifest.layers];
  const steps = image.history ?? layers.map(() => ({ created: image.created }));
  return steps
    .map((step): HistoryEntry => {
      const layer = 'empty_layer' in step && step.empty_layer ? undefined : layers.shift();
      return {
        createdAt: step.created ?? new Date(0).toISOString(),
        createdBy: ('created_by' in step ? step.created_by : undefined) ?? '',
        comment: ('comment' in step ? step.comment : undefined) ?? '',
        layer: layer?.digest ?? null,
        sizeBytes: layer?.size ?? 0,
      };
    })
    .reverse();
}
