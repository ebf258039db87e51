/**
 * A folder of this machine as a context: what a pattern of COPY finds in it.
 *
 * Ignored folders are not read. Links on the way to a source are followed
 * inside the context only; links in what is copied stay links.
 */
import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { BerthError, errnoOf } from '../../base/errors.ts';
import { compilePatterns, type IgnorePatterns } from '../../base/ignore-patterns.ts';
import type { FileEntry } from '../files/file-entry.ts';

export type FolderContext = {
  /** For messages: `the context`, `the context assets`. */
  readonly title: string;
  readonly root: string;
  readonly ignore: IgnorePatterns;
};

export type ContextFile = {
  readonly path: string;
  readonly kind: FileEntry['kind'];
  readonly mode: number;
  readonly target: string;
  /** Absolute, of a file. */
  readonly source: string;
  readonly size: number;
  /** Tells whether the content can have changed. */
  readonly stamp: string;
  readonly changedMs: number;
};

/** What one pattern found: the root with an empty path first. */
export type ContextMatch = { readonly path: string; readonly files: readonly ContextFile[] };

const MAX_LINKS = 40;
const MAX_ENTRIES = 5_000_000;

/** Sorted by path. BUILD_FAILED when a source without a pattern is not there. */
export async function findInContext(context: FolderContext, pattern: string): Promise<ContextMatch[]> {
  const pivot = /\/\.\//.exec(pattern)?.index;
  const wanted = posix.normalize(`/${pattern}`).slice(1).replace(/\/$/, '');
  const isPattern = /[*?[\\]/.test(wanted);
  const paths = isPattern ? await expand(context, wanted.split('/'), '') : [wanted];
  const matches: ContextMatch[] = [];
  for (const path of paths) {
    const files = await filesOf(context, path);
    if (files) matches.push({ path: pivot === undefined ? path : withPivot(path, pattern.slice(0, pivot)), files });
    else if (!isPattern) throw await notFound(context, wanted);
  }
  return matches;
}

function withPivot(path: string, before: string): string {
  const base = posix.normalize(`/${before}`).slice(1);
  return base === '' ? path : `${base}/./${path.slice(base.length + 1)}`;
}

/** Component by component: only folders that a pattern leads into are read. */
async function expand(context: FolderContext, segments: readonly string[], found: string): Promise<string[]> {
  const [segment, ...rest] = segments;
  if (segment === undefined) return [found];
  if (!/[*?[\\]/.test(segment)) return await expand(context, rest, posix.join(found, segment));
  const [pattern] = compilePatterns([segment]);
  const folder = await resolveInside(context, found);
  const names = folder === undefined ? [] : await namesOf(folder);
  const all: string[] = [];
  const below = segment === '**' ? await expand(context, rest, found) : [];
  for (const name of names) {
    const path = posix.join(found, name);
    if (!pattern!.matches(name) || isLeftOut(context, path)) continue;
    /* It goes through folders, not through links: one that leads up would never end. */
    if (segment === '**' && (await isLink(join(folder!, name)))) continue;
    /* `**` stands for any number of folders (COPY --parents). */
    all.push(...(await expand(context, segment === '**' ? segments : rest, path)));
  }
  return [...new Set([...below, ...all])].sort();
}

async function isLink(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined))?.isSymbolicLink() ?? false;
}

function isLeftOut({ ignore }: FolderContext, path: string): boolean {
  return ignore.ignores(path) && ignore.prunes(path);
}

/** undefined: it is not there, or ignored with all that is in it. */
async function filesOf(context: FolderContext, path: string): Promise<ContextFile[] | undefined> {
  const source = await resolveInside(context, path);
  if (source === undefined) return undefined;
  const root = await statOf(source);
  if (!root) return undefined;
  const isIgnored = path !== '' && context.ignore.ignores(path);
  if (root.kind !== 'folder') return isIgnored ? undefined : [root];
  const files: ContextFile[] = [root];
  await walk({ context, path, source, below: '', files });
  return isIgnored && files.length === 1 ? undefined : files;
}

