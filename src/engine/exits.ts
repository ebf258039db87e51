/**
 * What follows the end of a container: its record, its names, and its restart policy.
 */
import { openSync } from 'node:fs';
import { errnoOf } from '../base/errors.ts';
import { failpoint } from '../base/failpoint.ts';
import type { RunningContainer } from '../runtime/runtime.ts';
import type { ExitRecord } from '../runtime/spec.ts';
import { removeIfWanted } from './auto-remove.ts';
import { completionOf, watchCompletion } from './completion.ts';
import { superviseHealth } from './health-watch.ts';
import { reportContainer, reportDeath } from './history/report.ts';
import { NO_RETRIES, superviseExit } from './supervise.ts';
import { volumesInUse } from './volume-use.ts';
import { type LiveContainer, liveOf, type World } from './world.ts';

/** Looks after a container that runs, from its start or its adoption on. */
export function watchContainer(world: World, id: string, running: RunningContainer): void {
  const live = world.live.get(id);
  const record = world.store.containers.get(id);
  if (!live || !record) return;
  holdNamespace(live, record.definition.networkMode.kind === 'networks', running.pid);
  superviseHealth(world, record);
  running.onOom(() => world.log(`${record.name}: the kernel's OOM killer ended a process`));
  running.exited
    .then((exit) => onExit(world, id, exit))
    .catch((error: unknown) => world.log(`${record.name}: ${String(error)}`));
}

/** An open descriptor keeps the namespace, so that a restart finds its address and interfaces again. */
function holdNamespace(live: LiveContainer, own: boolean, pid: number): void {
  if (!own || live.netns !== null || pid === 0) return;
  try {
    live.netns = openSync(`/proc/${pid}/ns/net`, 'r');
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'EACCES') throw error;
  }
}

function onExit(world: World, id: string, exit: ExitRecord): void {
  const live = world.live.get(id);
  const record = world.store.containers.get(id);
  if (!live || !record || world.closing.aborted) return;
  const completed = completionOf(record, exit, !live.stopping && !live.unhealthy && live.endCause === null);
  live.running = null;
  live.probe?.stop();
  live.probe = null;
  live.health = '';
  live.state = 'exited';
  world.store.containers.putSoon(id, { ...record, exit, ...(completed ? { completed } : {}) });
  if (completed) watchCompletion(world, id, completed);
  failpoint('exit.seen');
  const death = reportDeath(world, record, exit);
  live.endCause = null;
  if (!live.stopping) applyPolicy(world, id, exit, death);
  world.changes.changed();
  removeIfWanted(world, id);
  world.volumes.release(volumesInUse(world)).catch((error: unknown) => world.log(`volumes: ${String(error)}`));
  world.syncNetwork().catch((error: unknown) => world.log(`network: ${String(error)}`));
}

/** Restarts the container now or later, as its policy says. */
export function applyPolicy(world: World, id: string, exit: ExitRecord, death: number | null): void {
  const decision = decideRestart(world, id, exit, { death });
  if (!decision) return;
  const { delayMs, ...restart } = decision;
  liveOf(world, id).restartTimer = setTimeout(() => void restartByPolicy(world, id, restart), delayMs);
}

export type RestartDecision = Restart & { readonly delayMs: number };

/** `death`: event of the end; `rebooted`: it ended with the machine, which is no failure of its own. */
type Circumstances = { readonly death: number | null; readonly rebooted?: boolean };

/** What the policy says about an end, noted in record and history; whoever asks has to carry it out. */
export function decideRestart(
  world: World,
  id: string,
  exit: ExitRecord,
  { death, rebooted = false }: Circumstances,
): RestartDecision | undefined {
  const live = world.live.get(id);
  const record = world.store.containers.get(id);
  if (!live || !record || record.oneOff) return undefined;
  const verdict = superviseExit({
    policy: record.definition.restart,
    desired: record.desired,
    exitCode: exit.code,
    unhealthy: live.unhealthy,
    ranMs: Date.parse(exit.finishedAt) - Date.parse(exit.startedAt),
    retries: record.retries ?? NO_RETRIES,
  });
  if (verdict.kind === 'stay') return undefined;
  const delayMs = rebooted ? 0 : verdict.delayMs;
  world.store.containers.putSoon(id, { ...record, retries: verdict.retries });
  live.state = 'restarting';
  const cause = reportContainer(world, record, {
    action: 'restart',
    why: rebooted ? `${verdict.why}, after a restart of the machine` : `${verdict.why}, after ${delayMs} ms`,
    cause: death,
    attributes: { delayMs: String(delayMs) },
  });
  const followed = live.unhealthy;
  live.unhealthy = false;
  return { cause, followed, delayMs };
}

type Restart = {
  readonly cause: number;
  /** Events that it waited for. */
  readonly after?: readonly number[];
  /** What depends on it is restarted after it. */
  readonly followed: boolean;
};

/** Never rejects: a start that fails is one more end, which the policy is asked about again. */
export async function restartByPolicy(world: World, id: string, { cause, after, followed }: Restart): Promise<void> {
  const record = world.store.containers.get(id);
  if (!record || world.closing.aborted) return;
  world.store.containers.hold(id, { ...record, restarts: record.restarts + 1 });
  try {
    liveOf(world, id).startReason = { why: 'its restart policy', cause, after };
    await world.startAgain(id);
    if (followed)
      world.restartFollowers(record, cause).catch((error: unknown) => world.log(`${record.name}: ${String(error)}`));
  } catch (error) {
    if (liveOf(world, id).running) {
      /* It runs; what failed is a hook after its start, which has an event of its own. */
      world.log(`${record.name}: ${String(error)}`);
      return;
    }
    world.log(`${record.name}: restart failed: ${error instanceof Error ? error.message : String(error)}`);
    const now = new Date().toISOString();
    const why = `it could not be started again: ${error instanceof Error ? error.message : String(error)}`;
    const failed = reportContainer(world, record, { action: 'start-container failed', why, cause });
    applyPolicy(world, id, { code: null, signal: 0, oomKilled: false, startedAt: now, finishedAt: now }, failed);
    world.changes.changed();
  }
}
