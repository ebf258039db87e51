/**
 * Starts a container that exists: names and ports first, then the runtime.
 *
 * Used by plans, by restart policies and by one-off runs alike. When it
 * returns, the program has been exec'd (or waits for its first attach).
 */
import { BerthError } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import type { Positions } from '../../model/stack.ts';
import { ContainerStartError, type RunningContainer } from '../../runtime/runtime.ts';
import { positionOf } from '../definition-diff.ts';
import { watchContainer } from '../exits.ts';
import { reportContainer } from '../history/report.ts';
import { runPostStart } from '../hooks.ts';
import { mountSources } from '../mount-sources.ts';
import type { Op } from '../plan.ts';
import type { ContainerRecord } from '../records.ts';
import { requireImage } from '../require-image.ts';
import { runPreStart } from '../start-hooks.ts';
import { prepareStateFolder } from '../state-folder.ts';
import { translate } from '../translate.ts';
import { type LiveContainer, liveOf, type World } from '../world.ts';
import { allowFailedStart } from './allow-failure.ts';
import type { Operation } from './operation.ts';

type StartOp = Extract<Op, { kind: 'start-container' }>;

/** The text tells of a start that failed and may, as part of an update. */
export async function startContainer(operation: Operation, op: StartOp): Promise<string | undefined> {
  const id = op.id ?? operation.created.get(`${op.service}:${op.replica}`);
  if (id === undefined) throw new Error(`the plan starts ${op.service}:${op.replica} without having created it`);
  const { world, positions } = operation;
  const start = (container: string) => startRecord(world, container, { positions });
  try {
    if (!liveOf(world, id).running) await runPreStart(operation, id, { start });
    await start(id);
    return undefined;
  } catch (error) {
    return allowFailedStart(operation, op, error);
  }
}

export type StartOptions = {
  readonly positions: Positions;
  /** On behalf of its restart policy: what that has counted stays. */
  readonly again?: boolean;
  readonly terminal?: { readonly rows: number; readonly cols: number } | null;
  /** Called before the program runs, with a container that waits for its first attach. */
  readonly onListening?: (container: RunningContainer) => Promise<void>;
};

/** Starts the container of a record; running already is fine. */
export async function startRecord(world: World, id: string, options: StartOptions): Promise<void> {
  const live = liveOf(world, id);
  if (live.running || live.state === 'starting') return;
  if (live.restartTimer) clearTimeout(live.restartTimer);
  live.restartTimer = null;
  live.state = 'starting';
  live.stopping = false;
  live.unhealthy = false;
  const before = world.store.containers.get(id);
  if (!before) throw new Error(`container ${id} has no record`);
  const { retries, ...fresh } = before;
  const record: ContainerRecord = { ...(options.again ? before : fresh), desired: 'running' };
  world.store.containers.hold(id, record);
  try {
    const [image, sources] = await Promise.all([
      requireImage({ world, positions: options.positions }, record.definition),
      mountSources(world, record, options.positions),
      world.syncNetwork(),
    ]);
    for (const prepare of world.beforeStart) await prepare(record);
    const awaitAttach = options.onListening !== undefined;
    const running = await world.startInTurn(() => {
      prepareStateFolder(world, record);
      failpoint('container.prepared');
      return world.runtime.start(
        translate(world, { record, live, image, sources, terminal: options.terminal, awaitAttach }),
      );
    });
    await options.onListening?.(running);
    await running.started;
    becomeRunning(world, world.store.containers.get(id) ?? record, { live, running });
  } catch (error) {
    live.state = before.startedOnce ? 'exited' : 'created';
    world.changes.changed();
    /* Its names and ports must not stay behind; the failure is what matters. */
    world.store.containers.hold(id, before);
    await world.syncNetwork().catch(() => {});
    throw atItsLine(error, record, options.positions);
  }
  await runPostStart(world, record);
}

type Started = { readonly live: LiveContainer; readonly running: RunningContainer };

function becomeRunning(world: World, record: ContainerRecord, { live, running }: Started): void {
  live.state = 'running';
  live.running = running;
  const reason = live.startReason ?? { why: 'it was asked for', cause: null };
  live.startReason = null;
  live.startEvent = reportContainer(world, record, { action: 'start', ...reason });
  /* An intent that is already on disk is not written twice: the monitor's own files say the rest. */
  const { completed, ...fresh } = record;
  world.store.containers.putSoon(record.id, { ...fresh, startedOnce: true, exit: null });
  watchContainer(world, record.id, running);
  world.changes.changed();
}

/** The runtime's failure as one that names the service and the line that asked for it. */
function atItsLine(error: unknown, record: ContainerRecord, positions: Positions): unknown {
  if (!(error instanceof ContainerStartError)) return error;
  const path = error.origin ?? `services.${record.service}`;
  return new BerthError(error.code, `service ${record.service}: ${error.message}`, {
    at: positionOf(positions, path) ?? positionOf(positions, `services.${record.service}`),
    hint: error.hint,
    cause: error,
  });
}
