/**
 * Lists of containers and stacks, and the wait for a stack's end.
 */
import { isStandalone } from '../model/standalone.ts';
import type { ContainerFilter, ContainerSummary, StackSummary } from './answers.ts';
import { recordByName } from './choose-containers.ts';
import type { ServicesRequest } from './engine.ts';
import { refuseUnknownServices } from './known-services.ts';
import { recordsOf, stateOf } from './observe.ts';
import type { ContainerRecord } from './records.ts';
import { summarize, summarizeStack } from './summary.ts';
import type { World } from './world.ts';

/** SERVICE_NOT_FOUND when a service asked for is none of the stack's. */
export function listContainers(world: World, filter: ContainerFilter): ContainerSummary[] {
  if (filter.names) return filter.names.map((name) => summarize(world, recordByName(world, name)));
  const records = filter.stack === undefined ? world.store.containers.all() : recordsOf(world, filter.stack);
  const services = filter.services ?? [];
  if (filter.stack !== undefined) refuseUnknownServices(world, filter.stack, services);
  return records
    .filter((r) => services.length === 0 || services.includes(r.service))
    .filter((r) => filter.withoutOrphans !== true || isDeclared(world, r))
    .map((record) => summarize(world, record))
    .filter((row) => filter.all || row.State === 'running' || row.State === 'paused' || row.State === 'restarting');
}

function isDeclared(world: World, record: ContainerRecord): boolean {
  const stack = world.store.stacks.get(record.stack)?.stack;
  return stack === undefined || stack.services.some((service) => service.name === record.service);
}

export function listStacks(world: World): StackSummary[] {
  const records = world.store.containers.all();
  const names = [
    ...new Set([...records.map((r) => r.stack), ...world.store.stacks.all().map((s) => s.stack.name)]),
  ].sort();
  return names
    .filter((name) => !isStandalone(name))
    .map((name) => {
      const states = records.filter((r) => r.stack === name).map((r) => stateOf(world.live.get(r.id)));
      return summarizeStack(name, world.store.stacks.get(name), states);
    });
}

/** Resolves with the containers of the services when none of them runs or is about to. */
export async function waitStopped(
  world: World,
  request: ServicesRequest,
  signal: AbortSignal,
): Promise<ContainerSummary[]> {
  const services = new Set(request.services);
  const mine = (record: ContainerRecord) => !record.oneOff && (services.size === 0 || services.has(record.service));
  return await world.changes.until(() => {
    const records = recordsOf(world, request.stack).filter(mine);
    const busy = records.some((r) => {
      const state = world.live.get(r.id)?.state;
      return state === 'running' || state === 'starting' || state === 'paused' || state === 'restarting';
    });
    return busy ? undefined : records.map((record) => summarize(world, record));
  }, signal);
}
