/**
 * Layers of the store and a config -> an image with names.
 *
 * For whoever makes images here: the builder, `commit`, `import`. A layer is
 * added under a lease, which keeps it until an image has it; see leases.ts.
 */
import type { Readable } from 'node:stream';
import { contentInvalid } from '../registry/parse-manifest.ts';
import type { OciImage } from './image-config.ts';
import { CONFIG_TYPE, type Layout, MANIFEST_TYPE, type Manifest } from './layout.ts';
import type { Descriptor } from './layout-index.ts';
import type { SerialQueue } from './serial-queue.ts';
import { type StageOptions, type StoredLayer, stageLayer } from './stage-layer.ts';
import type { Stores } from './sweep.ts';

export type AddLayerOptions = StageOptions & {
  /** Lease that keeps the layer; the caller releases it when an image has the layer, or when it gives up. */
  readonly lease: string;
  /** What the plain tar must be. IMAGE_CONTENT_INVALID when it is something else. */
  readonly diffId?: string;
};

export type MakeImage = {
  /** Its `rootfs` is made of the layers. */
  readonly image: Omit<OciImage, 'rootfs'>;
  /** Lowest first. */
  readonly layers: readonly StoredLayer[];
  /** Canonical names; none: only the lease keeps it. */
  readonly names: readonly string[];
  /** Keeps manifest, config and layers beyond names. */
  readonly lease?: string;
  /** Of the manifest. */
  readonly annotations?: Readonly<Record<string, string>>;
};

export type MadeImage = {
  /** Digest of the config. */
  readonly id: string;
  readonly manifest: Descriptor;
};

/** Stores and unpacks a tar (plain, gzip, zstd). IMAGE_ARCHIVE_INVALID and ABORTED leave nothing behind. */
export async function addLayer(
  archive: Readable,
  { stores, serially }: { readonly stores: Stores; readonly serially: SerialQueue },
  { lease, diffId: wanted, ...options }: AddLayerOptions,
): Promise<StoredLayer> {
  const staged = await stageLayer(archive, stores, options);
  const { descriptor, diffId } = staged;
  try {
    if (wanted !== undefined && wanted !== diffId)
      throw contentInvalid(`layer ${wanted}`, `what came has the digest ${diffId}`);
    await stores.leases.hold(lease, [descriptor.digest, diffId]);
    await serially(() => staged.commit());
    return { descriptor, diffId };
  } finally {
    await staged.discard();
  }
}

/** Writes config and manifest; runs in the store's queue. */
export async function makeImage(
  { layout, leases }: Stores,
  { image, layers, names, lease, annotations = {} }: MakeImage,
): Promise<MadeImage> {
  const diffIds = layers.map(({ diffId }) => diffId);
  const manifest = await writeImage(layout, {
    image: { ...image, rootfs: { type: 'layers', diff_ids: diffIds } },
    layers,
    annotations,
  });
  const { config } = await layout.readJson<Manifest>(manifest.digest);
  if (lease !== undefined) {
    const layerDigests = layers.map(({ descriptor }) => descriptor.digest);
    await leases.hold(lease, [manifest.digest, config.digest, ...layerDigests, ...diffIds]);
  }
  for (const name of names) await layout.setName(name, manifest);
  return { id: config.digest, manifest };
}

type Written = { readonly image: OciImage } & Pick<MakeImage, 'layers' | 'annotations'>;

export async function writeImage(layout: Layout, { image, layers, annotations = {} }: Written): Promise<Descriptor> {
  const config = await layout.writeJson(CONFIG_TYPE, image);
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config,
    layers: layers.map(({ descriptor }) => descriptor),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
  return await layout.writeJson(MANIFEST_TYPE, manifest);
}
