/**
 * Skeletons of `image: host` on disk, and the note which of them is current.
 *
 * A skeleton is not synced to disk, since it can be made again: its name has
 * the boot in it, so that one a power cut may have cut is never used.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { HostRoot, RootEntry } from './host-root.ts';
import { mountedFolders } from './in-use.ts';

export type Skeleton = Pick<HostRoot, 'digest' | 'programs' | 'binds'> & { readonly folder: string };

export type HostSkeletons = {
  /** Removes what is neither current nor under a running container. */
  open(): Promise<void>;
  /** The current one, when nothing that it was made of has changed. */
  find(): Skeleton | undefined;
  make(root: HostRoot): Skeleton;
};

/** What current.json holds. */
type Note = { readonly skeleton: Skeleton; readonly inputs: readonly string[]; readonly signature: string };

export function hostSkeletons(root: string): HostSkeletons {
  const notePath = join(root, 'current.json');
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
  let note: Note | undefined;

  const find = (): Skeleton | undefined => {
    note ??= readNote(notePath);
    if (!note?.skeleton.folder.endsWith(boot) || !existsSync(note.skeleton.folder)) return undefined;
    return signatureOf(note.inputs) === note.signature ? note.skeleton : undefined;
  };

  return {
    find,
    async open() {
      if (!existsSync(root)) return;
      const current = find()?.folder;
      const others = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
      const old = others.map(({ name }) => join(root, name)).filter((path) => path !== current);
      const isMounted = old.length > 0 ? mountedFolders() : () => false;
      for (const path of old) if (!isMounted(path)) rmSync(path, { recursive: true, force: true });
    },
    make({ digest, programs, binds, entries, inputs }) {
      const signature = signatureOf(inputs);
      const folder = join(root, `${digest.slice(0, 24)}-${boot}`);
      if (!existsSync(folder)) makeSkeleton(folder, entries);
      note = { skeleton: { digest, programs, binds, folder }, inputs, signature };
      const part = `${notePath}.${process.pid}.tmp`;
      writeFileSync(part, JSON.stringify(note), { mode: 0o600 });
      renameSync(part, notePath);
      return note.skeleton;
    },
  };
}

/** A note that can not be read is none: the skeleton is made again. */
function readNote(path: string): Note | undefined {
  try {
    const note = JSON.parse(readFileSync(path, 'utf8')) as Note;
    return typeof note.signature === 'string' && Array.isArray(note.inputs) && note.skeleton?.folder ? note : undefined;
  } catch {
    return undefined;
  }
}

/** Of names, sizes and change times; a file that is not there counts as such. */
function signatureOf(paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of paths) {
    const stat = statSync(path, { throwIfNoEntry: false });
    hash.update(`${path}\0${stat ? `${stat.ino} ${stat.size} ${stat.mode} ${stat.ctimeMs}` : 'none'}\n`);
  }
  return hash.digest('hex');
}

/** Made under another name and renamed: a half one is never used. */
function makeSkeleton(folder: string, entries: readonly RootEntry[]): void {
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  makeFolder(dirname(part), part);
  for (const entry of entries) {
    const path = join(part, entry.path);
    makeFolder(part, dirname(path));
    if (entry.kind === 'folder') makeFolder(part, path);
    if (entry.kind === 'link') symlinkSync(entry.target, path);
    else if (entry.kind === 'file') writeFileSync(path, entry.content);
    /* Not by the mode of making: this process's umask may be anything. */
    if (entry.kind !== 'link') chmodSync(path, entry.mode);
  }
  renameSync(part, folder);
}

function makeFolder(above: string, path: string): void {
  if (path === above || existsSync(path)) return;
  if (!existsSync(dirname(path))) makeFolder(above, dirname(path));
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o755);
}
