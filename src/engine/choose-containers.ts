/**
 * Which containers a request means: of a stack's services, or by name and id wherever they are.
 */
import { BerthError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import type { ContainersRequest } from './engine.ts';
import { refuseUnknownServices } from './known-services.ts';
import { recordsOf } from './observe.ts';
import type { ContainerRecord } from './records.ts';
import type { World } from './world.ts';

/** SERVICE_NOT_FOUND, CONTAINER_NOT_FOUND for what is not there; an empty list of names or services means all. */
export function chosenRecords(world: World, request: ContainersRequest): ContainerRecord[] {
  if (request.kind === 'names') {
    if (request.names.length === 0) return world.store.containers.all();
    return request.names.map((name) => recordByName(world, name));
  }
  const { stack, services, index } = request;
  refuseUnknownServices(world, stack, services);
  return recordsOf(world, stack)
    .filter((record) => !record.oneOff && (services.length === 0 || services.includes(record.service)))
    .filter((record) => index === undefined || record.replica === index);
}

/** By whole name, whole id, or the beginning of an id that no other has. */
export function recordByName(world: World, name: string): ContainerRecord {
  const all = world.store.containers.all();
  const exact = all.find((record) => record.name === name || record.id === name);
  if (exact) return exact;
  const fitting = /^[0-9a-f]+$/.test(name) ? all.filter((record) => record.id.startsWith(name)) : [];
  if (fitting.length === 1) return fitting[0]!;
  if (fitting.length > 1) {
    throw new BerthError('CONTAINER_NOT_FOUND', `${fitting.length} containers have an id that begins with ${name}`, {
      hint: `they are ${fitting.map((record) => record.name).join(', ')}: give more of the id, or a name`,
    });
  }
  const near = nearest(
    name,
    all.map((record) => record.name),
  );
  throw new BerthError('CONTAINER_NOT_FOUND', `there is no container ${name}`, {
    hint: near === undefined ? 'see `berth container ls -a`' : `did you mean ${near}?`,
  });
}

/** The one container of a service that is meant: the replica of that number, or the first there is. */
export function recordOfService(
  world: World,
  stack: string,
  service: string,
  index: number | undefined,
): ContainerRecord {
  const records = recordsOf(world, stack);
  if (records.length === 0) {
    throw new BerthError('STACK_NOT_FOUND', `stack ${stack} has no containers`, {
      hint: 'start it with `berth up -d`',
    });
  }
  const own = records.filter((record) => record.service === service && !record.oneOff);
  if (own.length === 0) {
    const known = [...new Set(records.map((record) => record.service))].join(', ');
    throw new BerthError('SERVICE_NOT_FOUND', `the stack has no service ${service}`, { hint: `it has ${known}` });
  }
  const record = own.find((one) => index === undefined || one.replica === index);
  if (record) return record;
  throw new BerthError('CONTAINER_NOT_FOUND', `service ${service} has no replica ${index}`, {
    hint: `it has ${own.map((one) => one.replica).join(', ')}: choose one with --index`,
  });
}
