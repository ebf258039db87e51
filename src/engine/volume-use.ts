/**
 * Which volumes containers have, and of whom a volume is in use.
 */
import type { Mount } from '../model/stack.ts';
import type { ContainerRecord } from './records.ts';
import type { World } from './world.ts';

/** A mount of a container and, where it is a volume, that volume's name on this machine. */
export type HeldMount = { readonly mount: Mount; readonly volume: string | null; readonly origin: string };

/** All mounts of a container: its own, those of its image's VOLUMEs, and those it has from others. */
export function heldMounts(world: World, record: ContainerRecord): HeldMount[] {
  const own = record.definition.mounts.map((mount, index) => ({
    mount,
    volume: volumeOf(world, record, mount),
    origin: originOf(record, mount, index),
  }));
  const targets = new Set(own.map((held) => held.mount.target));
  const ofImage = Object.entries(record.anonymousVolumes)
    .filter(([target]) => !targets.has(target))
    .map(([target, volume]) => ({ mount: anonymousMount(target), volume, origin: `services.${record.service}.image` }));
  for (const { mount } of ofImage) targets.add(mount.target);
  const inherited = (record.inherited ?? []).filter(({ mount }) => !targets.has(mount.target));
  const origin = `services.${record.service}.volumes_from`;
  return [...own, ...ofImage, ...inherited.map((held) => ({ ...held, origin }))];
}

function anonymousMount(target: string): Mount {
  return { kind: 'volume', source: null, target, readOnly: false, noCopy: false, subpath: null, labels: {} };
}

/** Secrets and configs come after the volumes in a service's mounts; each is told at its own place. */
function originOf(record: ContainerRecord, mount: Mount, index: number): string {
  if (mount.kind !== 'file') return `services.${record.service}.volumes[${index}]`;
  const same = record.definition.mounts.filter((m) => m.kind === 'file' && m.of === mount.of);
  return `services.${record.service}.${mount.of}s[${same.indexOf(mount)}]`;
}

function volumeOf(world: World, record: ContainerRecord, mount: Mount): string | null {
  if (mount.kind !== 'volume') return null;
  if (mount.source === null) return record.anonymousVolumes[mount.target] ?? null;
  const stack = world.store.stacks.get(record.stack)?.stack;
  return stack?.volumes.find((v) => v.key === mount.source)?.name ?? `${record.stack}_${mount.source}`;
}

/** Names of the volumes a container has. */
export function volumesOf(world: World, record: ContainerRecord): string[] {
  const held = heldMounts(world, record).flatMap(({ volume }) => volume ?? []);
  return [...new Set([...held, ...Object.values(record.anonymousVolumes)])];
}

/** Containers that have the volume, running or not. */
export function usersOf(world: World, volume: string): ContainerRecord[] {
  return world.store.containers.all().filter((record) => volumesOf(world, record).includes(volume));
}

/** Volumes of containers that run or are about to: the others may be unmounted. */
export function volumesInUse(world: World): Set<string> {
  const alive = world.store.containers.all().filter((record) => {
    const state = world.live.get(record.id)?.state;
    return state !== undefined && state !== 'exited' && state !== 'created';
  });
  return new Set(alive.flatMap((record) => volumesOf(world, record)));
}