type Walk = {
  readonly context: FolderContext;
  readonly path: string;
  readonly source: string;
  readonly below: string;
  readonly files: ContextFile[];
};

async function walk({ context, path, source, below, files }: Walk): Promise<void> {
  for (const name of (await namesOf(source)).sort()) {
    const inner = posix.join(path, name);
    const isIgnored = context.ignore.ignores(inner);
    if (isIgnored && context.ignore.prunes(inner)) continue;
    const file = await statOf(join(source, name));
    if (!file) continue;
    const entry = { ...file, path: posix.join(below, name) };
    if (files.length > MAX_ENTRIES) {
      throw new BerthError('BUILD_FAILED', `${context.title} has more than ${MAX_ENTRIES} files`, {
        hint: 'leave what is not needed out with .dockerignore',
      });
    }
    if (entry.kind !== 'folder') {
      if (!isIgnored) files.push(entry);
      continue;
    }
    const before = files.length;
    files.push(entry);
    await walk({ context, path: inner, source: join(source, name), below: entry.path, files });
    /* An ignored folder is there only for what came back in it. */
    if (isIgnored && files.length === before + 1) files.pop();
  }
}

async function namesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOTDIR' || errnoOf(error) === 'ENOENT') return [];
    throw new BerthError('BUILD_FAILED', `${folder} can not be read: ${errnoOf(error)}`, { cause: error });
  }
}

async function statOf(source: string): Promise<ContextFile | undefined> {
  const stat = await lstat(source, { bigint: true }).catch(() => undefined);
  if (!stat) return undefined;
  const kind = stat.isDirectory()
    ? 'folder'
    : stat.isSymbolicLink()
      ? 'link'
      : stat.isFile()
        ? 'file'
        : stat.isFIFO()
          ? 'fifo'
          : undefined;
  /* Sockets and devices can not be in a layer of ours. */
  if (!kind) return undefined;
  return {
    path: '',
    kind,
    mode: kind === 'link' ? 0o777 : Number(stat.mode & 0o7777n),
    target: kind === 'link' ? await readlink(source) : '',
    source,
    size: kind === 'file' ? Number(stat.size) : 0,
    stamp: `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`,
    changedMs: Number(stat.ctimeMs),
  };
}

/** Where PATH is, with links taken as if the context were "/"; undefined: nowhere. */
async function resolveInside({ root }: FolderContext, path: string): Promise<string | undefined> {
  const left = path.split('/').filter((part) => part !== '' && part !== '.');
  let at: string[] = [];
  let links = 0;
  while (left.length > 0) {
    const part = left.shift()!;
    if (part === '..') {
      at.pop();
      continue;
    }
    const next = [...at, part];
    const stat = await lstat(join(root, ...next)).catch(() => undefined);
    if (!stat) return undefined;
    if (!stat.isSymbolicLink()) {
      at = next;
      continue;
    }
    if (++links > MAX_LINKS) throw new BerthError('BUILD_FAILED', `${path} has too many links: they lead in a circle`);
    const target = await readlink(join(root, ...next));
    if (target.startsWith('/')) at = [];
    left.unshift(...target.split('/').filter((piece) => piece !== '' && piece !== '.'));
  }
  return join(root, ...at);
}

async function notFound(context: FolderContext, path: string): Promise<BerthError> {
  const isThere = (await resolveInside(context, path)) !== undefined;
  const hint = isThere ? '.dockerignore leaves it out' : `sources are relative to ${context.root}`;
  return new BerthError('BUILD_FAILED', `${path} is not in ${context.title}`, { hint });
}

/** The file as an entry; its content is read when it is asked for. */
export function contextEntry({ path, kind, mode, target, source, size }: ContextFile): FileEntry {
  const read = kind === 'file' ? () => createReadStream(source, { highWaterMark: 1 << 20 }) : null;
  return { path, kind, mode, uid: 0, gid: 0, size, target, attributes: [], read };
}
