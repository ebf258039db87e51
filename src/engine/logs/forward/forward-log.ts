/**
 * Sends the log of one container to its target, at least once.
 *
 * Reads the files, so that a target that is away or slow costs neither memory
 * nor the container's time; where it has come to is on disk. A connection
 * that breaks may have lost what it had taken: the lines of the last second
 * are sent again.
 */
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { joinParts } from '../../../logs/join-parts.ts';
import { LOG_BEGINNING, type LogPlace } from '../../../logs/log-place.ts';
import { readLog } from '../../../logs/read-log.ts';
import type { LogForward } from '../../../model/service-logs.ts';
import { type ForwardSender, readForwardState, writeForwardState } from './forward-state.ts';
import { type Outlet, openOutlet } from './outlet.ts';
import { type Progress, progressFrom } from './progress.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 30_000;
/** A connection that lasted so long was a good one. */
const GOOD_MS = 10_000;

export type ForwardLog = {
  readonly path: string;
  readonly forward: LogForward;
  readonly sender: ForwardSender;
  readonly signal: AbortSignal;
  /** The container has ended, or is gone. */
  readonly isOver: () => boolean;
  readonly onWake: (wake: () => void) => () => void;
  /** `failure`: the target is away, and is tried again; undefined: it is there. */
  readonly onTarget: (failure: string | undefined) => void;
};

/** Resolves when all has been sent that the container wrote until its end, or when the signal says so. */
export async function forwardLog(log: ForwardLog): Promise<void> {
  const folder = dirname(log.path);
  const state = await readForwardState(folder);
  const save = (place: LogPlace, isDone: boolean) =>
    writeForwardState(folder, { forward: log.forward, sender: log.sender, place, isDone });
  const progress = progressFrom(state?.place ?? LOG_BEGINNING, (place) => save(place, false));
  const isDone = await sendUntilOver(log, progress);
  await progress.close();
  if (isDone) await save(progress.reached(), true);
}

/** false: the signal came first. */
async function sendUntilOver(log: ForwardLog, progress: Progress): Promise<boolean> {
  for (let pauseMs = FIRST_PAUSE_MS; !log.signal.aborted; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const beganMs = Date.now();
    try {
      await attempt(log, progress);
      return !log.signal.aborted;
    } catch (error) {
      if (log.signal.aborted) return false;
      log.onTarget(error instanceof Error ? error.message : String(error));
    }
    if (Date.now() - beganMs > GOOD_MS) pauseMs = FIRST_PAUSE_MS;
    await sleep(pauseMs, undefined, { signal: log.signal }).catch(() => {});
  }
  return false;
}

async function attempt(log: ForwardLog, progress: Progress): Promise<void> {
  const { service, container, stack, replica } = log.sender;
  const outlet = await openOutlet(log.forward, {
    appName: service,
    processId: container,
    environment: {
      BERTH_STACK: stack,
      BERTH_SERVICE: service,
      BERTH_REPLICA: String(replica),
      BERTH_CONTAINER: container,
    },
  });
  try {
    log.onTarget(undefined);
    await sendAll(log, outlet, progress);
    if (!log.signal.aborted) await outlet.end();
  } finally {
    outlet.destroy();
  }
}

async function sendAll({ path, signal, isOver, onWake }: ForwardLog, outlet: Outlet, progress: Progress) {
  const broken = new AbortController();
  let failure: unknown;
  outlet.gone.catch((error: unknown) => {
    failure = error;
    broken.abort();
  });
  const place = { ...progress.safe() };
  const follow = { signal: AbortSignal.any([signal, broken.signal]), done: isOver, onWake };
  const joiner = joinParts();
  for await (const piece of readLog(path, { place, follow })) {
    await outlet.send(joiner.add(piece));
    if (joiner.isIdle()) progress.reach({ ...place });
    if (signal.aborted || failure) break;
  }
  if (failure) throw failure;
  await outlet.send(joiner.rest());
}
