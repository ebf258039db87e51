/**
 * One copy between a container and this machine, by docker's rules of what becomes of names.
 *
 * A folder goes into a folder that is there, and becomes the target where
 * nothing is; `SOURCE/.` is what is in it. Both sides are packed and unpacked
 * by the executor, so that an archive can not leave its folder.
 */
import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, posix, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { BerthError } from '../base/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { FileTrees, PathStat } from '../runtime/file-trees.ts';
import type { Copied } from './cp.ts';
import { plainTar } from './plain-tar.ts';

export type Copier = {
  readonly engine: Engine;
  readonly trees: FileTrees;
  /** Owners are kept. */
  readonly archive: boolean;
  readonly follow: boolean;
  readonly signal: AbortSignal;
};

const MAX_LINKS = 40;

export async function copyFrom(copier: Copier, { container, from, to }: Copied): Promise<void> {
  const { engine, trees, archive, signal } = copier;
  const follow = copier.follow || namesFolder(from);
  const source = await engine.pathStat(container, from, follow);
  refuseSource(source, from, container);
  const out = (name: string) => engine.copyOut(container, { path: from, name, follow, signal });
  if (to === '-') {
    if (process.stdout.isTTY === true)
      throw new BerthError('USAGE', 'an archive is nothing for a terminal', { hint: 'pipe it: ... - | tar -x' });
    return await pipeline(await out(nameOf(from)), process.stdout);
  }
  const here = realPath(resolve(to));
  const { folder, name } = placeFor({ source, from, to: namesFolder(to) ? `${here}/` : here, target: kindHere(here) });
  const tar = await out(name);
  const owner = archive ? undefined : personOf(process.env);
  await trees.unpack({ root: { kind: 'folder', path: folder }, path: '/', tar, owner, signal });
}

export async function copyTo(copier: Copier, { container, from, to }: Copied): Promise<void> {
  const { engine, trees, archive, signal } = copier;
  const path = posix.join('/', to);
  if (from === '-') {
    await requireFolder(engine, container, path);
    return await engine.copyIn(container, { path, tar: await plainTar(process.stdin), archive, signal });
  }
  const here = resolve(from);
  const root = { kind: 'folder', path: '/' } as const;
  const follow = copier.follow || namesFolder(from);
  const source = await trees.stat(root, here, follow);
  refuseSource(source, from, 'this machine');
  const real = await followLinks(engine, container, path);
  const target = (await engine.pathStat(container, real, true)).kind;
  const { folder, name } = placeFor({
    source,
    from: namesContent(from) ? `${here}/.` : here,
    to: namesFolder(to) ? `${real}/` : real,
    target,
  });
  const tar = await trees.pack({ root, path: here, name, follow, signal });
  await engine.copyIn(container, { path: folder, tar, archive, signal });
}

type Meeting = {
  readonly source: PathStat;
  readonly from: string;
  /** Absolute; with a slash at its end when the person wrote one. */
  readonly to: string;
  readonly target: PathStat['kind'];
};

/** The folder to unpack in, and the first part of the names. */
export function placeFor({ source, from, to, target }: Meeting): { readonly folder: string; readonly name: string } {
  const isFolder = source.kind === 'folder';
  if (target === 'folder') return { folder: to, name: isFolder && namesContent(from) ? '.' : nameOf(from) };
  if (target !== 'none' && isFolder) {
    throw new BerthError('COPY_FAILED', `${from} is a folder, ${to} is none`, { hint: 'name a folder, or a new path' });
  }
  if (target !== 'none' && namesFolder(to)) throw new BerthError('COPY_FAILED', `${to} is no folder`);
  if (target === 'none' && !isFolder && namesFolder(to)) {
    throw new BerthError('COPY_FAILED', `there is no folder ${to}`, {
      hint: 'make it first, or leave out the slash at its end',
    });
  }
  const plain = to.replace(/(.)\/+$/, '$1');
  return { folder: dirname(plain), name: basename(plain) };
}

/** `x/` and `x/.` can only be folders. */
function namesFolder(path: string): boolean {
  return path.endsWith('/') || namesContent(path);
}

function namesContent(path: string): boolean {
  return path === '.' || path.endsWith('/.');
}

/** The root has no name of its own. */
function nameOf(path: string): string {
  return basename(posix.normalize(path)) || '.';
}

function refuseSource(source: PathStat, path: string, where: string): void {
  if (source.kind === 'none') throw new BerthError('COPY_FAILED', `there is no ${path} in ${where}`);
  if (namesFolder(path) && source.kind !== 'folder') throw new BerthError('COPY_FAILED', `${path} is no folder`);
}

async function requireFolder(engine: Engine, container: string, path: string): Promise<void> {
  const { kind } = await engine.pathStat(container, path, true);
  if (kind === 'folder') return;
  throw new BerthError('COPY_FAILED', `${path} is no folder of ${container}`, {
    hint: 'a tar stream goes into a folder',
  });
}

/** Where a link at the end leads to: what is copied goes there, and the link stays. */
async function followLinks(engine: Engine, container: string, path: string): Promise<string> {
  let at = path;
  for (let links = 0; links < MAX_LINKS; links++) {
    const { kind, target } = await engine.pathStat(container, at, false);
    if (kind !== 'link') return at;
    at = posix.resolve('/', dirname(at), target);
  }
  throw new BerthError('COPY_FAILED', `${path} leads from link to link`);
}

function kindHere(path: string): PathStat['kind'] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 'none';
  return stat.isDirectory() ? 'folder' : stat.isFile() ? 'file' : 'other';
}

/** What a link here leads to is what is written. */
function realPath(path: string): string {
  return statSync(path, { throwIfNoEntry: false }) ? realpathSync(path) : path;
}

/** Files made here belong to the person behind sudo(8), as they would without it. */
function personOf({ SUDO_UID, SUDO_GID }: NodeJS.ProcessEnv) {
  const isNumber = (text: string | undefined): text is string => /^\d+$/.test(text ?? '');
  if (isNumber(SUDO_UID) && isNumber(SUDO_GID)) return { uid: Number(SUDO_UID), gid: Number(SUDO_GID) };
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}
