/**
 * Folders of `--mount=type=cache`: kept between builds, shared as each mount asks for.
 */
import { existsSync } from 'node:fs';
import { chmod, chown, cp, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunMount } from '../dockerfile/instruction.ts';
import { removeTree } from './remove-tree.ts';
import { lowersOf } from './rootfs.ts';
import type { Solving } from './solving.ts';
import type { ShownFiles } from './step-mounts.ts';

export type WantedCache = Omit<Extract<RunMount, { readonly kind: 'cache' }>, 'id'> & {
  readonly id: string;
  readonly files: ShownFiles | null;
};

export type TakenCache = { readonly path: string; release(): void };

/** Folders in use now, by path: how many hold them, and who waits for a locked one. */
const held = new Map<string, { count: number; readonly waiting: (() => void)[] }>();

/** `shared`: at once; `locked`: when nobody else has it; `private`: the first that is free, or a new one. */
export async function takeCacheFolder(solving: Solving, wanted: WantedCache): Promise<TakenCache> {
  const base = join(solving.host.folder, 'mounts', wanted.id);
  const path = await choose(base, wanted.sharing);
  const release = () => letGo(path);
  try {
    if (!existsSync(path)) await solving.host.cache.once(path, () => make(solving, path, wanted));
  } catch (error) {
    release();
    throw error;
  }
  return { path, release };
}

async function choose(base: string, sharing: WantedCache['sharing']): Promise<string> {
  if (sharing === 'private') {
    let path = base;
    for (let number = 1; held.has(path); number += 1) path = `${base}.${number}`;
    held.set(path, { count: 1, waiting: [] });
    return path;
  }
  const holder = held.get(base);
  if (!holder) held.set(base, { count: 1, waiting: [] });
  else if (sharing === 'shared') holder.count += 1;
  else await new Promise<void>((resolve) => holder.waiting.push(resolve));
  return base;
}

function letGo(path: string): void {
  const holder = held.get(path);
  if (!holder) return;
  const next = holder.waiting.shift();
  if (next) next();
  else if (--holder.count === 0) held.delete(path);
}

/** Complete when it has its name. */
async function make(solving: Solving, path: string, { mode, uid, gid, files }: WantedCache): Promise<void> {
  const part = `${path}.part`;
  await removeTree(part);
  await mkdir(part, { recursive: true });
  for (const source of sourcesOf(solving, files)) {
    await cp(source, part, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  }
  await chown(part, uid, gid);
  await chmod(part, mode);
  await rename(part, path);
}

/** What a new folder begins with. */
function sourcesOf({ host, emptyFolder }: Solving, files: ShownFiles | null): string[] {
  if (files === null) return [];
  if (files.kind === 'layer') return [files.folder];
  return lowersOf(files.root, host.images, emptyFolder).reverse();
}
