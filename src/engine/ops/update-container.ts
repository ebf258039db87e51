/**
 * Takes over changes that need no new container: labels, restart policy, stop signal, health check.
 */
import { takeOver } from '../definition-diff.ts';
import { superviseHealth } from '../health-watch.ts';
import { liveOf } from '../world.ts';
import { type Operation, serviceOf } from './operation.ts';

export async function updateContainer(operation: Operation, serviceName: string, id: string): Promise<undefined> {
  const { world } = operation;
  const record = world.store.containers.get(id);
  if (!record) return;
  const service = serviceOf(operation, serviceName);
  const changed = JSON.stringify(record.definition.healthcheck) !== JSON.stringify(service.healthcheck);
  const updated = { ...record, definition: takeOver(record.definition, service) };
  await world.store.containers.put(id, updated);
  /* Links are names. */
  await world.syncNetwork();
  if (changed && liveOf(world, id).running) superviseHealth(world, updated);
}
