/**
 * Mount options as mount(8) and the OCI spec name them -> flags of mount(2), or option words of the executor's `bind`.
 *
 * Owns the table of names. An option that is not in it is data for the file system (`size=64m`).
 */
import { BerthError } from '../base/errors.ts';

/** MS_* of linux/mount.h; a negative number clears the bit. */
const FLAGS: Readonly<Record<string, number>> = {
  defaults: 0,
  ro: 1,
  rw: -1,
  nosuid: 2,
  suid: -2,
  nodev: 4,
  dev: -4,
  noexec: 8,
  exec: -8,
  sync: 16,
  async: -16,
  dirsync: 128,
  nosymfollow: 256,
  noatime: 1024,
  atime: -1024,
  nodiratime: 2048,
  diratime: -2048,
  relatime: 1 << 21,
  norelatime: -(1 << 21),
  strictatime: 1 << 24,
  nostrictatime: -(1 << 24),
};

/** What `bind` of the executor understands, by the OCI name. `rw` and the like are its default. */
const BIND_WORDS: Readonly<Record<string, string>> = {
  ro: 'ro',
  rro: 'rro',
  rbind: 'rec',
  nosuid: 'nosuid',
  nodev: 'nodev',
  noexec: 'noexec',
  private: 'private',
  rprivate: 'rprivate',
  slave: 'slave',
  rslave: 'rslave',
  shared: 'shared',
  rshared: 'rshared',
  file: 'file',
  dir: 'dir',
  create: 'create',
  'copy-up': 'copy-up',
  bind: '',
  rw: '',
  suid: '',
  dev: '',
  exec: '',
  defaults: '',
};

/** Flags and data of a mount that is not a bind. */
export function mountFlags(options: readonly string[]): { flags: number; data: string } {
  let flags = 0;
  const data: string[] = [];
  for (const option of options) {
    const flag = FLAGS[option];
    if (flag === undefined) data.push(option);
    else flags = flag >= 0 ? flags | flag : flags & ~-flag;
  }
  return { flags, data: data.join(',') };
}

/** Option words of a bind; private unless a propagation is named. REQUEST_INVALID for a word that binds do not have. */
export function bindOptions(options: readonly string[], target: string): string {
  const words = new Set<string>();
  for (const option of options) {
    const word = /^owner=\d+:\d+$/.test(option) ? option : BIND_WORDS[option];
    if (word === undefined) {
      throw new BerthError('REQUEST_INVALID', `"${option}" is not an option of the bind mount on ${target}`);
    }
    if (word !== '') words.add(word);
  }
  if (![...words].some((word) => /^r?(private|slave|shared)$/.test(word))) words.add('rprivate');
  return [...words].join(',');
}

/** uid, gid and mode of a file that is copied into memory, as the executor takes them. */
export function fileOwner(options: readonly string[]): readonly [uid: string, gid: string, mode: string] {
  const optionOf = (name: string) => options.find((option) => option.startsWith(`${name}=`))?.slice(name.length + 1);
  return [optionOf('uid') ?? '0', optionOf('gid') ?? '0', optionOf('mode') ?? '444'];
}
