/**
 * Stops a container because somebody asked for it: no restart policy acts on its end.
 */
import { DEFAULT_GRACE_MS, endRunning } from '../end-running.ts';
import { runPreStop } from '../hooks.ts';
import type { World } from '../world.ts';

/** Resolves when the container has ended and its exit is recorded; the text says what was out of the ordinary. */
export async function stopContainer(
  world: World,
  id: string,
  graceMs?: number,
  stopSignal?: string,
): Promise<string | undefined> {
  const live = world.live.get(id);
  const record = world.store.containers.get(id);
  if (!live || !record) return undefined;
  const asked = stopSignal === undefined ? record : { ...record, definition: { ...record.definition, stopSignal } };
  world.store.containers.putSoon(id, { ...record, desired: 'stopped' });
  live.stopping = true;
  if (live.restartTimer) clearTimeout(live.restartTimer);
  live.restartTimer = null;
  if (live.state === 'restarting') live.state = 'exited';
  const grace = graceMs ?? record.definition.stopGraceMs ?? DEFAULT_GRACE_MS;
  const hooks = live.state === 'running' ? await runPreStop(world, record, grace) : undefined;
  const note = live.running ? await endRunning(world, live, asked, graceMs) : undefined;
  await world.changes.until(() => (live.running ? undefined : true));
  return [hooks, note].filter(Boolean).join('; ') || undefined;
}
