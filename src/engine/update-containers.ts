/**
 * New limits and a new restart policy for containers that exist: in their records, and in the kernel where they run.
 */
import type { Service } from '../model/stack.ts';
import { recordByName } from './choose-containers.ts';
import { containerCgroup } from './container-paths.ts';
import type { UpdateRequest } from './engine.ts';
import { reportContainer } from './history/report.ts';
import type { ContainerRecord } from './records.ts';
import { translateResources } from './translate-resources.ts';
import type { World } from './world.ts';

/** HOST_LACKS_CONTROLLER, or RUNTIME_FAILED when the kernel refuses a value: then nothing is recorded. */
export async function updateContainers(world: World, { containers, resources, restart }: UpdateRequest): Promise<void> {
  for (const record of containers.map((name) => recordByName(world, name))) {
    const { definition } = record;
    const changed: Service = {
      ...definition,
      resources: { ...definition.resources, ...resources },
      restart: restart ?? definition.restart,
    };
    await applyLimits(world, record, changed);
    const latest = world.store.containers.get(record.id) ?? record;
    await world.store.containers.put(record.id, { ...latest, definition: changed });
    reportContainer(world, record, { action: 'update', why: 'other limits were asked for' });
  }
}

async function applyLimits(world: World, record: ContainerRecord, changed: Service): Promise<void> {
  if (!world.live.get(record.id)?.running) return;
  await world.runtime.limit(containerCgroup(world.parentCgroup, record.id), translateResources(changed));
}
