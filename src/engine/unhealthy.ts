/**
 * Ends a container whose health check has failed, where its service asks for that.
 *
 * Its end then goes the way of every end: the restart policy, with its
 * back-off. Nothing is ended that somebody is stopping already.
 */
import { endRunning } from './end-running.ts';
import { reportContainer } from './history/report.ts';
import type { World } from './world.ts';

export function endUnhealthy(world: World, id: string, cause: number): void {
  const live = world.live.get(id);
  const record = world.store.containers.get(id);
  if (!live?.running || !record?.definition.restartUnhealthy || live.stopping || live.unhealthy) return;
  live.unhealthy = true;
  live.endCause = reportContainer(world, record, {
    action: 'stop',
    why: 'it is unhealthy, and its restart policy is to start it again then',
    cause,
  });
  endRunning(world, live, record).catch((error: unknown) => world.log(`${record.name}: ${String(error)}`));
}
