/**
 * Removes a container that does not run: record, folders, cgroup, network namespace.
 *
 * The record goes first: what is left after a crash in between has no record,
 * and recovery removes folders without one.
 */
import { close } from 'node:fs';
import { rm } from 'node:fs/promises';
import { failpoint } from '../../base/failpoint.ts';
import { isStandalone } from '../../model/standalone.ts';
import { containerCgroup, containerFolder, stateFolder } from '../container-paths.ts';
import { noteRun } from '../logs/kept-runs.ts';
import { retainLogs } from '../logs/retain.ts';
import { runFolder } from '../logs/run-folder.ts';
import type { ContainerRecord } from '../records.ts';
import type { World } from '../world.ts';
import { stopContainer } from './stop-container.ts';
import { removeVolume } from './volumes.ts';

export type RemoveOptions = {
  /** Its anonymous volumes too. */
  readonly volumes?: boolean;
};

export async function removeContainer(world: World, id: string, options: RemoveOptions = {}): Promise<undefined> {
  const anonymous = Object.values(world.store.containers.get(id)?.anonymousVolumes ?? {});
  const live = world.live.get(id);
  if (live?.running) await stopContainer(world, id, 0);
  if (live?.restartTimer) clearTimeout(live.restartTimer);
  live?.probe?.stop();
  const record = world.store.containers.get(id);
  const stack = record?.stack ?? '';
  /* At once from memory: nobody may take it for the one that follows it. */
  await world.store.containers.delete(id);
  if (record) await leaveLog(world, record);
  /* Its stack was made for it alone. */
  if (isStandalone(stack)) await world.store.stacks.delete(stack);
  world.live.delete(id);
  world.secrets.drop(id);
  /* The last descriptor: the namespace dies, and the veth pairs with it. */
  if (live && live.netns !== null) close(live.netns, () => {});
  await Promise.all([
    rm(containerFolder(world.roots, id), { recursive: true, force: true }),
    rm(stateFolder(world.roots, id), { recursive: true, force: true }),
    world.runtime.removeCgroup(containerCgroup(world.parentCgroup, id)),
  ]);
  if (record?.keepsLog) await retainLogs(world, stack, record.service);
  if (options.volumes) for (const volume of anonymous) await removeVolume(world, volume);
  failpoint('container.removed');
  world.changes.changed();
}

/** Its log stays with the service; of a terminal that was to leave nothing behind (`run --rm`), none. */
async function leaveLog(world: World, record: ContainerRecord): Promise<void> {
  if (!record.keepsLog) return;
  if (record.oneOff && record.autoRemove && record.definition.tty) {
    await rm(runFolder(world.roots, record.stack, record), { recursive: true, force: true });
  } else {
    await noteRun(world, record);
  }
}
