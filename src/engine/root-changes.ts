/**
 * What a container changed in its root: its overlay's upper folder, compared with the layers below.
 *
 * The container may run and move things about meanwhile: every folder is
 * opened below its parent's descriptor and never through a symlink.
 */
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../base/errors.ts';
import type { RootChange } from './answers.ts';
import { recordByName } from './choose-containers.ts';
import { containerFolder } from './container-paths.ts';
import type { World } from './world.ts';

/** Added, changed and deleted paths, parents first. */
export async function rootChanges(world: World, name: string): Promise<RootChange[]> {
  const record = recordByName(world, name);
  const image = await world.images.resolve(record.image.reference);
  const changes: RootChange[] = [];
  await walkUpper(join(containerFolder(world.roots, record.id), 'upper'), async (path, entry) => {
    if (entry.isWhiteout) changes.push({ kind: 'deleted', path });
    else changes.push({ kind: (await isBelow(image?.lowers ?? [], path)) ? 'changed' : 'added', path });
  });
  return changes;
}

/** Bytes of all that containers wrote, by id. */
export async function containerSizes(world: World, names: readonly string[]): Promise<Record<string, number>> {
  const sizes: Record<string, number> = {};
  for (const { id } of names.map((name) => recordByName(world, name))) {
    let bytes = 0;
    await walkUpper(join(containerFolder(world.roots, id), 'upper'), async (_, entry) => {
      bytes += entry.size;
    });
    sizes[id] = bytes;
  }
  return sizes;
}

type Entry = { readonly isWhiteout: boolean; readonly size: number };
type Visit = (path: string, entry: Entry) => Promise<void>;

async function walkUpper(folder: string, visit: Visit): Promise<void> {
  const root = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW).catch(gone);
  if (root) await walk(root, '', visit);
}

async function walk(folder: FileHandle, path: string, visit: Visit): Promise<void> {
  const here = `/proc/self/fd/${folder.fd}`;
  try {
    for (const name of (await readdir(here)).sort()) {
      const stats = await lstat(join(here, name)).catch(gone);
      if (!stats) continue;
      /* overlayfs: a character device 0:0 stands for what was deleted. */
      const isWhiteout = stats.isCharacterDevice() && stats.rdev === 0;
      await visit(`${path}/${name}`, { isWhiteout, size: stats.isFile() ? stats.size : 0 });
      if (!stats.isDirectory()) continue;
      const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
      const inner = await open(join(here, name), flags).catch(gone);
      if (inner) await walk(inner, `${path}/${name}`, visit);
    }
  } finally {
    await folder.close();
  }
}

/** Is there something at `path` in the layers? The topmost that says anything about it, or about a parent, decides. */
async function isBelow(lowers: readonly string[], path: string): Promise<boolean> {
  const parts = path.split('/').filter(Boolean);
  for (const lower of lowers) {
    const found = await lookIn(lower, parts);
    if (found !== 'silent') return found === 'there';
  }
  return false;
}

async function lookIn(lower: string, parts: readonly string[]): Promise<'there' | 'deleted' | 'silent'> {
  let at = lower;
  for (const [index, part] of parts.entries()) {
    at = join(at, part);
    const stats = await lstat(at).catch(gone);
    if (!stats) return 'silent';
    if (stats.isCharacterDevice() && stats.rdev === 0) return 'deleted';
    /* Not even a symlink in a layer leads out of it. */
    if (index < parts.length - 1 && !stats.isDirectory()) return 'deleted';
  }
  return 'there';
}

function gone(error: unknown): undefined {
  if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errnoOf(error) ?? '')) return undefined;
  throw error;
}
