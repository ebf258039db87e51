/**
 * Makes every process of a container stand still, and lets them go on.
 *
 * A container that stands still answers no health check: probing rests meanwhile.
 */
import { containerCgroup } from '../container-paths.ts';
import { superviseHealth } from '../health-watch.ts';
import { liveOf, type World } from '../world.ts';

/** Standing still already is fine; CONTAINER_NOT_RUNNING when it has ended meanwhile. */
export async function pauseContainer(world: World, id: string): Promise<undefined> {
  const live = liveOf(world, id);
  if (live.state === 'paused') return;
  live.probe?.stop();
  live.probe = null;
  await world.runtime.pause(containerCgroup(world.parentCgroup, id));
  live.state = 'paused';
  world.changes.changed();
}

export async function unpauseContainer(world: World, id: string): Promise<undefined> {
  const live = liveOf(world, id);
  if (live.state !== 'paused') return;
  await world.runtime.unpause(containerCgroup(world.parentCgroup, id));
  live.state = 'running';
  const record = world.store.containers.get(id);
  if (record) superviseHealth(world, record);
  world.changes.changed();
}
