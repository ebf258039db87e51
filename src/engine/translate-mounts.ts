/**
 * A container's mounts, the engine's own files and the image's binds -> OCI mounts.
 */
import { lchownSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { assertNever, BerthError, errnoOf } from '../base/errors.ts';
import type { ResolvedImage } from '../image/image.ts';
import type { FileMount, Mount } from '../model/stack.ts';
import type { OciMount } from '../runtime/spec.ts';
import { stateFolder } from './container-paths.ts';
import { translateImageMount } from './image-mounts.ts';
import type { MountSources } from './mount-sources.ts';
import type { ContainerRecord } from './records.ts';
import { contentPath } from './state-folder.ts';
import { type HeldMount, heldMounts } from './volume-use.ts';
import type { World } from './world.ts';

/** What exists by now: the image, and what mounts need that takes time to get. */
export type MountGround = { readonly image: ResolvedImage; readonly sources: MountSources };

/** In mount order: image binds, /etc files, then the file's mounts, shorter targets first. */
export function translateMounts(
  world: World,
  record: ContainerRecord,
  { image, sources }: MountGround,
  { withoutFiles = false } = {},
): OciMount[] {
  const all = heldMounts(world, record).filter(({ mount }) => !withoutFiles || mount.kind !== 'file');
  const own = all.flatMap((held) =>
    toOci(world, { record, held, sources }).map((mount) => ({ ...mount, origin: held.origin })),
  );
  const taken = new Set(own.map((m) => m.destination));
  return [
    ...image.binds.map(imageBind),
    ...(withoutFiles ? [] : etcFiles(world, record)).filter((m) => !taken.has(m.destination)),
    ...own.sort((a, b) => depthOf(a.destination) - depthOf(b.destination)),
  ];
}

function depthOf(path: string): number {
  return path.split('/').filter(Boolean).length;
}

function imageBind({ source, target }: { readonly source: string; readonly target: string }): OciMount {
  return { destination: target, type: 'bind', source, options: ['rbind', 'rro', 'nosuid', 'nodev', 'rprivate'] };
}

function etcFiles(world: World, record: ContainerRecord): OciMount[] {
  const folder = stateFolder(world.roots, record.id);
  return ['hostname', 'hosts', 'resolv.conf'].map((name) => ({
    destination: `/etc/${name}`,
    type: 'bind',
    source: join(folder, name),
    options: ['bind', 'rprivate'],
  }));
}

type Held = { readonly record: ContainerRecord; readonly held: HeldMount; readonly sources: MountSources };

function toOci(world: World, { record, held, sources }: Held): OciMount[] {
  const { mount } = held;
  switch (mount.kind) {
    case 'bind':
      return [bindMount(record, mount, held.origin)];
    case 'volume':
      return [volumeMount(record, held, { mount, sources })];
    case 'tmpfs':
      return [tmpfsMount(mount)];
    case 'image':
      return translateImageMount(mount, sources.images.get(mount.source)!);
    case 'file':
      return [fileMount(world, record, mount)];
    default:
      return assertNever(mount);
  }
}

function bindMount(record: ContainerRecord, mount: Mount & { kind: 'bind' }, origin: string): OciMount {
  if (mount.createHostPath) makeHostPath(record, mount.source, origin);
  const recursive = mount.recursive === 'disabled' ? 'bind' : 'rbind';
  const access = mount.readOnly ? (mount.recursive === 'writable' ? 'ro' : 'rro') : 'rw';
  const owner = record.definition.volumesOwner;
  const options = [
    recursive,
    access,
    mount.propagation ?? 'rprivate',
    ...(owner ? [`owner=${owner.uid}:${owner.gid}`] : []),
  ];
  return { destination: mount.target, type: 'bind', source: mount.source, options };
}

/** Made for the person it belongs to, where that is asked for. */
function makeHostPath(record: ContainerRecord, path: string, origin: string): void {
  try {
    const first = mkdirSync(path, { recursive: true });
    const owner = record.definition.volumesOwner;
    if (first !== undefined && owner) giveFolders(first, path, owner);
  } catch (error) {
    /* It is there already, as a file. */
    if (errnoOf(error) === 'EEXIST') return;
    throw new BerthError('VOLUME_FAILED', `service ${record.service}: cannot make folder ${path} (${origin})`, {
      cause: error,
    });
  }
}

/** The folders that were made: from the first one down to the whole path. */
function giveFolders(first: string, path: string, { uid, gid }: { readonly uid: number; readonly gid: number }): void {
  for (let folder = path; folder.length >= first.length; folder = dirname(folder)) lchownSync(folder, uid, gid);
}

function volumeMount(
  record: ContainerRecord,
  { volume, origin }: HeldMount,
  { mount, sources }: { readonly mount: Mount & { kind: 'volume' }; readonly sources: MountSources },
): OciMount {
  const source = volume === null ? undefined : sources.volumes.get(volume);
  if (source === undefined) throw new Error(`container ${record.id} has no volume for ${mount.target} (${origin})`);
  const isFirstStart = !record.startedOnce;
  const fill = isFirstStart && !mount.noCopy && mount.subpath === null ? ['copy-up'] : [];
  return {
    destination: mount.target,
    type: 'bind',
    source,
    ...(mount.subpath === null ? {} : { subpath: mount.subpath }),
    options: ['rbind', mount.readOnly ? 'ro' : 'rw', 'rprivate', ...fill],
  };
}

function tmpfsMount(mount: Mount & { kind: 'tmpfs' }): OciMount {
  const size = mount.sizeBytes === null ? [] : [`size=${mount.sizeBytes}`];
  const options = [
    ...['nosuid', 'nodev', 'noexec', `mode=${(mount.mode ?? 0o1777).toString(8)}`],
    ...size,
    ...mount.options,
  ];
  return {
    destination: mount.target,
    type: 'tmpfs',
    source: 'tmpfs',
    options: mount.readOnly ? [...options, 'ro'] : options,
  };
}

function fileMount(world: World, record: ContainerRecord, mount: FileMount): OciMount {
  const source = contentPath(world, record, mount);
  const isFolder = mount.content.kind === 'file' && statSync(source, { throwIfNoEntry: false })?.isDirectory() === true;
  if (mount.live || isFolder)
    return { destination: mount.target, type: 'bind', source, options: ['rbind', 'rro', 'rprivate'] };
  const options = [`uid=${mount.uid}`, `gid=${mount.gid}`, `mode=${mount.mode.toString(8)}`];
  return { destination: mount.target, type: 'file', source, options };
}
