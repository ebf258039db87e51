/**
 * Ends a running container: its stop signal, the grace, then SIGKILL.
 *
 * A process that can not hear the signal at all is not waited for: SIGKILL
 * at once, and the note says so.
 */

import { failpoint } from '../base/failpoint.ts';
import { canHear } from '../runtime/hearing.ts';
import { signalName, signalNumber } from '../runtime/stop-signals.ts';
import type { ContainerRecord } from './records.ts';
import { stopSignalOf } from './stop-signal.ts';
import type { LiveContainer, World } from './world.ts';

/** As Docker: 10 s. */
export const DEFAULT_GRACE_MS = 10_000;
const SIGKILL = 9;

/** Resolves when it was told to end for good; the text says what was out of the ordinary. `graceMs`: instead of its own. */
export async function endRunning(
  world: World,
  live: LiveContainer,
  record: ContainerRecord,
  graceMs?: number,
): Promise<string | undefined> {
  const running = live.running!;
  if (live.state === 'paused') await world.runtime.unpause(`${world.parentCgroup}/${record.id}`);
  const signal = signalNumber(stopSignalOf(record));
  const grace = graceMs ?? record.definition.stopGraceMs ?? DEFAULT_GRACE_MS;
  if (grace === 0 || signal === SIGKILL) {
    await kill(live);
    return undefined;
  }
  if (!(await canHear(running.pid, signal, { init: record.definition.init }))) {
    await kill(live);
    return `${record.name} can not hear ${signalName(signal)}: killed at once`;
  }
  await running.signal(signal).catch(() => {});
  failpoint('signal.sent');
  const ended = await within(running.exited, grace);
  if (ended) return undefined;
  await kill(live);
  return `${record.name} did not end within ${grace / 1000} s of ${signalName(signal)}: killed`;
}

async function kill(live: LiveContainer): Promise<void> {
  /* PID 1's death takes the whole pid namespace with it; where that is shared, its cgroup's processes. */
  await live.running?.signalAll(SIGKILL).catch(() => {});
}

async function within(ended: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([ended.then(() => true), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
