/**
 * What steps have given, by their keys: layers, and digests of what COPY found in a root filesystem.
 *
 * A record is written after its layer has its name, so that a kill leaves a
 * layer without a record, never a record of half a layer. Each record's layer
 * is kept by a lease of its own. A record whose layer is gone is none.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { readState, removeUnfinished, writeState } from '../../base/atomic-file.ts';
import { BerthError } from '../../base/errors.ts';
import type { ImageDriver } from '../../image/image.ts';
import type { StoredLayer } from '../../image/stage-layer.ts';

export type CacheRecord =
  /** null: the step has changed nothing. */
  | { readonly kind: 'layer'; readonly layer: StoredLayer | null; readonly title: string; readonly createdAt: string }
  | { readonly kind: 'digest'; readonly digest: string; readonly matches: number };

export type BuildCache = {
  open(): Promise<void>;
  find(key: string): Promise<CacheRecord | undefined>;
  put(key: string, record: CacheRecord): Promise<void>;
  /** Work on one key happens once at a time: who comes later gets the same result. */
  once<T>(key: string, work: () => Promise<T>): Promise<T>;
  list(): Promise<CacheEntry[]>;
  /** Removes the least recently used until at most `keepBytes` of layers are left; bytes that are no longer held. */
  prune(keepBytes: number): Promise<number>;
};

export type CacheEntry = {
  readonly key: string;
  readonly title: string;
  readonly sizeBytes: number;
  readonly usedMs: number;
  readonly layer: StoredLayer | null;
};

const SCHEMA = 1;
const LEASE = 'build-';

/** The lease of a key's layer. */
export function leaseOf(key: string): string {
  return `${LEASE}${key}`;
}

export function buildCache(folder: string, images: ImageDriver): BuildCache {
  const running = new Map<string, Promise<unknown>>();
  /* Nobody else writes the folder while the engine runs. */
  const records = new Map<string, CacheRecord>();
  /* What was kept when nothing has been added since: then there is no more to remove. */
  let prunedTo = Number.POSITIVE_INFINITY;
  const pathOf = (key: string) => join(folder, `${key}.json`);

  const read = async (key: string): Promise<CacheRecord | undefined> => {
    const known = records.get(key);
    if (known) return known;
    try {
      const record = await readState<CacheRecord>(pathOf(key), SCHEMA);
      if (record) records.set(key, record);
      return record;
    } catch (error) {
      /* Set aside; the step runs again. */
      if (error instanceof BerthError && error.code === 'STATE_CORRUPT') return undefined;
      throw error;
    }
  };

  const list = async (): Promise<CacheEntry[]> => {
    const names = (await readdir(folder).catch(() => [])).filter((name) => /^[0-9a-f]{64}\.json$/.test(name));
    const entries = await Promise.all(
      names.map(async (name): Promise<CacheEntry[]> => {
        const key = name.slice(0, 64);
        const [record, stats] = await Promise.all([read(key), stat(join(folder, name)).catch(() => undefined)]);
        if (!record || !stats) return [];
        const layer = record.kind === 'layer' ? record.layer : null;
        const title = record.kind === 'layer' ? record.title : 'digest of files';
        return [{ key, title, layer, sizeBytes: layer?.descriptor.size ?? 0, usedMs: stats.mtimeMs }];
      }),
    );
    return entries.flat().sort((a, b) => b.usedMs - a.usedMs);
  };

  return {
    async open() {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await removeUnfinished(folder);
      /* A kill before the record was written. */
      const orphans = images.leases.ids(LEASE).filter((id) => !existsSync(pathOf(id.slice(LEASE.length))));
      for (const id of orphans) await images.leases.release(id);
    },
    async find(key) {
      const record = await read(key);
      if (!record || (record.kind === 'layer' && record.layer && !images.hasLayer(record.layer))) return undefined;
      const now = new Date();
      /* Nothing waits for it: it only says what was last used. */
      utimes(pathOf(key), now, now).catch(() => {});
      return record;
    },
    async put(key, record) {
      await writeState(pathOf(key), SCHEMA, record);
      records.set(key, record);
      prunedTo = Number.POSITIVE_INFINITY;
    },
    once<T>(key: string, work: () => Promise<T>): Promise<T> {
      const known = running.get(key) as Promise<T> | undefined;
      if (known) return known;
      const promise = work().finally(() => running.delete(key));
      running.set(key, promise);
      return promise;
    },
    list,
    async prune(keepBytes) {
      if (keepBytes >= prunedTo) return 0;
      prunedTo = keepBytes;
      let kept = 0;
      let freed = 0;
      for (const { key, sizeBytes } of await list()) {
        kept += sizeBytes;
        if ((keepBytes > 0 && kept <= keepBytes) || running.has(key)) continue;
        freed += sizeBytes;
        records.delete(key);
        await rm(pathOf(key), { force: true });
        await images.leases.release(leaseOf(key));
      }
      return freed;
    },
  };
}
