/** Images of a stack file by the digest under which they are stored: for files that fix them. */
import type { Engine } from '../engine/engine.ts';
import { imagesOf, imagesOnly, plainTree, withImages } from '../stackfile/model-lists.ts';
import type { MapTree } from '../stackfile/tree.ts';

export type Locking = { readonly engine: Engine; readonly imagesOnly: boolean };

/** IMAGE_NOT_FOUND when one is not stored. Images of this machine and those with a digest stay as they are. */
export async function lockedImages(tree: MapTree, { engine, imagesOnly: only }: Locking): Promise<unknown> {
  const digests = new Map<string, string>();
  for (const image of new Set(imagesOf({ tree, name: '' }))) {
    const { digest } = image.includes('@') || image.startsWith('-') ? {} : await engine.imageInspect(image);
    if (digest !== undefined) digests.set(image, digest);
  }
  const locked = withImages(tree, (image) => (digests.has(image) ? `${image}@${digests.get(image)}` : image));
  return only ? imagesOnly(locked) : plainTree(locked);
}
