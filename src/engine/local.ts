/**
 * The engine in its own process: opens the drivers, recovers, and answers.
 *
 * Only wiring: each call's work is in a file of its own.
 */

import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { coalesce } from '../base/coalesce.ts';
import { limiter } from '../base/limiter.ts';
import type { Roots } from '../base/roots.ts';
import { hostAndStoredImages } from '../image/store.ts';
import { bridgedNetwork } from '../network/bridged.ts';
import { bundledRuntime } from '../runtime/bundled.ts';
import { volumeStore } from '../volume/store.ts';
import type { EngineStatus } from './answers.ts';
import { attachToContainer } from './attach.ts';
import { buildNetwork } from './builds/build-network.ts';
import { openBuilds } from './builds/builds.ts';
import { type ChangeHub, changeHub } from './changes.ts';
import { commitContainer } from './commit-container.ts';
import { copyCalls } from './container-files.ts';
import { containerProcesses, containerUsage } from './container-use.ts';
import { listContainers, listStacks, waitStopped } from './containers.ts';
import { examineHost } from './doctor.ts';
import { down } from './down.ts';
import type { Engine } from './engine.ts';
import { execInContainer } from './exec.ts';
import { explain } from './explain.ts';
import { openEventLog } from './history/event-log.ts';
import { streamEvents } from './history/event-stream.ts';
import { imageCalls, inspectImage } from './image-work.ts';
import { inspectContainers } from './inspect-container.ts';
import { streamLogs } from './log-stream.ts';
import { superviseForwarders } from './logs/forward/forwarders.ts';
import { pruneLogs } from './logs/retain.ts';
import { mendConnections } from './mend-connections.ts';
import { networkStateOf } from './network-state.ts';
import { networkCalls } from './networks/network-calls.ts';
import { startRecord } from './ops/start-container.ts';
import { receipts } from './receipts.ts';
import {
  planPause,
  planRemove,
  planRestart,
  planStart,
  planStop,
  planUnpause,
  withFollowers,
} from './reconcile-down.ts';
import { openRecordStore } from './record-store.ts';
import { recover } from './recovery.ts';
import { renameContainer } from './rename-container.ts';
import { restartFollowers } from './restart-followers.ts';
import { containerSizes, rootChanges } from './root-changes.ts';
import { runOneOff } from './run.ts';
import { secretStore } from './secret-store.ts';
import { act, kill, type Planner } from './stack-actions.ts';
import { type StackLocks, stackLocks } from './stack-locks.ts';
import { startAttached } from './start-attached.ts';
import { planUp, up, upAgain } from './up.ts';
import { updateContainers } from './update-containers.ts';
import { volumeCalls } from './volumes.ts';
import { waitExit } from './wait-exit.ts';
import { openWatching, type Watching } from './watching/watching.ts';
import type { World } from './world.ts';

export const API_VERSION = '1';

export type EngineOptions = {
  readonly roots: Roots;
  /** Path of the executor's binary. */
  readonly executor: string;
  readonly version: string;
  readonly log: (line: string) => void;
  /** Somebody asked the engine to stop. */
  readonly onStop: () => void;
};

export type OpenEngine = {
  readonly engine: Engine;
  /** Nothing to look after: no container that runs or will be restarted. */
  isIdle(): boolean;
  /** Ends the engine's part; containers go on. */
  close(): Promise<void>;
};

/** Opens the engine on its roots: ENGINE_BUSY when another engine holds them. */
export async function openEngine(options: EngineOptions): Promise<OpenEngine> {
  const closing = new AbortController();
  const changes = changeHub();
  const locks = stackLocks(changes.changed);
  const world = await openWorld(options, { locks, changes, closing: closing.signal });
  world.history.add({ type: 'engine', action: 'start', why: `pid ${process.pid}` });
  await recover(world);
  const watching = openWatching({ world, locks });
  await watching.resume();
  const forwarders = superviseForwarders(world);
  return {
    engine: engineOver(world, { locks, watching, options }),
    isIdle: () =>
      world.builds.count() === 0 &&
      watching.count() === 0 &&
      forwarders.isIdle() &&
      [...world.live.values()].every((live) => live.state === 'exited' || live.state === 'created'),
    async close() {
      closing.abort();
      for (const live of world.live.values()) {
        if (live.restartTimer) clearTimeout(live.restartTimer);
        live.probe?.stop();
      }
      await watching.close();
      await world.network.close();
      await world.runtime.close();
      world.history.close();
    },
  };
}

