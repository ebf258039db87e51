/**
 * What the engine does first: finds out what became of everything it has records of.
 *
 * The engine may have been killed at any instant, the machine may have been
 * restarted. Running containers are adopted as they are; ended ones get their
 * exit recorded; what has no record is removed.
 */
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { entriesOf } from '../base/entries-of.ts';
import type { ExitRecord } from '../runtime/spec.ts';
import { removeIfWanted } from './auto-remove.ts';
import { readBoot } from './boot.ts';
import { afterEngine, completionOf, watchCompletion } from './completion.ts';
import { containerCgroup, containerFolder, stateFolder } from './container-paths.ts';
import { decideRestart, watchContainer } from './exits.ts';
import { reportDeath } from './history/report.ts';
import { retainAllLogs } from './logs/retain.ts';
import { mendConnections } from './mend-connections.ts';
import type { ContainerRecord } from './records.ts';
import { type Pending, resume } from './resume.ts';
import { volumesInUse } from './volume-use.ts';
import { watchSecretKeys } from './watching/watch-secrets.ts';
import { newLive, type World } from './world.ts';

export async function recover(world: World): Promise<void> {
  const { rebooted, note } = await readBoot(world.roots.data);
  const records = world.store.containers.all().map((record) => sinceLastEngine(world, record, rebooted));
  /* Before the first health check of an adopted container, whose folder is below. */
  await rm(join(world.roots.run, 'e'), { recursive: true, force: true });
  const ends = await Promise.all(records.map((record) => adopt(world, record)));
  const pending = ends.flatMap((end) => (end ? settle(world, end, rebooted) : []));
  await removeStrays(world);
  world.secrets.keepOnly(new Set([...records.map((record) => record.id), ...watchSecretKeys(world)]));
  await world.volumes.release(volumesInUse(world));
  await world.syncNetwork();
  retainAllLogs(world).catch((error: unknown) => world.log(`logs: ${String(error)}`));
  /* Bridges and interfaces may have been removed while nobody watched. */
  await mendConnections(world);
  await note();
  /* Commands are answered meanwhile: the last of them may have to wait for the first to become healthy. */
  resume(world, pending).catch((error: unknown) => world.log(`restart of what was to run: ${String(error)}`));
}

/** An end that nobody saw. */
type End = { readonly id: string; readonly exit: ExitRecord };

async function adopt(world: World, record: ContainerRecord): Promise<End | undefined> {
  const live = newLive(record.id, record.startedOnce ? 'exited' : 'created');
  world.live.set(record.id, live);
  const cgroup = containerCgroup(world.parentCgroup, record.id);
  const found = await world.runtime.adopt(stateFolder(world.roots, record.id), cgroup);
  if (found.kind === 'running') {
    live.state = (await world.runtime.isPaused(cgroup)) ? 'paused' : 'running';
    live.running = found.container;
    world.store.containers.hold(record.id, { ...record, desired: 'running', startedOnce: true });
    watchContainer(world, record.id, found.container);
    return undefined;
  }
  await world.runtime.removeCgroup(cgroup);
  const { id } = record;
  if (found.kind === 'exited') return { id, exit: found.exit };
  if (record.desired !== 'running') return undefined;
  const now = new Date().toISOString();
  /* Its end may be known already: then it was to be started again. */
  return { id, exit: record.exit ?? { code: null, signal: 0, oomKilled: false, startedAt: now, finishedAt: now } };
}

function sinceLastEngine(world: World, before: ContainerRecord, rebooted: boolean): ContainerRecord {
  const record = afterEngine(before, rebooted);
  const after = rebooted ? afterBoot(record) : record;
  /* The next engine must not judge a second time. */
  if (after.completed !== before.completed) world.store.containers.putSoon(after.id, after);
  else if (after !== before) world.store.containers.hold(after.id, after);
  return after;
}

/** As Docker has it: policy `always` also starts what was stopped by hand before; all counting begins anew. */
function afterBoot(before: ContainerRecord): ContainerRecord {
  const { retries, ...record } = before;
  const wanted = record.startedOnce && record.definition.restart.kind === 'always';
  return wanted ? { ...record, desired: 'running' } : record;
}

/** The end is recorded now; the start that its restart policy asks for. */
function settle(world: World, { id, exit }: End, rebooted: boolean): Pending[] {
  const live = world.live.get(id);
  const record = world.store.containers.get(id);
  if (!live || !record) return [];
  live.state = 'exited';
  const known = record.exit?.finishedAt === exit.finishedAt;
  if (!known) recordEnd(world, record, { exit, rebooted });
  const death = known ? null : reportDeath(world, record, exit);
  const decision = decideRestart(world, id, exit, { death, rebooted });
  removeIfWanted(world, id);
  return decision ? [{ id, ...decision }] : [];
}

function recordEnd(
  world: World,
  record: ContainerRecord,
  { exit, rebooted }: { readonly exit: ExitRecord; readonly rebooted: boolean },
): void {
  const completed = rebooted ? undefined : completionOf(record, exit, true);
  world.store.containers.putSoon(record.id, {
    ...record,
    startedOnce: true,
    exit,
    ...(completed ? { completed } : {}),
  });
  if (completed) watchCompletion(world, record.id, completed);
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

/** A container whose record is damaged may hold what somebody wants back: its files are kept; its log lies with its service's. */
async function removeOrSetAside(world: World, id: string): Promise<void> {
  const folder = containerFolder(world.roots, id);
  if (!(await entriesOf(folder)).includes('record.json.corrupt')) return rm(folder, { recursive: true, force: true });
  const aside = join(world.roots.data, 'set-aside');
  await mkdir(aside, { recursive: true, mode: 0o700 });
  await rename(folder, join(aside, id));
  world.log(`container ${id} was ended: its record is damaged; its files are in ${join(aside, id)}`);
}
