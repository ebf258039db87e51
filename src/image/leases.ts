/**
 * Content that must stay although no image has it: of a pull that goes on later, of a build's cache.
 *
 * A lease is a file below images/leases; it outlives the engine. Whoever makes
 * content takes the lease before the content gets its name, so that no sweep
 * can come in between.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readState, removeUnfinished, writeState } from '../base/atomic-file.ts';
import { BerthError } from '../base/errors.ts';

export type Leases = {
  /** Reads what earlier engines have left. */
  open(): Promise<void>;
  /** Adds digests of blobs and of unpacked layers to a lease, which is made when there is none. `id`: a-z, 0-9, `-`. */
  hold(id: string, digests: readonly string[]): Promise<void>;
  release(id: string): Promise<void>;
  /** Releases those of the prefix that were last added to before that time. */
  expire(prefix: string, beforeMs: number): Promise<void>;
  /** Digests of all leases. */
  held(): ReadonlySet<string>;
  /** Ids by prefix, oldest first. */
  ids(prefix: string): readonly string[];
};

type Lease = { readonly digests: readonly string[]; readonly sinceMs: number };

const SCHEMA = 1;
const ID = /^[a-z0-9-]{1,200}$/;

export function leasesIn(folder: string): Leases {
  const leases = new Map<string, Lease>();
  const pathOf = (id: string) => join(folder, `${checked(id)}.json`);
  const release = async (id: string) => {
    leases.delete(id);
    await rm(pathOf(id), { force: true });
  };
  return {
    async open() {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await removeUnfinished(folder);
      leases.clear();
      for (const name of await readdir(folder)) {
        const id = /^(.*)\.json$/.exec(name)?.[1];
        const lease = id === undefined ? undefined : await readLease(join(folder, name));
        if (lease) leases.set(id!, lease);
      }
    },
    async hold(id, digests) {
      const known = leases.get(id)?.digests ?? [];
      const lease = { digests: [...new Set([...known, ...digests])], sinceMs: Date.now() };
      /* In memory at once: a sweep may come while the file is written. */
      leases.set(id, lease);
      if (lease.digests.length > known.length) await writeState(pathOf(id), SCHEMA, lease);
    },
    release,
    async expire(prefix, beforeMs) {
      const old = [...leases].filter(([id, { sinceMs }]) => id.startsWith(prefix) && sinceMs < beforeMs);
      for (const [id] of old) await release(id);
    },
    held: () => new Set([...leases.values()].flatMap(({ digests }) => digests)),
    ids: (prefix) =>
      [...leases]
        .filter(([id]) => id.startsWith(prefix))
        .sort(([, a], [, b]) => a.sinceMs - b.sinceMs)
        .map(([id]) => id),
  };
}

/** A damaged lease is set aside: what it held is made or fetched again. */
async function readLease(path: string): Promise<Lease | undefined> {
  try {
    return await readState<Lease>(path, SCHEMA);
  } catch (error) {
    if (error instanceof BerthError && error.code === 'STATE_CORRUPT') return undefined;
    throw error;
  }
}

function checked(id: string): string {
  if (!ID.test(id)) throw new Error(`${JSON.stringify(id)} is no id of a lease`);
  return id;
}
