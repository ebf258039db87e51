/**
 * /etc of `image: host`: made up where it names people or hosts, copied where it is public and programs need it.
 *
 * A copy is only ever made of what everybody may read; /etc/ssl/private,
 * shadow, ssh and all that is not listed here stay outside.
 */
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { systemGroups, systemUsers } from './host-accounts.ts';
import type { RootEntry } from './host-root.ts';

/** Public files that programs read; a missing one is left out. */
const FILES = [
  'ld.so.cache',
  'ld.so.conf',
  'localtime',
  'timezone',
  'services',
  'protocols',
  'mime.types',
  'os-release',
  'bash.bashrc',
  'profile',
  'inputrc',
  'debian_version',
  'alpine-release',
  'ca-certificates.conf',
  'host.conf',
  'gai.conf',
  'networks',
  'rpc',
  'locale.alias',
  'ssl/openssl.cnf',
].map((name) => join('etc', name));

/** Folders that hold links and public settings only. */
const FOLDERS = [
  'alternatives',
  'ld.so.conf.d',
  'ssl/certs',
  'pki/tls/certs',
  'pki/ca-trust/extracted',
  'fonts',
  'terminfo',
].map((name) => join('etc', name));

/** A Java of the distribution finds its own settings here, and does not start without. */
const JAVA = /^java-\d+-openjdk$/;

const MAX_FILE_BYTES = 8 * 1024 * 1024;

export type HostEtc = { readonly entries: readonly RootEntry[]; readonly inputs: readonly string[] };

export function hostEtc(): HostEtc {
  const folders = [
    ...FOLDERS,
    ...readdirSync('/etc')
      .filter((name) => JAVA.test(name))
      .map((name) => join('etc', name)),
  ];
  const copies = [...FILES.flatMap(copyOf), ...folders.flatMap(copiesBelow)];
  const copied = copies.flatMap((entry) => (entry.kind === 'link' ? [] : [`/${entry.path}`]));
  /* What is missing counts as well: it may come later. */
  const named = ['etc', 'etc/passwd', 'etc/group', ...FILES, ...FOLDERS].map((path) => `/${path}`);
  const inputs = new Set([...named, ...copied]);
  return { entries: [...madeUpFiles(), ...copies], inputs: [...inputs] };
}

function madeUpFiles(): RootEntry[] {
  const file = (path: string, text: string): RootEntry => ({
    kind: 'file',
    path,
    mode: 0o644,
    content: Buffer.from(text),
  });
  return [
    file('etc/passwd', systemUsers()),
    file('etc/group', systemGroups()),
    file('etc/hosts', '127.0.0.1 localhost\n::1 localhost\n'),
    file('etc/hostname', 'host\n'),
    file('etc/resolv.conf', ''),
    file('etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n'),
    file('etc/shells', '/bin/sh\n/bin/bash\n'),
    file('etc/fstab', ''),
    { kind: 'link', path: 'etc/mtab', target: '../proc/self/mounts' },
  ];
}

/** A link is followed (os-release, localtime): the content is what counts. */
function copyOf(path: string): RootEntry[] {
  const stat = statSync(`/${path}`, { throwIfNoEntry: false });
  if (!stat?.isFile() || stat.size > MAX_FILE_BYTES || (stat.mode & 0o004) === 0) return [];
  return [{ kind: 'file', path, mode: 0o644, content: readFileSync(`/${path}`) }];
}

/** Links as links (what they lead to is below /usr, or not there), files as files. */
function copiesBelow(folder: string): RootEntry[] {
  const source = `/${folder}`;
  if (!existsSync(source) || !isPublicFolder(source)) return [];
  const inside = readdirSync(source, { withFileTypes: true }).flatMap((entry): RootEntry[] => {
    const path = join(folder, entry.name);
    if (entry.isSymbolicLink()) return [{ kind: 'link', path, target: readlinkSync(`/${path}`) }];
    if (entry.isDirectory()) return copiesBelow(path);
    return entry.isFile() ? copyOf(path) : [];
  });
  return [{ kind: 'folder', path: folder, mode: 0o755 }, ...inside];
}

/** What others can not list they shall not find in a container either. */
function isPublicFolder(path: string): boolean {
  const stat = lstatSync(path);
  return stat.isDirectory() && (stat.mode & 0o005) === 0o005;
}
