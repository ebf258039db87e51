/**
 * Values of secrets that came from variables, one file a container and secret, in memory only.
 *
 * On a tmpfs that only root can read: below the run root where that is one,
 * else below /dev/shm. They outlive the engine and a restart of the container;
 * a reboot ends them, and the next `up` brings them again.
 */
import { mkdirSync, readdirSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from '../base/errors.ts';
import type { Roots } from '../base/roots.ts';

/** f_type of tmpfs and ramfs, linux/magic.h. */
const IN_MEMORY: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);

export type SecretStore = {
  put(container: string, name: string, value: string): void;
  /** Where the value is, or would be. */
  pathOf(container: string, name: string): string;
  drop(container: string): void;
  /** Removes those of all other containers: what a crash left. */
  keepOnly(containers: ReadonlySet<string>): void;
};

export function secretStore(roots: Roots): SecretStore {
  const folder = isInMemory(roots.run) ? join(roots.run, 's') : `/dev/shm/berth-${roots.tag}`;
  const folderOf = (container: string) => join(folder, container);
  const pathOf = (container: string, name: string) => join(folderOf(container), encodeURIComponent(name));
  const drop = (container: string) => {
    rmSync(folderOf(container), { recursive: true, force: true });
    removeIfEmpty(folder);
  };
  return {
    put(container, name, value) {
      mkdirSync(folderOf(container), { recursive: true, mode: 0o700 });
      writeFileSync(pathOf(container, name), value, { mode: 0o600 });
    },
    pathOf,
    drop,
    keepOnly(containers) {
      for (const id of entriesOf(folder)) if (!containers.has(id)) drop(id);
    },
  };
}

function isInMemory(folder: string): boolean {
  return IN_MEMORY.has(statfsSync(folder).type);
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY'].includes(errnoOf(error) ?? '')) throw error;
  }
}
