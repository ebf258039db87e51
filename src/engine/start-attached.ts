/**
 * Starts a container that exists with a terminal or pipes on it from its first byte on.
 */
import type { RunningContainer } from '../runtime/runtime.ts';
import { attachToContainer } from './attach.ts';
import { recordByName } from './choose-containers.ts';
import type { Session, StartAttachedRequest } from './engine.ts';
import { reportCommand } from './history/report.ts';
import { removeContainer } from './ops/remove-container.ts';
import { startRecord } from './ops/start-container.ts';
import { sessionOf } from './session.ts';
import { liveOf, type World } from './world.ts';

/** One that runs already is attached to. Rejects as a start does. */
export async function startAttached(world: World, request: StartAttachedRequest): Promise<Session> {
  const record = recordByName(world, request.container);
  const live = liveOf(world, record.id);
  if (live.running) return await attachToContainer(world, { container: { kind: 'name', name: record.id } });
  const cause = reportCommand(world, 'start', { stack: record.stack, by: request.by });
  live.startReason = { why: 'it was asked for', cause };
  const positions = world.store.stacks.get(record.stack)?.positions ?? {};
  return await new Promise<Session>((resolve, reject) => {
    const started = startRecord(world, record.id, {
      positions,
      terminal: request.terminal,
      onListening: async (container) => resolve(await sessionFor(container)),
    });
    started.catch(async (error: unknown) => {
      /* One that never ran has no end that would remove it. */
      if (record.autoRemove) await removeContainer(world, record.id, { volumes: true }).catch(() => {});
      reject(error);
    });

    async function sessionFor(container: RunningContainer): Promise<Session> {
      const attach = await container.attach();
      const { id, name, definition } = record;
      const cleanUp = () => over(world, id);
      const { stdinOpen: stdin, tty: terminal } = definition;
      return sessionOf({ id, name, stdin, terminal, attach, started, exited: container.exited, cleanUp });
    }
  });
}

/** Until its end is in the books, and it is gone if it was to go. */
async function over(world: World, id: string): Promise<void> {
  await world.changes.until(() => {
    const record = world.store.containers.get(id);
    const live = world.live.get(id);
    const ended = !live?.running && live?.state !== 'starting';
    return !record || (ended && (!record.autoRemove || !record.startedOnce)) ? true : undefined;
  });
}
