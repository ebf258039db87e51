/**
 * Takes the snapshot of one stack that reconcile compares with.
 */
import type { ContainerState } from './answers.ts';
import type { Observed, ObservedContainer } from './observed.ts';
import type { ContainerRecord } from './records.ts';
import type { LiveContainer, World } from './world.ts';

/** All that this engine holds for a stack, and the names of all volumes. */
export async function observe(world: World, stack: string): Promise<Observed> {
  return {
    containers: recordsOf(world, stack).map((record) => observeContainer(world, record)),
    networks: world.store.networks.all().filter((n) => n.stack === stack),
    volumes: new Set(world.volumes.list().map((v) => v.name)),
  };
}

/** Container records of a stack, by service and replica. */
export function recordsOf(world: World, stack: string): ContainerRecord[] {
  return world.store.containers
    .all()
    .filter((record) => record.stack === stack)
    .sort((a, b) => a.service.localeCompare(b.service) || a.replica - b.replica);
}

function observeContainer(world: World, record: ContainerRecord): ObservedContainer {
  const live = world.live.get(record.id);
  return {
    id: record.id,
    name: record.name,
    service: record.service,
    replica: record.replica,
    oneOff: record.oneOff,
    definition: record.definition,
    imageId: record.image.id,
    state: stateOf(live),
    health: live?.health ?? '',
    exitCode: record.exit?.code ?? null,
    completedAt: record.completed?.at ?? null,
    networks: record.attachments.map((a) => a.network),
  };
}

/** The state for people; a container being started counts as created. */
export function stateOf(live: LiveContainer | undefined): ContainerState {
  if (!live) return 'dead';
  return live.state === 'starting' ? 'created' : live.state;
}