type Hands = { readonly locks: StackLocks; readonly changes: ChangeHub; readonly closing: AbortSignal };

async function openWorld({ roots, executor, log }: EngineOptions, { locks, changes, closing }: Hands): Promise<World> {
  mkdirSync(roots.data, { recursive: true, mode: 0o700 });
  mkdirSync(join(roots.run, 'c'), { recursive: true, mode: 0o700 });
  const parentCgroup = `berth-${roots.tag}`;
  const runtime = bundledRuntime({ lockFile: roots.engineLock, parentCgroup, executor });
  await runtime.open();
  const network = bridgedNetwork({
    tag: roots.tag,
    runDir: roots.run,
    executor,
    log,
    onLooseEnds: () => mend(),
  });
  const images = hostAndStoredImages({ dataDir: roots.data, executor });
  const sync = coalesce(() => network.apply(desiredNetwork(world)));
  const steps = buildNetwork({ tag: roots.tag, driver: network, networks: () => world.store.networks.all(), sync });
  const builds = openBuilds({ roots, executor, images, runtime, parentCgroup, network: steps });
  const volumes = volumeStore(roots.data, log);
  const [store, history] = await Promise.all([
    openRecordStore(roots.data, log),
    openEventLog(roots.data, log),
    network.open(),
    images.open().then(() => builds.open()),
    volumes.open(),
  ]);
  const mend = coalesce(() => mendConnections(world));
  const world: World = {
    roots,
    parentCgroup,
    store,
    runtime,
    network,
    images,
    volumes,
    secrets: secretStore(roots),
    live: new Map(),
    changes,
    builds,
    syncNetwork: sync,
    beforeStart: new Set(),
    startHooks: new Map(),
    startInTurn: limiter(2 * availableParallelism()),
    startAgain: (id) => startRecord(world, id, { positions: positionsOf(world, id), again: true }),
    restartFollowers: (of, cause) =>
      locks.run(of.stack, `restart of what follows ${of.service}`, () => restartFollowers(world, of, cause)),
    history,
    isBusy: locks.isHeld,
    log,
    closing,
  };
  return world;
}

function desiredNetwork(world: World) {
  const isUp = (id: string) => {
    const state = world.live.get(id)?.state;
    return state === 'starting' || state === 'running' || state === 'paused' || state === 'restarting';
  };
  const state = networkStateOf(world.store.networks.all(), world.store.containers.all(), isUp);
  const steps = world.builds.network.state();
  return {
    ...state,
    bridges: [...state.bridges, ...steps.bridges],
    clients: [...state.clients, ...steps.clients],
    ends: [...state.ends, ...steps.ends],
  };
}

function positionsOf(world: World, id: string) {
  const stack = world.store.containers.get(id)?.stack ?? '';
  return world.store.stacks.get(stack)?.positions ?? {};
}

type Parts = { readonly locks: StackLocks; readonly watching: Watching; readonly options: EngineOptions };

