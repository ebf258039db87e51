/**
 * The container's file system -> ops: root, mounts, device nodes, masks, pivot.
 *
 * Pure. Order is security here: masks and read-only paths come after every
 * mount they cover, and nothing is mounted after them.
 */
import { join } from 'node:path/posix';
import { BerthError } from '../base/errors.ts';
import type { CgroupHost } from './cgroup.ts';
import { bindOptions, fileOwner, mountFlags } from './mount-options.ts';
import { type Op, op } from './op.ts';
import type { ContainerSpec, OciConfig, OciMount, RootfsSpec } from './spec.ts';

const MS_RDONLY = 1;
const MS_REMOUNT = 32;
const MS_BIND = 4096;
const S_IFCHR = 'c';

/** Ops from the first mount to pivot. */
export function filesystemOps(
  rootfs: RootfsSpec,
  config: OciConfig,
  cgroups: CgroupHost,
  noteOpens: ContainerSpec['noteOpens'],
): Op[] {
  const { mounts, linux } = config;
  return [
    rootOp(rootfs),
    ...mounts.flatMap((mount) => [
      ...mountOps(mount, cgroups),
      ...(mount.destination === '/dev' ? devOps(mounts.some((other) => other.destination === '/dev/pts')) : []),
    ]),
    ...linux.devices.map(({ path, type, major, minor, fileMode }) =>
      op('mknod', [path, type, major, minor, octal(fileMode)], `making the device ${path}`),
    ),
    ...linux.maskedPaths.map((path) => op('mask', [path], `hiding ${path}`)),
    ...linux.readonlyPaths.map((path) => op('readonly-path', [path], `making ${path} read-only`)),
    ...(noteOpens ? [op('note-opens', noteOpens.targets, 'noting which files it opens', noteOpens.origin)] : []),
    op('pivot', [], 'changing to the new root'),
    ...(config.root.readonly ? [op('root-readonly', [], 'making the root read-only')] : []),
  ];
}

/** The mounts of a container that does not run, for copies: its root, binds and images; writable when there is an upper layer. */
export function viewProgram(rootfs: RootfsSpec, mounts: readonly OciMount[]): Op[] {
  return [
    op('tag', ['view']),
    op('namespaces', ['mnt']),
    op('batch', []),
    rootOp(rootfs),
    ...mounts.flatMap((mount) => (mount.type === 'bind' || mount.type === 'image' ? mountOps(mount, NO_CGROUPS) : [])),
  ];
}

const NO_CGROUPS: CgroupHost = { v1: new Map(), v2: null, cpuset: null };

function rootOp({ upper, lowers }: RootfsSpec): Op {
  return op('overlay', [upper?.dir ?? '', upper?.work ?? '', 0, ...lowers], 'mounting the root filesystem');
}

function mountOps(mount: OciMount, cgroups: CgroupHost): Op[] {
  const { type, source, destination, options, origin } = mount;
  refuseProc(mount);
  if (type === 'bind') {
    const phrase = `bind mount of ${source} on ${destination}`;
    const subpath = mount.subpath === undefined ? [] : [mount.subpath];
    return [op('bind', [source, destination, bindOptions(options, destination), ...subpath], phrase, origin)];
  }
  if (type === 'file') {
    return [op('file', [source, destination, ...fileOwner(options)], `placing ${source} as ${destination}`, origin)];
  }
  if (type === 'image') {
    const phrase = `mount of the image ${source} on ${destination}`;
    return [op('image', [destination, mount.subpath ?? '', ...(mount.layers ?? [])], phrase, origin)];
  }
  if (type === 'cgroup') return cgroupMountOps(mount, cgroups);
  const { flags, data } = mountFlags(options);
  return [op('mount', [source, destination, type, flags, data], `mount of ${type} on ${destination}`, origin)];
}

/** A file system of the image's or the user's choice on /proc would take writes meant for the kernel (CVE-2019-16884). */
function refuseProc({ type, destination, origin }: OciMount): void {
  const path = join('/', destination);
  if (path === '/' || (path === '/proc' && type !== 'proc') || path.startsWith('/proc/')) {
    throw new BerthError('REQUEST_INVALID', `nothing can be mounted on ${path} of a container`, {
      hint: `choose another target than ${path}${origin === undefined ? '' : ` in ${origin}`}`,
    });
  }
}

/**
 * The container's own groups, seen through its cgroup namespace: the version 2 tree, or a folder with one mount for each
 * version 1 controller that it has a group in.
 */
function cgroupMountOps({ destination, options }: OciMount, cgroups: CgroupHost): Op[] {
  const { flags } = mountFlags(options);
  const mount = (args: readonly (string | number)[]) => op('mount', args, `mount of the cgroups on ${destination}`);
  if (cgroups.v1.size === 0) return cgroups.v2 === null ? [] : [mount(['cgroup', destination, 'cgroup2', flags, ''])];
  const shown = ['cpu', 'memory', 'pids'].filter((name) => cgroups.v1.has(name));
  return [
    mount(['tmpfs', destination, 'tmpfs', flags & ~MS_RDONLY, 'mode=755,size=4k']),
    ...shown.map((name) => mount(['cgroup', join(destination, name), 'cgroup', flags, name])),
    ...((flags & MS_RDONLY) === 0 ? [] : [mount(['', destination, '', flags | MS_REMOUNT | MS_BIND, ''])]),
  ];
}

/** Device nodes that every OCI runtime supplies: name, major, minor. */
const NODES: readonly (readonly [string, number, number])[] = [
  ['null', 1, 3],
  ['zero', 1, 5],
  ['full', 1, 7],
  ['random', 1, 8],
  ['urandom', 1, 9],
  ['tty', 5, 0],
];

const LINKS: readonly (readonly [string, string])[] = [
  ['/proc/self/fd', '/dev/fd'],
  ['/proc/self/fd/0', '/dev/stdin'],
  ['/proc/self/fd/1', '/dev/stdout'],
  ['/proc/self/fd/2', '/dev/stderr'],
  ['/proc/kcore', '/dev/core'],
];

function devOps(hasPts: boolean): Op[] {
  const links = hasPts ? [...LINKS, ['pts/ptmx', '/dev/ptmx'] as const] : LINKS;
  return [
    ...NODES.map(([name, major, minor]) =>
      op('mknod', [`/dev/${name}`, S_IFCHR, major, minor, '666'], `making the device /dev/${name}`),
    ),
    ...links.map(([target, path]) => op('symlink', [target, path], `linking ${path}`)),
  ];
}

function octal(mode: number): string {
  return (mode & 0o7777).toString(8);
}
