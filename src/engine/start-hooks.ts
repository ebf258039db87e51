/**
 * pre_start: containers of their own that run to their end before a service's container starts.
 *
 * Each shares the service's networks and volumes. One that has succeeded is
 * not run again for the same definition: what was done stands in the records
 * of the service's containers.
 */
import { createHash, randomBytes } from 'node:crypto';
import { BerthError } from '../base/errors.ts';
import type { Service, StartHook } from '../model/stack.ts';
import { reportContainer } from './history/report.ts';
import { lastLines } from './last-lines.ts';
import { recordsOf } from './observe.ts';
import { createContainer } from './ops/create-container.ts';
import type { Operation } from './ops/operation.ts';
import { removeContainer } from './ops/remove-container.ts';
import type { ContainerRecord } from './records.ts';
import { requireImage } from './require-image.ts';
import type { World } from './world.ts';

export type StartHookOptions = {
  /** Starts the container of a hook. */
  readonly start: (id: string) => Promise<void>;
};

/** Runs what has not been done yet, in order; HOOK_FAILED with the last lines of the hook that failed. */
export async function runPreStart(operation: Operation, id: string, options: StartHookOptions): Promise<void> {
  const record = operation.world.store.containers.get(id);
  for (const [index, hook] of (record?.definition.preStart ?? []).entries()) {
    await runOnce(operation, { id, hook, index }, options);
  }
}

type Hooked = { readonly id: string; readonly hook: StartHook; readonly index: number };

async function runOnce(operation: Operation, hooked: Hooked, options: StartHookOptions): Promise<void> {
  const { world } = operation;
  const record = world.store.containers.get(hooked.id)!;
  const service = hookService(record.definition, hooked.hook);
  const image = await requireImage(operation, service);
  const done = keyOf(service, image.id);
  const replica = hooked.hook.perReplica ? record.replica : null;
  if (!isDone(world, record, { done, replica })) {
    /* Replicas that start at once wait for one and the same run. */
    const running = `${record.stack}/${record.service}/${done}/${replica ?? ''}`;
    const run = world.startHooks.get(running) ?? runContainer(operation, { ...hooked, service, record }, options);
    world.startHooks.set(running, run);
    await run.finally(() => world.startHooks.delete(running));
  }
  const now = world.store.containers.get(record.id) ?? record;
  const marks = new Set([...(now.hooksDone ?? []), done]);
  await world.store.containers.put(record.id, { ...now, hooksDone: [...marks] });
}

/** The service as the hook runs it: nothing of it is published, awaited or started again. */
function hookService(service: Service, hook: StartHook): Service {
  return {
    ...service,
    image: hook.image ?? service.image,
    ...(hook.command.length > 0 ? { command: hook.command, entrypoint: [] } : {}),
    user: hook.user ?? service.user,
    privileged: hook.privileged || service.privileged,
    workingDir: hook.workingDir ?? service.workingDir,
    environment: { ...service.environment, ...hook.environment },
    networks: service.networks.map((n) => ({ ...n, aliases: [], ipv4Address: null, macAddress: null })),
    containerName: null,
    labels: {},
    ports: [],
    expose: [],
    dependsOn: [],
    healthcheck: { ...NO_CHECK },
    ready: null,
    restart: { kind: 'no' },
    restartUnhealthy: false,
    replicas: 1,
    profiles: [],
    preStart: [],
    postStart: [],
    preStop: [],
  };
}

const NO_CHECK = {
  test: { kind: 'none' },
  intervalMs: 0,
  timeoutMs: 0,
  retries: 0,
  startPeriodMs: 0,
  startIntervalMs: 0,
} as const;

function keyOf(service: Service, imageId: string): string {
  const text = JSON.stringify([imageId, service]);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

type Mark = { readonly done: string; readonly replica: number | null };

function isDone(world: World, { stack, service }: ContainerRecord, { done, replica }: Mark): boolean {
  return recordsOf(world, stack).some(
    (r) =>
      r.service === service && !r.oneOff && (replica === null || r.replica === replica) && r.hooksDone?.includes(done),
  );
}

type HookRun = Hooked & { readonly service: Service; readonly record: ContainerRecord };

async function runContainer(operation: Operation, run: HookRun, options: StartHookOptions): Promise<void> {
  const { world, stack } = operation;
  const { service, record, index } = run;
  const services = stack.services.map((s) => (s.name === service.name ? service : s));
  const own: Operation = { ...operation, stack: { ...stack, services }, created: new Map() };
  const name = `${record.name}-pre_start-${index}-${randomBytes(3).toString('hex')}`;
  const oneOff = { name, servicePorts: false };
  await createContainer(own, service.name, { replica: 0, replaces: null, oneOff });
  const id = own.created.get(`${service.name}:0`)!;
  try {
    await options.start(id);
    await world.changes.until(() => (world.live.get(id)?.running ? undefined : true));
    const exit = world.store.containers.get(id)?.exit;
    const why = exit?.code === 0 ? 'succeeded' : `ended with exit code ${exit?.code ?? 'unknown'}`;
    reportContainer(world, record, { action: 'hook', why: `pre_start[${index}] ${why}` });
    if (exit?.code !== 0) throw await failed(world, { ...run, id, why });
  } finally {
    await removeContainer(world, id, { volumes: true });
  }
}

type Failed = HookRun & { readonly why: string };

async function failed(world: World, { id, record, index, why }: Failed): Promise<BerthError> {
  const log = await lastLines(world, id, 5);
  const lines = log.length > 0 ? ['its last lines:', ...log.map((line) => `  ${line}`)] : [];
  const message = [`service ${record.service}: pre_start[${index}] ${why}`, ...lines].join('\n');
  return new BerthError('HOOK_FAILED', message, {
    hint: 'the service was not started; `berth up` runs the hook again',
  });
}
