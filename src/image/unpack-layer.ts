/**
 * Unpacked layers: `layers/HEX` for overlayfs, HEX being the digest of the layer's tar.
 *
 * A folder is complete when it has its name: it is unpacked beside, synced
 * and renamed.
 */
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { syncFolder } from '../base/atomic-file.ts';
import { diskFull, isDiskFull } from '../base/disk-full.ts';
import { failpoint } from '../base/failpoint.ts';
import { removeFolder } from './remove-folder.ts';
import { runUntar } from './run-untar.ts';

const PART = '.part-';

export type LayerStore = {
  /** The folder of all of them. */
  readonly root: string;
  /** Removes what a crash left half unpacked. */
  open(): Promise<void>;
  /** Unpacks an uncompressed tar to a place without a name; keep() gives it one, drop() removes it. */
  unpack(tar: Readable, signal?: AbortSignal): Promise<UnpackedLayer>;
  /** Takes over a folder of the same file system, complete and synced, as this layer. */
  adopt(folder: string, diffId: string): Promise<void>;
  has(diffId: string): boolean;
  pathOf(diffId: string): string;
  remove(diffId: string): Promise<void>;
  list(): Promise<string[]>;
};

export type UnpackedLayer = { readonly folder: string; keep(diffId: string): Promise<void>; drop(): Promise<void> };

export function layerStore(root: string, executor: string): LayerStore {
  let count = 0;
  const pathOf = (diffId: string) => join(root, diffId.replace('sha256:', ''));
  return {
    root,
    async open() {
      await mkdir(root, { recursive: true });
      const parts = (await readdir(root)).filter((name) => name.startsWith(PART));
      await Promise.all(parts.map((name) => removeFolder(join(root, name))));
    },
    async unpack(tar, signal) {
      const folder = join(root, `${PART}${process.pid}-${++count}`);
      const drop = () => removeFolder(folder);
      try {
        await mkdir(folder);
        /* The root of an archive that does not name it; whatever this process's umask is. */
        await chmod(folder, 0o755);
        await runUntar(executor, { folder, tar, signal });
      } catch (error) {
        await drop();
        throw isDiskFull(error) ? diskFull('the image store', error) : error;
      }
      return { folder, drop, keep: (diffId) => keep(folder, pathOf(diffId)) };
    },
    adopt: (folder, diffId) => keep(folder, pathOf(diffId)),
    has: (diffId) => existsSync(pathOf(diffId)),
    pathOf,
    async remove(diffId) {
      /* Without its name first: a removal that is cut short must not leave half a layer under it. */
      const part = join(root, `${PART}${process.pid}-${++count}`);
      await rename(pathOf(diffId), part);
      await removeFolder(part);
    },
    list: async () => (await readdir(root)).filter((name) => /^[0-9a-f]{64}$/.test(name)).map((hex) => `sha256:${hex}`),
  };
}

/** The executor has synced the content (--sync) before it gets its name. */
async function keep(folder: string, path: string): Promise<void> {
  if (existsSync(path)) return removeFolder(folder);
  failpoint('layer.unpacked');
  await rename(folder, path);
  failpoint('layer.renamed');
  await syncFolder(join(path, '..'));
}
