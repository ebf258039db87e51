/**
 * What the root of `image: host` is made of: folders, links, a minimal /etc, and what is bound into it.
 *
 * Reads this machine, writes nothing. Nothing of /root, /home, /var, /srv and
 * no secret of /etc is ever part of it: what is not named is not there.
 */
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import { hostEtc } from './host-etc.ts';
import { hostNode } from './host-node.ts';

/** Paths are relative to the root. */
export type RootEntry =
  | { readonly kind: 'folder'; readonly path: string; readonly mode: number }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly content: Buffer };

export type HostRoot = {
  readonly entries: readonly RootEntry[];
  readonly binds: readonly { readonly source: string; readonly target: string }[];
  /** Folders of programs beside the usual ones, first in PATH. */
  readonly programs: readonly string[];
  /** Files and folders of this machine whose change makes another root. */
  readonly inputs: readonly string[];
  /** Hex digest of entries and binds. */
  readonly digest: string;
};

/** Links to /usr on a merged system; a real folder on any other is bound as it is. */
const USR_LINKS = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'];

const FOLDERS: readonly (readonly [path: string, mode: number])[] = [
  ['proc', 0o555],
  ['sys', 0o555],
  ['dev', 0o755],
  ['run', 0o755],
  ['run/lock', 0o1777],
  ['tmp', 0o1777],
  ['root', 0o700],
  ['home', 0o755],
  ['srv', 0o755],
  ['mnt', 0o755],
  ['opt', 0o755],
  ['media', 0o755],
  ['usr', 0o755],
  ['etc', 0o755],
  ['var', 0o755],
  ['var/cache', 0o755],
  ['var/lib', 0o755],
  ['var/log', 0o755],
  ['var/spool', 0o755],
  ['var/tmp', 0o1777],
];

export function readHostRoot(): HostRoot {
  const top = USR_LINKS.filter((name) => existsSync(`/${name}`));
  const isLink = (name: string) => lstatSync(`/${name}`).isSymbolicLink();
  const node = hostNode();
  const etc = hostEtc();
  const bound = ['/usr', ...top.filter((name) => !isLink(name)).map((name) => `/${name}`), ...node.binds];
  const entries: RootEntry[] = [
    ...FOLDERS.map(([path, mode]): RootEntry => ({ kind: 'folder', path, mode })),
    ...top.map((name): RootEntry => (isLink(name) ? linkOf(name) : { kind: 'folder', path: name, mode: 0o755 })),
    { kind: 'link', path: 'var/run', target: '/run' },
    { kind: 'link', path: 'var/lock', target: '/run/lock' },
    ...node.entries,
    ...etc.entries,
  ];
  /* The program itself as well: another version of it may make another root. */
  const inputs = ['/usr', ...top.map((name) => `/${name}`), process.execPath, process.argv[1] ?? '', ...etc.inputs];
  return {
    entries,
    binds: bound.map((path) => ({ source: path, target: path })),
    programs: node.programs,
    inputs,
    digest: digestOf(entries, bound),
  };
}

function linkOf(name: string): RootEntry {
  return { kind: 'link', path: name, target: readlinkSync(`/${name}`) };
}

function digestOf(entries: readonly RootEntry[], bound: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(bound));
  for (const entry of entries) {
    hash.update(`\0${entry.kind}\0${entry.path}\0`);
    if (entry.kind === 'link') hash.update(entry.target);
    else hash.update(String(entry.mode));
    if (entry.kind === 'file') hash.update(entry.content);
  }
  return hash.digest('hex');
}
