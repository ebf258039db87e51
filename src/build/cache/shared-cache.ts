/**
 * The cache of one build: the engine's own, and behind it what `cache_from` names.
 *
 * What is found elsewhere is fetched, checked by its digest and kept as if it
 * had been made here. What is missing or damaged there is no hit: the step
 * runs. Remembers what was used, for `cache_to`.
 */
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BerthError } from '../../base/errors.ts';
import type { ImageDriver } from '../../image/image.ts';
import type { StoredLayer } from '../../image/stage-layer.ts';
import { type BuildCache, type CacheRecord, leaseOf } from '../solve/build-cache.ts';
import type { ContentsRecord } from './cache-contents.ts';
import type { OpenCache } from './open-local-cache.ts';

export type SharedCache = BuildCache & {
  /** Records that this build has found or made. */
  readonly used: ReadonlyMap<string, CacheRecord>;
};

export type SharedCacheOptions = {
  readonly images: ImageDriver;
  readonly sources: readonly OpenCache[];
  readonly signal: AbortSignal;
  /** A layer that could not be taken from a source. */
  readonly onFailure: (source: OpenCache, error: unknown) => void;
};

type Known = { readonly source: OpenCache; readonly record: ContentsRecord };

export function sharedCache(own: BuildCache, options: SharedCacheOptions): SharedCache {
  const { images, sources, signal, onFailure } = options;
  const used = new Map<string, CacheRecord>();
  const known = recordsOf(sources);
  const fetching = new Map<string, Promise<CacheRecord | undefined>>();

  const fetchOnce = (key: string): Promise<CacheRecord | undefined> => {
    const running = fetching.get(key) ?? firstOf(key, known.get(key) ?? []);
    fetching.set(key, running);
    return running;
  };

  const firstOf = async (key: string, places: readonly Known[]): Promise<CacheRecord | undefined> => {
    for (const { source, record } of places) {
      try {
        const fetched = await fetch(key, source, record);
        if (!fetched) continue;
        await own.put(key, fetched);
        return fetched;
      } catch (error) {
        if (signal.aborted) throw error;
        onFailure(source, error);
      }
    }
    return undefined;
  };

  const fetch = async (key: string, source: OpenCache, record: ContentsRecord): Promise<CacheRecord | undefined> => {
    if ('digest' in record) return { kind: 'digest', digest: record.digest, matches: record.matches };
    const createdAt = new Date().toISOString();
    const made = (layer: StoredLayer | null): CacheRecord => ({ kind: 'layer', layer, title: record.title, createdAt });
    if (record.layer === null) return made(null);
    const { diffId, size } = source.contents.layers[record.layer]!;
    const tar = await source.readLayer(diffId);
    if (!tar) return undefined;
    const bounded = atMost(size, source.title);
    pipeline(tar, bounded).catch(() => {});
    return made(await images.addLayer(bounded, { lease: leaseOf(key), signal, diffId }));
  };

  return {
    ...own,
    used,
    async find(key) {
      const found = (await own.find(key)) ?? (known.has(key) ? await fetchOnce(key) : undefined);
      if (found) used.set(key, found);
      return found;
    },
    async once(key, work) {
      const result = await own.once(key, work);
      /* Another build may have done the work. */
      const record = used.has(key) ? undefined : await own.find(key);
      if (record) used.set(key, record);
      return result;
    },
    async put(key, record) {
      await own.put(key, record);
      used.set(key, record);
    },
  };
}

function recordsOf(sources: readonly OpenCache[]): ReadonlyMap<string, readonly Known[]> {
  const known = new Map<string, Known[]>();
  for (const source of sources) {
    for (const record of source.contents.records)
      known.set(record.key, [...(known.get(record.key) ?? []), { source, record }]);
  }
  return known;
}

/** A tar that is longer than it is said to be is not unpacked to its end. */
function atMost(size: number, title: string): Transform {
  let length = 0;
  return new Transform({
    highWaterMark: 1 << 20,
    transform(chunk: Buffer, _encoding, done) {
      length += chunk.length;
      if (length <= size) return done(null, chunk);
      return done(new BerthError('IMAGE_CONTENT_INVALID', `a layer of ${title} is longer than it is said to be`));
    },
  });
}
