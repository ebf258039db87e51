/**
 * Makes a container: identity, addresses, ports, folders and its record. Starts nothing.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { failpoint } from '../../base/failpoint.ts';
import { newId } from '../../base/ids.ts';
import type { Service, Stack } from '../../model/stack.ts';
import { allocateAttachments } from '../allocate-addresses.ts';
import { allocatePorts } from '../allocate-ports.ts';
import { containerFolder } from '../container-paths.ts';
import { type ContainerRecord, isAnonymousVolume } from '../records.ts';
import { refuseTakenName } from '../rename-container.ts';
import { requireImage } from '../require-image.ts';
import { newLive } from '../world.ts';
import { type Operation, serviceOf } from './operation.ts';

export type CreateOptions = {
  readonly replica: number;
  readonly replaces: string | null;
  readonly oneOff?: { readonly name: string; readonly servicePorts: boolean };
};

/** Records the container; its id is in `operation.created` afterwards. */
export async function createContainer(
  operation: Operation,
  serviceName: string,
  options: CreateOptions,
): Promise<undefined> {
  const service = serviceOf(operation, serviceName);
  const record = await newRecord(operation, service, options);
  const folder = containerFolder(operation.world.roots, record.id);
  mkdirSync(join(folder, 'upper'), { recursive: true, mode: 0o755 });
  mkdirSync(join(folder, 'work'), { mode: 0o700 });
  failpoint('container.folders');
  await operation.world.store.containers.put(record.id, record);
  operation.created.set(`${serviceName}:${options.replica}`, record.id);
}

async function newRecord(operation: Operation, service: Service, options: CreateOptions): Promise<ContainerRecord> {
  const { world, stack } = operation;
  const image = await requireImage(operation, service);
  const old = options.replaces === null ? undefined : world.store.containers.get(options.replaces);
  const anonymousVolumes = await makeAnonymousVolumes(operation, service, old);
  const id = newId();
  const name = options.oneOff?.name ?? service.containerName ?? containerName(stack, service.name, options.replica);
  refuseTakenName(world, name, options.replaces);
  /* Addresses are taken and recorded in memory without a pause in between, so that no two containers get the same one. */
  const attachments = allocateAttachments(operation, service, old);
  const unpublished: ContainerRecord = {
    id,
    name,
    stack: stack.name,
    service: service.name,
    replica: options.replica,
    oneOff: options.oneOff !== undefined,
    ...(operation.autoRemove ? { autoRemove: true } : {}),
    definition: service,
    image: { id: image.id, reference: service.image },
    attachments,
    publishes: [],
    anonymousVolumes,
    createdAt: new Date().toISOString(),
    desired: 'stopped',
    startedOnce: false,
    restarts: 0,
    exit: null,
  };
  world.live.set(id, newLive(id, 'created'));
  world.store.containers.hold(id, unpublished);
  const ports = options.oneOff && !options.oneOff.servicePorts ? [] : service.ports;
  const publishes = await allocatePorts(operation, { service, ports, record: unpublished, old });
  return { ...unpublished, publishes };
}

/** `STACK-SERVICE-N`. */
function containerName({ name, nameSeparator }: Stack, service: string, replica: number): string {
  return [name, service, replica].join(nameSeparator ?? '-');
}

async function makeAnonymousVolumes(operation: Operation, service: Service, old: ContainerRecord | undefined) {
  const volumes: Record<string, string> = {};
  for (const mount of service.mounts.filter(isAnonymousVolume)) {
    const name = old?.anonymousVolumes[mount.target] ?? newId();
    await operation.world.volumes.ensure(name, {
      'com.docker.compose.project': operation.stack.name,
      'berth.anonymous': '',
    });
    volumes[mount.target] = name;
  }
  return volumes;
}
