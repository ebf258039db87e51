/**
 * A root filesystem's archive -> an image of one layer.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { BerthError } from '../base/errors.ts';
import { parsePlatform } from '../registry/platform.ts';
import { changedConfig } from './change-config.ts';
import type { ImportOptions } from './image.ts';
import { type OciImage, ociImageOf } from './image-config.ts';
import type { Descriptor } from './layout-index.ts';
import { writeImage } from './make-image.ts';
import { stageLayer } from './stage-layer.ts';
import type { Stores } from './sweep.ts';

/** An image that lies ready beside the store. */
export type StagedImage = {
  /** Moves it in; the descriptor of its manifest, for a name. */
  commit(): Promise<Descriptor>;
  /** Removes what has not been moved in; always called. */
  discard(): Promise<void>;
};

/** Receives and unpacks. IMAGE_ARCHIVE_INVALID, DISK_FULL and ABORTED leave nothing behind. */
export async function stageRootfs(archive: Readable, stores: Stores, options: ImportOptions): Promise<StagedImage> {
  const made = imageWithout(options);
  const layer = await stageLayer(archive, stores, options);
  if (isImageArchive(layer.folder)) {
    await layer.discard();
    throw imageArchive();
  }
  return {
    discard: layer.discard,
    async commit() {
      await layer.commit();
      const image = { ...made, rootfs: { type: 'layers' as const, diff_ids: [layer.diffId] } };
      return await writeImage(stores.layout, { image, layers: [layer] });
    },
  };
}

/** All but its layer: what is wrong with a flag is said before anything is received. */
function imageWithout({ config = {}, changes = [], message, platform }: ImportOptions): Omit<OciImage, 'rootfs'> {
  const created = new Date().toISOString();
  const image = ociImageOf(config, created);
  const step = { created, created_by: 'berth image import', ...(message !== undefined && { comment: message }) };
  const parsed = platform === undefined ? {} : parsePlatform(platform);
  return { ...image, ...parsed, config: changedConfig(image.config ?? {}, changes), history: [step] };
}

/** `docker save` and OCI archives hold layers, not a root: a container of that would find no program. */
function isImageArchive(folder: string): boolean {
  const isThere = (name: string) => existsSync(join(folder, name));
  return (isThere('oci-layout') || isThere('manifest.json')) && !['bin', 'usr', 'etc', 'lib'].some(isThere);
}

function imageArchive(): BerthError {
  return new BerthError('IMAGE_ARCHIVE_INVALID', 'the archive holds a saved image, not a root filesystem', {
    hint: '`berth load -i FILE` reads it',
  });
}
