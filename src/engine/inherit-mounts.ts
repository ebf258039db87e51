/**
 * `volumes_from`: what a new container gets of the mounts of others.
 *
 * Taken over when the container is made, as Docker does: what the other one
 * gets later is not seen before the next recreation.
 */
import { BerthError } from '../base/errors.ts';
import type { Service, VolumesFrom } from '../model/stack.ts';
import { positionOf } from './definition-diff.ts';
import type { Operation } from './ops/operation.ts';
import type { ContainerRecord, InheritedMount } from './records.ts';
import { heldMounts } from './volume-use.ts';
import type { World } from './world.ts';

/** The first that has a target wins; the service's own mounts are not in here. CONTAINER_NOT_FOUND with the line. */
export function inheritMounts(operation: Operation, service: Service): InheritedMount[] {
  const { world } = operation;
  const taken = new Set(service.mounts.map((mount) => mount.target));
  const inherited: InheritedMount[] = [];
  for (const [index, from] of service.volumesFrom.entries()) {
    const source = sourceOf(operation, from) ?? missing(operation, service, { from, index });
    for (const { mount, volume } of heldMounts(world, source)) {
      /* Secrets and configs are of their service alone. */
      if (mount.kind === 'file' || mount.kind === 'tmpfs' || taken.has(mount.target)) continue;
      taken.add(mount.target);
      const seen = from.readOnly && mount.kind !== 'image' ? { ...mount, readOnly: true } : mount;
      inherited.push({ mount: seen, volume });
    }
  }
  return inherited;
}

function sourceOf({ world, stack, created }: Operation, { kind, name }: VolumesFrom): ContainerRecord | undefined {
  if (kind === 'container') return containerNamed(world, name);
  const fresh = created.get(`${name}:1`);
  if (fresh !== undefined) return world.store.containers.get(fresh);
  const own = world.store.containers.all().filter((c) => c.stack === stack.name && c.service === name && !c.oneOff);
  return own.sort((a, b) => a.replica - b.replica)[0];
}

function containerNamed(world: World, name: string): ContainerRecord | undefined {
  return world.store.containers.all().find((c) => c.name === name || (name.length >= 12 && c.id.startsWith(name)));
}

type Missing = { readonly from: VolumesFrom; readonly index: number };

function missing({ positions }: Operation, service: Service, { from, index }: Missing): never {
  throw new BerthError(
    'CONTAINER_NOT_FOUND',
    `service ${service.name}: there is no ${from.kind === 'service' ? 'container of service' : 'container'} ${from.name} to take volumes from`,
    {
      at: positionOf(positions, `services.${service.name}.volumes_from[${index}]`),
      hint: from.kind === 'service' ? `start it first: \`berth up -d ${from.name}\`` : 'see `berth ps -a` for names',
    },
  );
}
