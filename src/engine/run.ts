/**
 * `run`: a one-off container of a service, in the foreground of a terminal or detached.
 *
 * What the service needs (networks, volumes, dependencies) comes up first, by
 * the same plan as `up`; the container itself is no replica.
 */
import { randomBytes } from 'node:crypto';
import type { Service } from '../model/stack.ts';
import type { AttachStream } from '../runtime/runtime.ts';
import type { RunRequest, Session } from './engine.ts';
import { reportCommand, reportContainer } from './history/report.ts';
import { createContainer } from './ops/create-container.ts';
import type { Operation } from './ops/operation.ts';
import { removeContainer } from './ops/remove-container.ts';
import { startRecord } from './ops/start-container.ts';
import { detachedSession, sessionOf } from './session.ts';
import { up } from './up.ts';
import { liveOf, type World } from './world.ts';

export async function runOneOff(world: World, request: RunRequest): Promise<Session> {
  const declared = request.stack.services.find((s) => s.name === request.service);
  const cause = reportCommand(world, 'run', { stack: request.stack.name, by: request.by });
  await bringUpNeeds(world, request, declared);
  const slug = randomBytes(6).toString('hex');
  const parts = [request.stack.name, request.service, 'run', slug];
  const name = request.name ?? parts.join(request.stack.nameSeparator ?? '-');
  const operation = operationOf(world, request);
  await createContainer(operation, request.service, {
    replica: 0,
    replaces: null,
    oneOff: { name, servicePorts: request.servicePorts },
  });
  const id = operation.created.get(`${request.service}:0`)!;
  reportContainer(world, world.store.containers.get(id)!, {
    action: 'create',
    why: 'a one-off run was asked for',
    cause,
  });
  liveOf(world, id).startReason = { why: 'a one-off run was asked for', cause };
  return request.detach
    ? await startDetached(world, request, { id, name })
    : await startAttached(world, request, { id, name });
}

/** Networks and volumes of the service in any case; its dependencies unless `--no-deps`. */
async function bringUpNeeds(world: World, request: RunRequest, declared: Service | undefined): Promise<void> {
  const dependencies = request.noDeps ? [] : (declared?.dependsOn.map((d) => d.service) ?? []);
  const stack = {
    ...request.stack,
    services: request.stack.services.map((s) =>
      s.name === request.service ? { ...s, replicas: 0, dependsOn: [] } : s,
    ),
  };
  const known = world.store.stacks.get(request.stack.name);
  const running = world.store.containers
    .all()
    .filter((c) => c.stack === stack.name && c.service === request.service && !c.oneOff);
  /* Replicas that run already stay: only what this run needs is brought up. */
  const kept = { ...stack.services.find((s) => s.name === request.service)!, replicas: running.length };
  const services = stack.services.map((s) => (s.name === request.service ? kept : s));
  await up(world, {
    stack: { ...stack, services },
    positions: request.positions,
    secrets: request.secrets,
    services: [request.service, ...dependencies],
    noRecreate: true,
    removeOrphans: request.removeOrphans,
    by: request.by,
    env: request.env,
    needs: { service: request.service, dependencies: request.noDeps ? [] : (declared?.dependsOn ?? []) },
  });
  await world.store.stacks.put(
    request.stack.name,
    known ?? { stack: request.stack, positions: request.positions, volumes: [] },
  );
}

function operationOf(world: World, request: RunRequest): Operation {
  const services = request.stack.services.map((s) => (s.name === request.service ? oneOffService(s, request) : s));
  return {
    world,
    stack: { ...request.stack, services },
    positions: request.positions,
    secrets: request.secrets,
    graceMs: undefined,
    created: new Map(),
    /* In its record: it goes at its end whatever becomes of this session and this engine. */
    autoRemove: request.remove,
  };
}

/** A service's addresses are those of its replicas. */
const NOTHING_OF_ITS_OWN = { aliases: [], ipv4Address: null, ipv6Address: null, linkLocalIps: [], macAddress: null };

function oneOffService(service: Service, request: RunRequest): Service {
  return {
    ...service,
    command: request.command ?? (request.entrypoint ? [] : service.command),
    entrypoint: request.entrypoint ?? service.entrypoint,
    networks: request.useAliases ? service.networks : service.networks.map((n) => ({ ...n, ...NOTHING_OF_ITS_OWN })),
    containerName: null,
    healthcheck: null,
    restart: { kind: 'no' },
    replicas: 1,
    tty: request.terminal !== null,
    stdinOpen: request.stdin,
  };
}

type OneOff = { readonly id: string; readonly name: string };

async function startDetached(world: World, request: RunRequest, { id, name }: OneOff): Promise<Session> {
  try {
    await startRecord(world, id, { positions: request.positions, terminal: request.terminal });
  } catch (error) {
    await removeContainer(world, id);
    throw error;
  }
  return detachedSession(id, name);
}

/** The session is there before the program runs, so that its first output is not missed. */
async function startAttached(world: World, request: RunRequest, { id, name }: OneOff): Promise<Session> {
  return await new Promise<Session>((resolve, reject) => {
    let session: Promise<void> | undefined;
    const started = startRecord(world, id, {
      positions: request.positions,
      terminal: request.terminal,
      onListening: async (container) => {
        const attach = await container.attach();
        session = Promise.resolve(resolve(sessionFor(world, request, { id, name, attach, started, container })));
        await session;
      },
    });
    started.catch((error: unknown) => {
      void removeContainer(world, id);
      if (!session) reject(error);
    });
  });
}

type Attached = OneOff & {
  readonly attach: AttachStream;
  readonly started: Promise<void>;
  readonly container: { readonly exited: Promise<import('../runtime/spec.ts').ExitRecord> };
};

function sessionFor(world: World, request: RunRequest, { id, name, attach, started, container }: Attached): Session {
  const cleanUp = async () => {
    await world.changes.until(() => {
      const ended = request.remove ? !world.store.containers.get(id) : !world.live.get(id)?.running;
      return ended ? true : undefined;
    });
  };
  const { stdin, terminal } = request;
  return sessionOf({
    id,
    name,
    stdin,
    terminal: terminal !== null,
    attach,
    started,
    exited: container.exited,
    cleanUp,
  });
}
