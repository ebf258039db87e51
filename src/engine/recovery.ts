/**
 * What the engine does first: finds out what became of everything it has records of.
 *
 * The engine may have been killed at any instant, the machine may have been
 * restarted. Running containers are adopted as they are; ended ones get their
 * exit recorded; what has no record is removed.
 */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../base/errors.ts';
import type { ExitRecord } from '../runtime/spec.ts';
import { removeIfWanted } from './auto-remove.ts';
import { noteBoot } from './boot.ts';
import { containerCgroup, containerFolder, stateFolder } from './container-paths.ts';
import { applyPolicy, watchContainer } from './exits.ts';
import { reportDeath } from './history/report.ts';
import { mendConnections } from './mend-connections.ts';
import type { ContainerRecord } from './records.ts';
import { volumesInUse } from './volume-use.ts';
import { newLive, type World } from './world.ts';

export async function recover(world: World): Promise<void> {
  const rebooted = await noteBoot(world.roots.data);
  const records = world.store.containers.all().map((record) => (rebooted ? afterBoot(world, record) : record));
  /* Before the first health check of an adopted container, whose folder is below. */
  await rm(join(world.roots.run, 'e'), { recursive: true, force: true });
  await Promise.all(records.map((record) => adopt(world, record)));
  await removeStrays(world);
  world.secrets.keepOnly(new Set(records.map((record) => record.id)));
  await world.volumes.release(volumesInUse(world));
  await world.syncNetwork();
  /* Bridges and interfaces may have been removed while nobody watched. */
  await mendConnections(world);
}

async function adopt(world: World, record: ContainerRecord): Promise<void> {
  const live = newLive(record.id, record.startedOnce ? 'exited' : 'created');
  world.live.set(record.id, live);
  const cgroup = containerCgroup(world.parentCgroup, record.id);
  const found = await world.runtime.adopt(stateFolder(world.roots, record.id), cgroup);
  if (found.kind === 'running') {
    live.state = (await world.runtime.isPaused(cgroup)) ? 'paused' : 'running';
    live.running = found.container;
    world.store.containers.hold(record.id, { ...record, desired: 'running', startedOnce: true });
    watchContainer(world, record.id, found.container);
    return;
  }
  await world.runtime.removeCgroup(cgroup);
  if (found.kind === 'exited') return settle(world, record, found.exit);
  if (record.desired !== 'running') return;
  const now = new Date().toISOString();
  /* Its end may be known already: then it was to be started again. */
  settle(world, record, record.exit ?? { code: null, signal: 0, oomKilled: false, startedAt: now, finishedAt: now });
}

/** As Docker has it: policy `always` also starts what was stopped by hand before; all counting begins anew. */
function afterBoot(world: World, before: ContainerRecord): ContainerRecord {
  const { retries, ...record } = before;
  const wanted = record.startedOnce && record.definition.restart.kind === 'always';
  const after: ContainerRecord = wanted ? { ...record, desired: 'running' } : record;
  world.store.containers.hold(after.id, after);
  return after;
}

/** An end that nobody saw: recorded now, and its restart policy applied. */
function settle(world: World, record: ContainerRecord, exit: ExitRecord): void {
  const live = world.live.get(record.id)!;
  live.state = 'exited';
  const known = record.exit?.finishedAt === exit.finishedAt;
  if (!known) world.store.containers.putSoon(record.id, { ...record, startedOnce: true, exit });
  const death = known ? null : reportDeath(world, record, exit);
  applyPolicy(world, record.id, exit, death);
  removeIfWanted(world, record.id);
}

/** Folders and cgroups that no record owns: made or half removed when the engine died. */
async function removeStrays(world: World): Promise<void> {
  const ids = world.store.containers.all().map((r) => r.id);
  const known = new Set(ids);
  const knownStates = new Set(ids.map((id) => stateFolder(world.roots, id)));
  for (const cgroup of await world.runtime.listCgroups()) {
    const id = cgroup.split('/').at(-1) ?? '';
    if (!known.has(id)) await world.runtime.removeCgroup(cgroup);
  }
  for (const id of await entriesOf(join(world.roots.data, 'containers'))) {
    if (!known.has(id)) await removeOrSetAside(world, id);
  }
  for (const name of await entriesOf(join(world.roots.run, 'c'))) {
    const path = join(world.roots.run, 'c', name);
    if (!knownStates.has(path)) await rm(path, { recursive: true, force: true });
  }
}

/** A container whose record is damaged may hold what somebody wants back: its files and its log are kept. */
async function removeOrSetAside(world: World, id: string): Promise<void> {
  const folder = containerFolder(world.roots, id);
  if (!(await entriesOf(folder)).includes('record.json.corrupt')) return rm(folder, { recursive: true, force: true });
  const aside = join(world.roots.data, 'set-aside');
  await mkdir(aside, { recursive: true, mode: 0o700 });
  await rename(folder, join(aside, id));
  world.log(`container ${id} was ended: its record is damaged; its files and its log are in ${join(aside, id)}`);
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}
