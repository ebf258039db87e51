/**
 * Removes blobs and layers that no name leads to and no lease holds.
 *
 * Layers under a mounted overlay stay: a container may run on an image that
 * has lost its name. They go with a later sweep.
 */
import { rm } from 'node:fs/promises';
import type { OciImage } from './image-config.ts';
import { mountedFolders } from './in-use.ts';
import type { Layout, Manifest } from './layout.ts';
import type { Leases } from './leases.ts';
import type { LayerStore } from './unpack-layer.ts';

export type Stores = { readonly layout: Layout; readonly layers: LayerStore; readonly leases: Leases };

/** Digests of the removed blobs. While the index or a named image is damaged nothing is removed: what is needed is not known. */
export async function sweep({ layout, layers, leases }: Stores): Promise<string[]> {
  const named = layout.setAside() === undefined ? await neededBy(layout).catch(() => undefined) : undefined;
  if (!named) return [];
  const needed = new Set([...named, ...leases.held()]);
  const goneLayers = (await layers.list()).filter((diffId) => !needed.has(diffId));
  const goneBlobs = (await layout.blobs()).filter((digest) => !needed.has(digest));
  const isMounted = goneLayers.length > 0 ? mountedFolders() : () => false;
  const unused = goneLayers.filter((diffId) => !isMounted(layers.pathOf(diffId)));
  const goneParts = (await layout.parts()).filter((digest) => !needed.has(digest));
  await Promise.all([
    ...goneBlobs.map(layout.removeBlob),
    ...unused.map(layers.remove),
    ...goneParts.map((digest) => rm(layout.partPath(digest), { force: true })),
  ]);
  await layout.fillReserve();
  return goneBlobs;
}

/** Digests of blobs and layers alike. */
async function neededBy(layout: Layout): Promise<Set<string>> {
  const needed = new Set<string>();
  for (const { digest } of layout.names().values()) {
    const manifest = await layout.readJson<Manifest>(digest);
    const image = await layout.readJson<OciImage>(manifest.config.digest);
    for (const one of [digest, manifest.config.digest, ...manifest.layers.map((layer) => layer.digest)])
      needed.add(one);
    for (const diffId of image.rootfs.diff_ids) needed.add(diffId);
  }
  return needed;
}
