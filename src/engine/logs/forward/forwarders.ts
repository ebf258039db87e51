/**
 * Starts and ends the sending of logs, one at a time for each container that asks for it (x-berth.logs.forward).
 *
 * Goes on where an engine before this one has stopped, also with the logs of
 * containers that are gone.
 */
import { dirname, join } from 'node:path';
import type { LogForward } from '../../../model/service-logs.ts';
import type { ContainerRecord } from '../../records.ts';
import type { World } from '../../world.ts';
import { keptRuns, stacksWithLogs } from '../kept-runs.ts';
import { logPath } from '../run-folder.ts';
import { forwardLog } from './forward-log.ts';
import { type ForwardSender, readForwardState } from './forward-state.ts';

export type Forwarders = {
  /** Nothing is being sent: all that is left waits for a target that is away. */
  isIdle(): boolean;
};

type Running = { readonly key: string; readonly stop: AbortController; isAway: boolean };

type Wanted = {
  readonly id: string;
  readonly path: string;
  readonly forward: LogForward;
  readonly sender: ForwardSender;
};

export function superviseForwarders(world: World): Forwarders {
  const running = new Map<string, Running>();

  const begin = (wanted: Wanted) => {
    const entry: Running = { key: JSON.stringify(wanted.forward), stop: new AbortController(), isAway: false };
    running.set(wanted.id, entry);
    const onTarget = (failure: string | undefined) => {
      if (failure !== undefined && !entry.isAway)
        world.log(`${wanted.sender.container}: its log can not be sent to ${nameOf(wanted.forward)}: ${failure}`);
      entry.isAway = failure !== undefined;
    };
    const signal = AbortSignal.any([world.closing, entry.stop.signal]);
    const isOver = () => !isUp(world, wanted.id);
    forwardLog({ ...wanted, signal, isOver, onWake: world.changes.listen, onTarget })
      .catch((error: unknown) => world.log(`${wanted.sender.container}: its log is not sent: ${String(error)}`))
      .finally(() => {
        running.delete(wanted.id);
        if (!world.closing.aborted) look();
      });
  };
  const look = () => {
    for (const record of world.store.containers.all()) {
      const wanted = wantedOf(world, record);
      const current = running.get(record.id);
      /* Another target: the next one goes on where this one has come to. */
      if (current && current.key !== JSON.stringify(wanted?.forward)) current.stop.abort();
      if (wanted && !current && isUp(world, record.id)) begin(wanted);
    }
  };

  world.changes.listen(look);
  look();
  unfinished(world)
    .then((left) => left.filter(({ id }) => !running.has(id)).forEach(begin))
    .catch((error: unknown) => world.log(`logs: ${String(error)}`));
  return { isIdle: () => [...running.values()].every((entry) => entry.isAway) };
}

function wantedOf(world: World, record: ContainerRecord): Wanted | undefined {
  const { logForward: forward, logging } = record.definition;
  if (!forward || !record.keepsLog || logging?.driver === 'none') return undefined;
  const { id, stack, service, replica, name } = record;
  return { id, path: logPath(world.roots, record), forward, sender: { stack, service, replica, container: name } };
}

/** What an engine before this one has begun and not ended, of containers that do not run. */
async function unfinished(world: World): Promise<Wanted[]> {
  const stopped = world.store.containers.all().filter((record) => !isUp(world, record.id) && record.keepsLog);
  const kept = await Promise.all((await stacksWithLogs(world)).map((stack) => keptRuns(world, stack)));
  const places = [
    ...stopped.map((record) => ({ id: record.id, path: logPath(world.roots, record) })),
    ...kept.flat().map((run) => ({ id: run.id, path: join(run.folder, 'log') })),
  ];
  const found = await Promise.all(
    places.map(async ({ id, path }): Promise<Wanted[]> => {
      const state = await readForwardState(dirname(path));
      return !state || state.isDone ? [] : [{ id, path, forward: state.forward, sender: state.sender }];
    }),
  );
  return found.flat();
}

function isUp(world: World, id: string): boolean {
  const live = world.live.get(id);
  return live !== undefined && (live.running !== null || live.state === 'starting' || live.state === 'restarting');
}

function nameOf(forward: LogForward): string {
  if (forward.kind === 'command') return forward.command.join(' ');
  const { to } = forward;
  return to.protocol === 'unix' ? `unix://${to.path}` : `${to.protocol}://${to.host}:${to.port}`;
}
