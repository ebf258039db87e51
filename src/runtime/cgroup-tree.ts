/**
 * What is done to a cgroup from outside: freeze, thaw, kill, remove, list.
 *
 * Works on folders given by cgroup.ts, the same way in every version: version
 * 2's own files where the tree is there (also on hybrid machines, where
 * cgroup.freeze and cgroup.kill work without any controller), version 1's
 * freezer and plain signals elsewhere.
 */
import { readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BerthError, errnoOf } from '../base/errors.ts';
import { type CgroupHost, cgroupFolders, lacksController } from './cgroup.ts';

const FREEZE_TIMEOUT_MS = 10_000;
const REMOVE_TIMEOUT_MS = 10_000;

/** Stops every process of `path` until thaw; resolves when all stand still. */
export async function freeze(host: CgroupHost, path: string): Promise<void> {
  await setFrozen(host, path, true);
}

/** Lets the processes of `path` go on. */
export async function thaw(host: CgroupHost, path: string): Promise<void> {
  await setFrozen(host, path, false);
}

/** Does everything in `path` stand still? */
export async function isFrozen(host: CgroupHost, path: string): Promise<boolean> {
  if (host.v2 === null && !host.v1.has('freezer')) return false;
  const freezer = freezerOf(host, path, true);
  return freezer.reached(await readFile(freezer.state, 'utf8').catch(gone('')));
}

async function setFrozen(host: CgroupHost, path: string, frozen: boolean): Promise<void> {
  const freezer = freezerOf(host, path, frozen);
  await writeFile(freezer.file, freezer.value);
  await until(FREEZE_TIMEOUT_MS, async () => freezer.reached(await readFile(freezer.state, 'utf8')));
}

function freezerOf(host: CgroupHost, path: string, frozen: boolean) {
  if (host.v2 !== null) {
    const dir = join(host.v2.root, path);
    return {
      file: join(dir, 'cgroup.freeze'),
      value: frozen ? '1' : '0',
      state: join(dir, 'cgroup.events'),
      reached: (text: string) => new RegExp(`^frozen ${frozen ? 1 : 0}$`, 'm').test(text),
    };
  }
  const root = host.v1.get('freezer');
  if (root === undefined) throw lacksController('freezer', 'pause', undefined);
  const file = join(root, path, 'freezer.state');
  const value = frozen ? 'FROZEN' : 'THAWED';
  return { file, value, state: file, reached: (text: string) => text.trim() === value };
}

/** Kills what is left in `path` and removes it in every hierarchy, with groups that were made inside. */
export async function removeTree(host: CgroupHost, path: string): Promise<void> {
  const folders = cgroupFolders(host, path);
  await killAll(host, path, folders);
  await Promise.all(folders.map(removeFolder));
}

async function killAll(host: CgroupHost, path: string, folders: readonly string[]): Promise<void> {
  if (host.v2 !== null) {
    try {
      // Also ends what is frozen, and forks that are under way.
      await writeFile(join(host.v2.root, path, 'cgroup.kill'), '1', { flag: 'r+' });
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ENODEV') throw error;
    }
  }
  // Without cgroup.kill (version 1 alone, or a kernel before 5.14), and for whoever left the version 2 group by hand.
  for (const folder of folders) await killByNumber(folder);
}

async function killByNumber(folder: string): Promise<void> {
  await until(REMOVE_TIMEOUT_MS, async () => {
    const pids = await livePids(folder);
    for (const pid of pids) signal(pid);
    return pids.length === 0;
  });
}

/** A process that is frozen in version 1 dies when it is thawed; the caller thaws by killing again. */
function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
}

async function livePids(folder: string): Promise<number[]> {
  const pids: number[] = [];
  for (const dir of await subFolders(folder)) {
    const text = await readFile(join(dir, 'cgroup.procs'), 'utf8').catch(gone(''));
    // 0 stands for a process of another pid namespace: not ours to see.
    pids.push(
      ...text
        .split('\n')
        .map(Number)
        .filter((pid) => pid > 0),
    );
    await writeFile(join(dir, 'freezer.state'), 'THAWED', { flag: 'r+' }).catch(() => {});
  }
  return pids;
}

async function removeFolder(folder: string): Promise<void> {
  for (const dir of (await subFolders(folder)).reverse()) {
    await until(REMOVE_TIMEOUT_MS, async () => {
      try {
        await rmdir(dir);
        return true;
      } catch (error) {
        if (errnoOf(error) === 'ENOENT') return true;
        // Processes leave their group a moment after they are gone from its list.
        if (errnoOf(error) === 'EBUSY') return false;
        throw error;
      }
    });
  }
}

/** `folder` and the folders below, parents first; nothing when it does not exist. */
async function subFolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(gone(null));
  if (entries === null) return [];
  const below = entries.filter((entry) => entry.isDirectory()).map((entry) => subFolders(join(folder, entry.name)));
  return [folder, ...(await Promise.all(below)).flat()];
}

/** Removes the engine's own group where nothing is left in it. */
export async function removeEmptyParent(host: CgroupHost, parent: string): Promise<void> {
  const roots = [...new Set(host.v1.values()), ...(host.v2 === null ? [] : [host.v2.root])];
  for (const root of roots) {
    await rmdir(join(root, parent)).catch((error: unknown) => {
      if (!['ENOENT', 'EBUSY', 'ENOTEMPTY'].includes(errnoOf(error) ?? '')) throw error;
    });
  }
}

/** Names `parent/CHILD` that exist in any hierarchy. */
export async function listChildren(host: CgroupHost, parent: string): Promise<string[]> {
  const names = new Set<string>();
  for (const folder of cgroupFolders(host, parent)) {
    const entries = await readdir(folder, { withFileTypes: true }).catch(gone([]));
    for (const entry of entries) if (entry.isDirectory()) names.add(`${parent}/${entry.name}`);
  }
  return [...names].sort();
}

/** A catch that takes "it is gone" for `value`. */
function gone<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENODEV') return value;
    throw error;
  };
}

/** Neither version tells when a group is empty or frozen by an edge that is there in both: asks again, ever slower. */
async function until(timeoutMs: number, reached: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, 100)) {
    if (await reached()) return;
    if (performance.now() > end) throw new BerthError('RUNTIME_FAILED', 'a cgroup did not come to rest in time');
    await sleep(waitMs);
  }
}
