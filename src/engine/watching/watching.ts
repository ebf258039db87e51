/**
 * Watched files of all stacks: begins, ends, tells, and goes on after a restart of the engine.
 */
import { existsSync } from 'node:fs';
import { BerthError } from '../../base/errors.ts';
import { positionOf } from '../definition-diff.ts';
import type { HistoryEvent } from '../history/event.ts';
import { recordsOf } from '../observe.ts';
import type { ContainerRecord, WatchRecord } from '../records.ts';
import type { StackLocks } from '../stack-locks.ts';
import type { World } from '../world.ts';
import { tellFailures } from './failed-services.ts';
import { nothingToWatch } from './nothing-to-watch.ts';
import type { WatchCalls, WatchRequest, WatchStatus } from './watch-calls.ts';
import { dropWatchSecrets, keepWatchSecrets } from './watch-secrets.ts';
import { stateOf, type WatchedStack, watchedServices, watchStack } from './watched-stack.ts';

export type Watching = {
  readonly calls: WatchCalls;
  /** Goes on with what was watched by an engine before this one. */
  resume(): Promise<void>;
  /** The stack may have other rules now. */
  refresh(stack: string): Promise<void>;
  /** Stacks that are watched. */
  count(): number;
  /** This engine's part; what is watched stays on record. */
  close(): Promise<void>;
};

export type WatchingOptions = { readonly world: World; readonly locks: StackLocks };

const SHOWN = 20;

export function openWatching({ world, locks }: WatchingOptions): Watching {
  const stacks = new Map<string, WatchedStack>();
  const unlisten = tellFailures(
    world,
    (stack, service) =>
      stacks
        .get(stack)
        ?.services()
        .some((one) => one.service === service) ?? false,
  );

  const beforeStart = async (record: ContainerRecord) => await stacks.get(record.stack)?.bringAll(record);
  world.beforeStart.add(beforeStart);

  const open = async (record: WatchRecord, again: boolean): Promise<void> => {
    const { name } = record.stack;
    await stacks.get(name)?.close();
    const watched = watchStack({ world, locks, record, again });
    stacks.set(name, watched);
    await watched.ready;
  };

  const start = async (request: WatchRequest): Promise<WatchStatus> => {
    const { builds, secrets, ...rest } = request;
    const { name } = request.stack;
    refuseNothing(request);
    refuseMissingPaths(request);
    if (recordsOf(world, name).length === 0) {
      throw new BerthError('STACK_NOT_FOUND', `stack ${name} is not up`, {
        hint: 'start it with `berth watch`, without --no-up',
      });
    }
    await end(name);
    const record = { ...rest, since: new Date().toISOString() };
    keepWatchSecrets(world, name, { builds, secrets });
    await world.store.watches.put(name, record);
    await open(record, false);
    return await statusOf(world, stacks.get(name)!);
  };

  const end = async (name: string): Promise<boolean> => {
    const watched = stacks.get(name);
    stacks.delete(name);
    await watched?.close();
    const was = world.store.watches.get(name) !== undefined;
    if (was) await Promise.all([world.store.watches.delete(name), world.store.watchStates.delete(name)]);
    dropWatchSecrets(world, name);
    return was;
  };

  return {
    calls: {
      watchStart: start,
      watchEnd: end,
      watchStatus: async (name) => {
        const chosen = [...stacks.values()].filter(({ record }) => name === undefined || record.stack.name === name);
        return await Promise.all(chosen.map((watched) => statusOf(world, watched)));
      },
    },
    async resume() {
      for (const record of world.store.watches.all()) {
        await open(record, true).catch((error: unknown) =>
          world.log(`watch of ${record.stack.name}: ${String(error)}`),
        );
      }
    },
    async refresh(name) {
      const record = world.store.watches.get(name);
      const now = world.store.stacks.get(name);
      if (!record || !now || rulesText(record) === rulesText({ ...record, ...now })) return;
      const renewed = { ...record, stack: now.stack, positions: now.positions };
      await world.store.watches.put(name, renewed);
      await open(renewed, true);
    },
    count: () => stacks.size,
    async close() {
      unlisten();
      world.beforeStart.delete(beforeStart);
      await Promise.all([...stacks.values()].map((watched) => watched.close()));
    },
  };
}

function rulesText(record: Pick<WatchRecord, 'stack' | 'services'>): string {
  return JSON.stringify(watchedServices(record));
}

function refuseNothing({ stack, services }: WatchRequest): void {
  const names = stack.services.map(({ name }) => name);
  const unknown = services.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new BerthError('SERVICE_NOT_FOUND', `stack ${stack.name} has no service ${unknown}`, {
      hint: `its services are ${names.join(', ')}`,
    });
  }
  if (watchedServices({ stack, services }).length > 0) return;
  throw nothingToWatch(stack.name, services);
}

function refuseMissingPaths({ stack, services, positions }: WatchRequest): void {
  for (const { service, rules } of watchedServices({ stack, services })) {
    for (const [index, { path }] of rules.entries()) {
      if (existsSync(path)) continue;
      throw new BerthError('NOTHING_TO_WATCH', `service ${service}: there is no ${path} to watch`, {
        at: positionOf(positions, `services.${service}.develop.watch[${index}].path`),
        hint: 'correct the path, or make it',
      });
    }
  }
}

async function statusOf(world: World, watched: WatchedStack): Promise<WatchStatus> {
  const { record } = watched;
  const done: HistoryEvent[] = [];
  for await (const event of world.history.read()) {
    if (event.type === 'watch' && event.stack === record.stack.name && event.time >= record.since) done.push(event);
  }
  return {
    stack: record.stack.name,
    since: record.since,
    services: watched.services().map(({ service, rules }) => {
      const { ended } = stateOf({ world, record, service });
      return { service, rules: rules.map(({ path, action }) => ({ path, action, ended: ended[path] ?? null })) };
    }),
    ...watched.counts(),
    done: done.slice(-SHOWN),
  };
}
