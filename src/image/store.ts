/**
 * The image driver: the machine's own root (`host`), and the images of the store.
 */
import { join } from 'node:path';
import { BerthError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import { hostImage } from './host-image.ts';
import type { ImageDriver, ImageInspect, RemovedImage, ResolvedImage } from './image.ts';
import { type OciImage, readImageConfig } from './image-config.ts';
import { importRootfs } from './import-rootfs.ts';
import { type Descriptor, imageLayout, type Layout, type Manifest } from './layout.ts';
import { canonicalName, familiarName, HOST_IMAGE, parseReference } from './reference.ts';
import { type LayerStore, layerStore } from './unpack-layer.ts';

export type StoreOptions = { readonly dataDir: string; readonly executor: string };

export function hostAndStoredImages({ dataDir, executor }: StoreOptions): ImageDriver {
  const layout = imageLayout(join(dataDir, 'images'));
  const layers = layerStore(join(dataDir, 'layers'), executor);
  const host = hostImage(dataDir);
  const find = (reference: string) => layout.names().get(canonicalName(parseReference(reference)));

  return {
    async open() {
      await layout.open();
      await layers.open();
    },

    async resolve(reference) {
      if (reference === HOST_IMAGE) return host.resolve();
      const manifest = find(reference);
      return manifest && (await resolveStored(reference, manifest, { layout, layers }));
    },

    async importRootfs(archive, name, options = {}) {
      if (name === HOST_IMAGE) throw reserved();
      const canonical = canonicalName(parseReference(name));
      const manifest = await importRootfs(archive, { layout, layers }, options);
      await layout.setName(canonical, manifest);
      return await inspectStored(canonical, manifest, layout);
    },

    async list() {
      const stored = [...layout.names()].map(([name, manifest]) => inspectStored(name, manifest, layout));
      return [host.inspect(), ...(await Promise.all(stored))].map(({ id, names, createdAt, sizeBytes }) => ({ id, names, createdAt, sizeBytes }));
    },

    async inspect(reference) {
      if (reference === HOST_IMAGE) return host.inspect();
      const manifest = find(reference);
      if (!manifest) throw notFound(reference, layout);
      return await inspectStored(canonicalName(parseReference(reference)), manifest, layout);
    },

    async remove(reference, inUse) {
      if (reference === HOST_IMAGE) throw reserved();
      const manifest = find(reference);
      if (!manifest) throw notFound(reference, layout);
      return await removeStored(reference, manifest, { layout, layers, inUse });
    },
  };
}

type Stores = { readonly layout: Layout; readonly layers: LayerStore };

async function resolveStored(reference: string, manifest: Descriptor, { layout, layers }: Stores): Promise<ResolvedImage> {
  const { config } = await layout.readJson<Manifest>(manifest.digest);
  const image = await layout.readJson<OciImage>(config.digest);
  return {
    id: config.digest,
    reference: canonicalName(parseReference(reference)),
    config: readImageConfig(image),
    lowers: image.rootfs.diff_ids.map(layers.pathOf).reverse(),
    binds: [],
  };
}

async function inspectStored(name: string, descriptor: Descriptor, layout: Layout): Promise<ImageInspect> {
  const manifest = await layout.readJson<Manifest>(descriptor.digest);
  const image = await layout.readJson<OciImage>(manifest.config.digest);
  const layers = manifest.layers.map(({ digest, size }, index) => ({ digest, diffId: image.rootfs.diff_ids[index] ?? '', sizeBytes: size }));
  return {
    id: manifest.config.digest,
    names: [familiarName(name)],
    createdAt: image.created ?? new Date(0).toISOString(),
    sizeBytes: layers.reduce((sum, layer) => sum + layer.sizeBytes, 0),
    config: readImageConfig(image),
    architecture: image.architecture,
    os: image.os,
    layers,
  };
}

type Removing = Stores & { readonly inUse: ReadonlySet<string> };

async function removeStored(reference: string, descriptor: Descriptor, { layout, layers, inUse }: Removing): Promise<RemovedImage> {
  const name = canonicalName(parseReference(reference));
  const { config } = await layout.readJson<Manifest>(descriptor.digest);
  const others = [...layout.names()].filter(([other]) => other !== name);
  const isLast = !others.some(([, other]) => other.digest === descriptor.digest);
  if (isLast && inUse.has(config.digest)) {
    throw new BerthError('IMAGE_IN_USE', `image ${familiarName(name)} is used by a container`, {
      hint: 'take the stack down first; `berth ls -a` lists all',
    });
  }
  await layout.dropName(name);
  return { untagged: [familiarName(name)], deleted: isLast ? await sweep({ layout, layers }) : [] };
}

/** Removes blobs and layers that no name leads to. */
async function sweep({ layout, layers }: Stores): Promise<string[]> {
  const blobs = new Set<string>();
  const diffs = new Set<string>();
  for (const descriptor of layout.names().values()) {
    const manifest = await layout.readJson<Manifest>(descriptor.digest);
    const image = await layout.readJson<OciImage>(manifest.config.digest);
    for (const { digest } of [descriptor, manifest.config, ...manifest.layers]) blobs.add(digest);
    for (const diffId of image.rootfs.diff_ids) diffs.add(diffId);
  }
  const goneBlobs = (await layout.blobs()).filter((digest) => !blobs.has(digest));
  const goneLayers = (await layers.list()).filter((diffId) => !diffs.has(diffId));
  await Promise.all([...goneBlobs.map(layout.removeBlob), ...goneLayers.map(layers.remove)]);
  return goneBlobs;
}

function notFound(reference: string, layout: Layout): BerthError {
  const names = [HOST_IMAGE, ...[...layout.names().keys()].map(familiarName)];
  const near = nearest(reference, names);
  return new BerthError('IMAGE_NOT_FOUND', `image ${reference} is not on this machine`, {
    hint: near === undefined ? '`berth image ls` lists what is there' : `did you mean ${near}?`,
  });
}

function reserved(): BerthError {
  return new BerthError('IMAGE_REFERENCE_INVALID', '`host` is the reserved name of this machine\'s own root', { hint: 'choose another name' });
}
