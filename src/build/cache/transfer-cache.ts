/**
 * `cache_from` and `cache_to` of one build: opens what is named, and sends what was used.
 */
import { BerthError, type Diagnostic } from '../../base/errors.ts';
import type { ImageDriver } from '../../image/image.ts';
import type { CacheFrom, CacheTo } from '../../model/cache-place.ts';
import type { UserEnvironment } from '../../registry/docker-config.ts';
import type { CacheRecord } from '../solve/build-cache.ts';
import { CACHE_TYPE, contentsOf } from './cache-contents.ts';
import { type OpenCache, openLocalCache } from './open-local-cache.ts';
import { DIFF_ID, openRegistryCache } from './open-registry-cache.ts';
import { writeLocalCache } from './write-local-cache.ts';

export type Transfer = {
  readonly images: ImageDriver;
  readonly env: UserEnvironment;
  readonly signal: AbortSignal;
  readonly onWarning: (diagnostic: Diagnostic) => void;
};

/** A cache that is not there is a warning: the first build of all has none. */
export async function openCaches(places: readonly CacheFrom[], transfer: Transfer): Promise<OpenCache[]> {
  const opened = await Promise.all(
    places.map(async (place) => {
      try {
        return place.kind === 'local'
          ? await openLocalCache(place)
          : await openRegistryCache(place.reference, transfer);
      } catch (error) {
        if (transfer.signal.aborted || !(error instanceof BerthError)) throw error;
        transfer.onWarning(cacheWarning(`no steps are taken from ${nameOf(place)}`, error));
        return undefined;
      }
    }),
  );
  return opened.filter((one) => one !== undefined);
}

export type Sending = {
  readonly used: ReadonlyMap<string, CacheRecord>;
  /** Diff ids of the result's layers. */
  readonly result: ReadonlySet<string>;
};

/** BUILD_FAILED, REGISTRY_*: unless the place may fail. */
export async function sendCaches(places: readonly CacheTo[], sending: Sending, transfer: Transfer): Promise<void> {
  for (const place of places) {
    if (place.kind === 'inline') continue;
    try {
      await sendCache(place, sending, transfer);
    } catch (error) {
      if (transfer.signal.aborted || !place.mayFail || !(error instanceof BerthError)) throw error;
      transfer.onWarning(cacheWarning(`the cache was not written to ${nameOf(place)}`, error));
    }
  }
}

type Outside = Exclude<CacheTo, { readonly kind: 'inline' }>;

async function sendCache(place: Outside, { used, result }: Sending, { images, env, signal }: Transfer): Promise<void> {
  const contents = contentsOf(used, place.mode === 'max' ? { mode: 'max' } : { mode: 'min', result });
  if (place.kind === 'local') {
    await writeLocalCache({ path: place.path, tag: place.tag, contents, tarOf: images.blobPath });
    return;
  }
  const layers = contents.layers.map(({ diffId, size }) => ({
    diffId,
    descriptor: { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: diffId, size },
    annotations: { [DIFF_ID]: diffId },
  }));
  const config = Buffer.from(JSON.stringify(contents));
  await images.pushArtifact(place.reference, { type: CACHE_TYPE, config, layers }, { env, signal });
}

export function cacheWarning(message: string, error: unknown): Diagnostic {
  const why = error instanceof Error ? error.message : String(error);
  return { severity: 'warning', message: `${message}: ${why}` };
}

function nameOf(place: CacheFrom): string {
  return place.kind === 'local' ? place.path : place.reference;
}
