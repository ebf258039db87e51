/**
 * A service's mounts, the engine's own files and the image's binds -> OCI mounts.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { BerthError, errnoOf } from '../base/errors.ts';
import type { ResolvedImage } from '../image/image.ts';
import type { Mount } from '../model/stack.ts';
import type { OciMount } from '../runtime/spec.ts';
import { stateFolder } from './container-paths.ts';
import type { ContainerRecord } from './records.ts';
import type { World } from './world.ts';

/** In mount order: image binds, /etc files, then the file's mounts, shorter targets first. */
export function translateMounts(world: World, record: ContainerRecord, image: ResolvedImage): OciMount[] {
  const own = record.definition.mounts.map((mount, index) => toOci(world, record, { mount, index }));
  const taken = new Set(own.map((m) => m.destination));
  return [
    ...image.binds.map(imageBind),
    ...etcFiles(world, record).filter((m) => !taken.has(m.destination)),
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

type Numbered = { readonly mount: Mount; readonly index: number };

function toOci(world: World, record: ContainerRecord, { mount, index }: Numbered): OciMount {
  const origin = `services.${record.service}.volumes[${index}]`;
  switch (mount.kind) {
    case 'bind':
      return { ...bindMount(record, mount, origin), origin };
    case 'volume':
      return { ...volumeMount(world, record, mount), origin };
    case 'tmpfs':
      return { ...tmpfsMount(mount), origin };
  }
}

function bindMount(record: ContainerRecord, mount: Mount & { kind: 'bind' }, origin: string): OciMount {
  if (mount.createHostPath) makeHostPath(record, mount.source, origin);
  const recursive = mount.recursive === 'disabled' ? 'bind' : 'rbind';
  const access = mount.readOnly ? (mount.recursive === 'writable' ? 'ro' : 'rro') : 'rw';
  const options = [recursive, access, mount.propagation ?? 'rprivate'];
  return { destination: mount.target, type: 'bind', source: mount.source, options };
}

function makeHostPath(record: ContainerRecord, path: string, origin: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    /* It is there already, as a file. */
    if (errnoOf(error) === 'EEXIST') return;
    throw new BerthError('VOLUME_FAILED', `service ${record.service}: cannot make folder ${path} (${origin})`, {
      cause: error,
    });
  }
}

function volumeMount(world: World, record: ContainerRecord, mount: Mount & { kind: 'volume' }): OciMount {
  const name = mount.source === null ? record.anonymousVolumes[mount.target] : volumeName(world, record, mount.source);
  const folder = join(world.roots.data, 'volumes', name ?? '', '_data', mount.subpath ?? '');
  return {
    destination: mount.target,
    type: 'bind',
    source: folder,
    options: ['rbind', mount.readOnly ? 'ro' : 'rw', 'rprivate'],
  };
}

function volumeName(world: World, record: ContainerRecord, key: string): string {
  const stack = world.store.stacks.get(record.stack)?.stack;
  return stack?.volumes.find((v) => v.key === key)?.name ?? `${record.stack}_${key}`;
}

function tmpfsMount(mount: Mount & { kind: 'tmpfs' }): OciMount {
  const size = mount.sizeBytes === null ? [] : [`size=${mount.sizeBytes}`];
  const options = ['nosuid', 'nodev', 'noexec', `mode=${(mount.mode ?? 0o1777).toString(8)}`, ...size];
  return {
    destination: mount.target,
    type: 'tmpfs',
    source: 'tmpfs',
    options: mount.readOnly ? [...options, 'ro'] : options,
  };
}
