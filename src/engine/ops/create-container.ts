/**
 * Makes a container: identity, addresses, ports, folders and its record. Starts nothing.
 */
import { mkdirSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { BerthError } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import { newId } from '../../base/ids.ts';
import type { ResolvedImage } from '../../image/image.ts';
import type { Service, Stack } from '../../model/stack.ts';
import { isStandalone } from '../../model/standalone.ts';
import { signalNumber } from '../../runtime/stop-signals.ts';
import { allocateAttachments } from '../allocate-addresses.ts';
import { allocatePorts } from '../allocate-ports.ts';
import { containerFolder } from '../container-paths.ts';
import { imageHealthOf } from '../health-of.ts';
import { inheritMounts } from '../inherit-mounts.ts';
import { logPath } from '../logs/run-folder.ts';
import type { ContainerRecord } from '../records.ts';
import { refuseTakenName } from '../rename-container.ts';
import { requireImage } from '../require-image.ts';
import { FOLDER_LABEL } from '../stack-folder.ts';
import { newLive } from '../world.ts';
import { type Operation, serviceOf } from './operation.ts';

export type CreateOptions = {
  readonly replica: number;
  readonly replaces: string | null;
  /** With new anonymous volumes instead of those of the one it replaces. */
  readonly renewVolumes?: boolean;
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
  keepSecrets(operation, record.id, service);
  const folder = containerFolder(operation.world.roots, record.id);
  mkdirSync(join(folder, 'upper'), { recursive: true, mode: 0o755 });
  mkdirSync(join(folder, 'work'), { mode: 0o700 });
  mkdirSync(dirname(logPath(operation.world.roots, record)), { recursive: true, mode: 0o700 });
  failpoint('container.folders');
  await operation.world.store.containers.put(record.id, record);
  operation.created.set(`${serviceName}:${options.replica}`, record.id);
}

async function newRecord(operation: Operation, service: Service, options: CreateOptions): Promise<ContainerRecord> {
  const { world, stack } = operation;
  const image = await requireImage(operation, service);
  const old = options.replaces === null ? undefined : world.store.containers.get(options.replaces);
  const anonymousVolumes = await makeAnonymousVolumes(operation, {
    service,
    image,
    old: options.renewVolumes ? undefined : old,
  });
  const inherited = inheritMounts(operation, service);
  const imageHealth = imageHealthOf(image.config.healthcheck);
  const imageStopSignal = checkedSignal(service, image);
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
    ...(imageHealth && { imageHealth }),
    ...(imageStopSignal !== null && { imageStopSignal }),
    attachments,
    publishes: [],
    anonymousVolumes,
    inherited,
    createdAt: new Date().toISOString(),
    ...(isStandalone(stack.name) ? {} : { keepsLog: true }),
    desired: 'stopped',
    startedOnce: false,
    restarts: 0,
    exit: null,
  };
  world.live.set(id, newLive(id, 'created'));
  world.store.containers.hold(id, unpublished);
  const ports = options.oneOff && !options.oneOff.servicePorts ? [] : service.ports;
  try {
    const publishes = await allocatePorts(operation, { service, ports, record: unpublished, old });
    return { ...unpublished, publishes };
  } catch (error) {
    /* What was held in memory would keep addresses and ports from others. */
    world.live.delete(id);
    await world.store.containers.delete(id);
    throw error;
  }
}

/** The image's, where nothing in the file goes before it; what it says need not be one. */
function checkedSignal(service: Service, { config, reference }: ResolvedImage): string | null {
  const signal = config.stopSignal;
  if (signal === null || signal === '' || service.stopSignal !== null) return null;
  try {
    signalNumber(signal);
    return signal;
  } catch (cause) {
    throw new BerthError('RUNTIME_FAILED', `the STOPSIGNAL ${JSON.stringify(signal)} of ${reference} is not a signal`, {
      hint: 'write `stop_signal` for the service',
      cause,
    });
  }
}

/** `STACK-SERVICE-N`. */
function containerName({ name, nameSeparator }: Stack, service: string, replica: number): string {
  return [name, service, replica].join(nameSeparator ?? '-');
}

/** Those of the service's mounts, and the VOLUMEs of its image that no mount covers. */
async function makeAnonymousVolumes({ world, stack }: Operation, { service, image, old }: Anonymous) {
  const volumes: Record<string, string> = {};
  for (const { target, labels } of anonymousTargets(service, image)) {
    const name = old?.anonymousVolumes[target] ?? newId();
    await world.volumes.ensure(name, {
      labels: {
        ...labels,
        'com.docker.compose.project': stack.name,
        'com.docker.volume.anonymous': '',
        [FOLDER_LABEL]: stack.projectDir,
      },
    });
    volumes[target] = name;
  }
  return volumes;
}

type Anonymous = {
  readonly service: Service;
  readonly image: ResolvedImage;
  /** Whose volumes it takes over. */
  readonly old: ContainerRecord | undefined;
};

function anonymousTargets(service: Service, image: ResolvedImage) {
  const own = service.mounts.flatMap((mount) =>
    mount.kind === 'volume' && mount.source === null ? [{ target: mount.target, labels: mount.labels }] : [],
  );
  const covered = new Set(service.mounts.map((mount) => mount.target));
  /* What an image writes there is looked up below the container's root, `..` and links and all. */
  const ofImage = image.config.volumes.map((path) => posix.join('/', path).replace(/(.)\/$/, '$1'));
  const open = [...new Set(ofImage)].filter((target) => target !== '/' && !covered.has(target));
  return [...own, ...open.map((target) => ({ target, labels: {} }))];
}

/** Values of secrets go to memory before the record that needs them is there. */
function keepSecrets({ world, secrets = {} }: Operation, id: string, service: Service): void {
  for (const mount of service.mounts) {
    if (mount.kind !== 'file' || mount.content.kind !== 'secret-value') continue;
    const value = secrets[mount.name];
    if (value !== undefined) world.secrets.put(id, mount.name, value);
  }
}
