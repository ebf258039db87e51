/**
 * What a vertex gives: layers, bottom first, on nothing or on this machine's own root.
 */
import { createHash } from 'node:crypto';
import type { ImageDriver } from '../../image/image.ts';
import type { StoredLayer } from '../../image/stage-layer.ts';
import type { LayeredRoot } from './run-executor.ts';

export type HostBase = {
  readonly id: string;
  readonly lowers: readonly string[];
  readonly binds: readonly { readonly source: string; readonly target: string }[];
};

export type Rootfs = { readonly layers: readonly StoredLayer[]; readonly host: HostBase | null };

export const EMPTY_ROOT: Rootfs = { layers: [], host: null };

/** Tells root filesystems apart by content: equal ids, equal files. */
export function rootId({ layers, host }: Rootfs): string {
  const parts = [host?.id ?? '', ...layers.map(({ diffId }) => diffId)];
  return createHash('sha256').update(parts.join('\n')).digest('hex');
}

/** For mounting; `empty` is a folder that stands for no layer at all. */
export function lowersOf({ layers, host }: Rootfs, images: ImageDriver, empty: string): string[] {
  const lowers = [...images.lowersOf(layers), ...(host?.lowers ?? [])];
  return lowers.length === 0 ? [empty] : lowers;
}

export function readingRoot(root: Rootfs, images: ImageDriver, empty: string): LayeredRoot {
  return {
    lowers: lowersOf(root, images, empty),
    upper: null,
    binds: root.host?.binds.map(({ source }) => source) ?? [],
  };
}
