/**
 * A layer that was made here, folder and tar, moves into the store as it is: nothing is copied or unpacked.
 */
import { failpoint } from '../base/failpoint.ts';
import type { SerialQueue } from './serial-queue.ts';
import type { StoredLayer } from './stage-layer.ts';
import type { Stores } from './sweep.ts';

export type FinishedLayer = {
  /** For overlayfs, on the store's file system, synced. */
  readonly folder: string;
  /** The same content as a plain tar, at a path of newLayerPath(), synced. */
  readonly tar: string;
  readonly diffId: string;
  readonly sizeBytes: number;
  /** Keeps the layer; see addLayer(). */
  readonly lease: string;
};

export async function adoptLayer(
  { folder, tar, diffId, sizeBytes, lease }: FinishedLayer,
  { stores, serially }: { readonly stores: Stores; readonly serially: SerialQueue },
): Promise<StoredLayer> {
  await stores.leases.hold(lease, [diffId]);
  await serially(async () => {
    failpoint('layer.leased');
    await stores.layout.keepBlob(tar, diffId);
    failpoint('layer.named');
    await stores.layers.adopt(folder, diffId);
    failpoint('layer.adopted');
  });
  const mediaType = 'application/vnd.oci.image.layer.v1.tar';
  return { diffId, descriptor: { mediaType, digest: diffId, size: sizeBytes } };
}