function engineOver(world: World, { locks, watching, options }: Parts): Engine {
  const startedAt = new Date().toISOString();
  const noticeOf = (watch: Parameters<Engine['up']>[1], stack: string) => (holder: string) =>
    watch?.onEvent?.({ type: 'notice', level: 'info', text: `waiting for \`${holder}\` on ${stack} to end` });
  const known = receipts();
  return {
    ...volumeCalls(world),
    ...copyCalls(world, locks),
    ...watching.calls,
    status: async () => statusOf(world, options, startedAt),
    stop: async () => void setImmediate(options.onStop),
    doctor: () => examineHost(world.roots),
    plan: (request) => planUp(world, request),
    up: async (request, watch) => {
      const { name } = request.stack;
      const result = await locks.run(name, 'up', () => up(world, request, watch), noticeOf(watch, name));
      await watching.refresh(name);
      known.keep(request);
      return result;
    },
    upAgain: async ({ key, by }) => {
      const request = known.find(key);
      if (!request || locks.isHeld(request.stack.name)) return null;
      return await locks.run(request.stack.name, 'up', () => upAgain(world, { ...request, by }));
    },
    down: (request, watch) => {
      const work = async () => {
        const result = await down(world, request, watch);
        if (!request.dryRun) await watching.calls.watchEnd(request.stack);
        return result;
      };
      return locks.run(request.stack, 'down', work, noticeOf(watch, request.stack));
    },
    start: (request, watch) =>
      locks.run(request.stack, 'start', () => {
        const planner: Planner = (stack, observed, services) => planStart(stack, observed, services, request.wait);
        return act(world, request, { action: 'start', planner }, watch);
      }),
    stopServices: (request, watch) =>
      locks.run(request.stack, 'stop', () => act(world, request, { action: 'stop', planner: planStop }, watch)),
    restart: (request, watch) =>
      locks.run(request.stack, 'restart', () => {
        const planner: Planner = (stack, observed, services) =>
          planRestart(stack, observed, request.noDeps ? services : withFollowers(stack, services));
        return act(world, request, { action: 'restart', planner }, watch);
      }),
    pause: (request, watch) =>
      locks.run(request.stack, 'pause', () => act(world, request, { action: 'pause', planner: planPause }, watch)),
    unpause: (request, watch) =>
      locks.run(request.stack, 'unpause', () =>
        act(world, request, { action: 'unpause', planner: planUnpause }, watch),
      ),
    remove: (request, watch) =>
      locks.run(request.stack, 'rm', () => {
        const planner: Planner = (stack, observed, services) => planRemove(stack, observed, services, request);
        return act(world, request, { action: 'rm', planner }, watch);
      }),
    /* Not serialised: a kill is what ends a stop that takes too long. */
    kill: (request) => kill(world, request),
    stacks: async () => listStacks(world),
    containers: async (filter) => listContainers(world, filter),
    waitExit: (request, signal) => waitExit(world, request, signal),
    attach: (request) => attachToContainer(world, request),
    startAttached: (request) => startAttached(world, request),
    inspectContainers: (names) => inspectContainers(world, names),
    renameContainer: ({ container, to }) => renameContainer(world, container, to),
    updateContainers: (request) => updateContainers(world, request),
    commitContainer: (request) => commitContainer(world, request),
    containerChanges: (name) => rootChanges(world, name),
    containerSizes: (names) => containerSizes(world, names),
    processes: (request) => containerProcesses(world, request),
    usage: (request) => containerUsage(world, request),
    waitStopped: (request, signal) => waitStopped(world, request, signal),
    logs: (request, signal) => streamLogs(world, request, signal),
    logsPrune: (request) => pruneLogs(world, request),
    events: (request, signal) => streamEvents(world, request, signal),
    why: (request) => explain(world, request),
    ...networkCalls(world, locks),
    exec: (request) => execInContainer(world, request),
    run: (request) => locks.run(request.stack.name, 'run', () => runOneOff(world, request)),
    ...imageCalls(world),
    build: (request, watch) => world.builds.build(request, watch),
    buildCheck: (request) => world.builds.check(request),
    buildCache: () => world.builds.cache(),
    buildPrune: (keepBytes) => world.builds.prune(keepBytes),
    images: () => world.images.list(),
    imageInspect: (reference) => inspectImage(world, reference),
    imageRemove: (reference) =>
      world.images.remove(reference, new Set(world.store.containers.all().map((c) => c.image.id))),
    imageImport: (archive, { name, ...options }, watch) =>
      world.images.importRootfs(archive, name, {
        ...options,
        signal: watch?.signal,
        onProgress: (bytes) => watch?.onEvent?.({ type: 'import-progress', bytes }),
      }),
  };
}

function statusOf(world: World, { roots, version }: EngineOptions, startedAt: string): EngineStatus {
  const containers = world.store.containers.all();
  return {
    Pid: process.pid,
    Version: version,
    ApiVersion: API_VERSION,
    StartedAt: startedAt,
    DataRoot: roots.data,
    RunRoot: roots.run,
    Stacks: new Set(containers.map((c) => c.stack)).size,
    Containers: containers.length,
    ContainersRunning: [...world.live.values()].filter((live) => live.running !== null).length,
    MemoryBytes: process.memoryUsage.rss(),
  };
}
