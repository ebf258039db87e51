/**
 * Waits for containers to end for good: not counting an end that a restart policy undoes.
 */
import type { EndedContainer } from './answers.ts';
import type { WaitExitRequest } from './engine.ts';
import { exitCodeOf } from './exit-code.ts';
import type { ContainerRecord } from './records.ts';
import type { World } from './world.ts';

/**
 * Resolves with those that have ended, when that is enough for `until`; rejects with ABORTED.
 *
 * A container that is removed meanwhile has ended with what was last known of it.
 */
export async function waitExit(
  world: World,
  { containers, until, sinceMs }: WaitExitRequest,
  signal: AbortSignal,
): Promise<EndedContainer[]> {
  const known = new Map<string, ContainerRecord>();
  return await world.changes.until(() => {
    const ended = containers.flatMap((id) => endOf(world, known, id) ?? []);
    const fresh = ended.filter((one) => sinceMs === undefined || one.endedAtMs >= sinceMs);
    const telling = until === 'first-failure' ? fresh.filter((one) => one.code !== 0) : fresh;
    if (until === 'all') return ended.length === containers.length ? ended : undefined;
    return telling.length > 0 || ended.length === containers.length ? telling : undefined;
  }, signal);
}

/** undefined while it runs, is about to, or will be restarted. */
function endOf(world: World, known: Map<string, ContainerRecord>, id: string): EndedContainer | undefined {
  const record = world.store.containers.get(id);
  if (record) known.set(id, record);
  const last = known.get(id);
  if (!last) return { id, name: id, service: '', code: 0, endedAtMs: 0 };
  const state = record ? (world.live.get(id)?.state ?? 'exited') : 'exited';
  if (state !== 'exited' && state !== 'created') return undefined;
  return {
    id,
    name: last.name,
    service: last.service,
    code: exitCodeOf(last.exit),
    endedAtMs: last.exit === null ? 0 : Date.parse(last.exit.finishedAt),
  };
}
