/**
 * What the root of `image: host` is made of: folders, links and a minimal made-up /etc.
 *
 * Reads this machine, writes nothing. Nothing of /root, /home, /var, /srv, /opt
 * and no secret of /etc is ever part of it: what is not named here is not there.
 */
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

export type RootEntry =
  | { readonly kind: 'folder'; readonly path: string; readonly mode: number }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly content: Buffer };

export type HostRoot = {
  readonly entries: readonly RootEntry[];
  readonly binds: readonly { readonly source: string; readonly target: string }[];
  /** Folders of programs beside the usual ones, first in PATH. */
  readonly programs: readonly string[];
  /** Hex digest of all of the above. */
  readonly digest: string;
};

/** Links to /usr on a merged system; a real folder on any other is bound as it is. */
const USR_LINKS = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'];

const FOLDERS: readonly (readonly [path: string, mode: number])[] = [
  ['proc', 0o555], ['sys', 0o555], ['dev', 0o755], ['run', 0o755], ['run/lock', 0o1777], ['tmp', 0o1777], ['root', 0o700], ['home', 0o755], ['srv', 0o755],
  ['mnt', 0o755], ['opt', 0o755], ['media', 0o755], ['usr', 0o755], ['etc', 0o755], ['var', 0o755], ['var/cache', 0o755],
  ['var/lib', 0o755], ['var/log', 0o755], ['var/spool', 0o755], ['var/tmp', 0o1777],
];

/** Public files of /etc that programs read; a missing one is left out. */
const ETC_FILES = [
  'ld.so.cache', 'ld.so.conf', 'localtime', 'timezone', 'services', 'protocols', 'mime.types', 'os-release', 'bash.bashrc',
  'profile', 'inputrc', 'debian_version', 'alpine-release', 'ca-certificates.conf', 'host.conf', 'gai.conf', 'networks', 'rpc', 'locale.alias',
];

/** Folders of /etc that hold links and public settings only. */
const ETC_FOLDERS = ['alternatives', 'ld.so.conf.d', 'ssl/certs', 'pki/tls/certs', 'pki/ca-trust/extracted', 'fonts', 'terminfo'];

const MAX_FILE_BYTES = 8 * 1024 * 1024;

export function readHostRoot(): HostRoot {
  const links = USR_LINKS.filter((name) => existsSync(`/${name}`));
  const merged = links.filter((name) => lstatSync(`/${name}`).isSymbolicLink());
  const tools = toolFolder();
  const binds = ['/usr', ...links.filter((name) => !merged.includes(name)).map((name) => `/${name}`), ...(tools ? [tools] : [])];
  const entries: RootEntry[] = [
    ...FOLDERS.map(([path, mode]): RootEntry => ({ kind: 'folder', path, mode })),
    ...links.filter((name) => !merged.includes(name)).map((path): RootEntry => ({ kind: 'folder', path, mode: 0o755 })),
    ...merged.map((path): RootEntry => ({ kind: 'link', path, target: readlinkSync(`/${path}`) })),
    { kind: 'link', path: 'var/run', target: '/run' },
    { kind: 'link', path: 'var/lock', target: '/run/lock' },
    ...madeUpFiles(),
    ...ETC_FILES.flatMap((name) => copyOf(join('etc', name))),
    ...ETC_FOLDERS.flatMap((name) => copiesBelow(join('etc', name))),
  ];
  return { entries, binds: binds.map((path) => ({ source: path, target: path })), programs: tools ? [join(tools, 'bin')] : [], digest: digestOf(entries, binds) };
}

/** Where this Node is installed, when that is beside /usr: then its folder, and nothing else of there, comes along. */
function toolFolder(): string | undefined {
  const program = realpathSync(process.execPath);
  const folder = dirname(dirname(program));
  return program.startsWith('/usr/') || dirname(program) === '/bin' || folder === '/' ? undefined : folder;
}

function madeUpFiles(): RootEntry[] {
  const file = (path: string, text: string): RootEntry => ({ kind: 'file', path, mode: 0o644, content: Buffer.from(text) });
  return [
    file('etc/passwd', systemUsers()),
    file('etc/group', systemGroups()),
    file('etc/hosts', '127.0.0.1 localhost\n::1 localhost\n'),
    file('etc/hostname', 'host\n'),
    file('etc/resolv.conf', ''),
    file('etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n'),
    file('etc/shells', '/bin/sh\n/bin/bash\n'),
    file('etc/fstab', ''),
  ];
}

/** Users that packages made (uid below 1000) and nobody: servers like PostgreSQL run as theirs. Never a person, never a password. */
function systemUsers(): string {
  const users = linesOf('/etc/passwd').filter(([, , uid]) => isSystemId(uid));
  const rows = users.map(([name, , uid, gid, , home, shell]) => `${name}:x:${uid}:${gid}:${name}:${home}:${shell}`);
  return `${(rows.length > 0 ? rows : ['root:x:0:0:root:/root:/bin/sh']).join('\n')}\n`;
}

function systemGroups(): string {
  const users = new Set(linesOf('/etc/passwd').filter(([, , uid]) => isSystemId(uid)).map(([name]) => name));
  const groups = linesOf('/etc/group').filter(([, , gid]) => isSystemId(gid));
  const rows = groups.map(([name, , gid, members = '']) => `${name}:x:${gid}:${members.split(',').filter((m) => users.has(m)).join(',')}`);
  return `${(rows.length > 0 ? rows : ['root:x:0:']).join('\n')}\n`;
}

function isSystemId(id: string | undefined): boolean {
  return id !== undefined && /^\d+$/.test(id) && (Number(id) < 1000 || Number(id) === 65534);
}

function linesOf(path: string): string[][] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8').split('\n').filter((line) => /^[a-z_]/i.test(line)).map((line) => line.split(':'));
}

/** Followed when it leads out of the folder (os-release, localtime): the content is what counts. */
function copyOf(path: string): RootEntry[] {
  const source = `/${path}`;
  if (!existsSync(source)) return [];
  const stat = statSync(source);
  if (!stat.isFile() || stat.size > MAX_FILE_BYTES || (stat.mode & 0o004) === 0) return [];
  return [{ kind: 'file', path, mode: 0o644, content: readFileSync(source) }];
}

/** Links as links (their targets are below /usr), files that everybody may read as files. */
function copiesBelow(folder: string): RootEntry[] {
  const source = `/${folder}`;
  if (!existsSync(source) || !lstatSync(source).isDirectory()) return [];
  const inside = readdirSync(source, { withFileTypes: true }).flatMap((entry): RootEntry[] => {
    const path = join(folder, entry.name);
    if (entry.isSymbolicLink()) return [{ kind: 'link', path, target: readlinkSync(`/${path}`) }];
    if (entry.isDirectory()) return copiesBelow(path);
    return entry.isFile() ? copyOf(path) : [];
  });
  return [{ kind: 'folder', path: folder, mode: 0o755 }, ...inside];
}

function digestOf(entries: readonly RootEntry[], binds: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(binds));
  for (const entry of entries) {
    hash.update(`\0${entry.kind}\0${entry.path}\0`);
    if (entry.kind === 'link') hash.update(entry.target);
    if (entry.kind === 'folder') hash.update(String(entry.mode));
    if (entry.kind === 'file') hash.update(entry.content);
  }
  return hash.digest('hex');
}
