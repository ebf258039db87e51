/**
 * `pull`: an image of a registry -> the store.
 *
 * Layers are fetched side by side, each once however many pulls want it. The
 * image gets its name when all of it is there; until then a lease keeps what
 * has come, also over a new start, so that the next pull goes on.
 */
import { createHash } from 'node:crypto';
import { BerthError } from '../base/errors.ts';
import type { Limiter } from '../base/limiter.ts';
import { blobBytes } from '../registry/blob-stream.ts';
import type { RegistryClient } from '../registry/client.ts';
import { type FetchedManifest, fetchManifest } from '../registry/fetch-manifest.ts';
import { contentInvalid } from '../registry/parse-manifest.ts';
import { isSamePlatform, ownPlatform, type Platform, parsePlatform, printPlatform } from '../registry/platform.ts';
import { openRegistry, type RegistryOptions } from '../registry/registry.ts';
import type { Flights } from './flights.ts';
import type { OciImage } from './image-config.ts';
import { type Descriptor, PULLED_AT, SOURCE_DIGEST } from './layout-index.ts';
import { type LayerProgress, pullLayer } from './pull-layer.ts';
import { canonicalName, familiarName, type Reference } from './reference.ts';
import type { SerialQueue } from './serial-queue.ts';
import type { Stores } from './sweep.ts';

export type PullOptions = RegistryOptions & {
  /** `linux/arm64`; undefined: this machine's. */
  readonly platform?: string;
  readonly onProgress?: (progress: PullProgress) => void;
};

/** `layer`: digest of the blob. */
export type PullProgress = LayerProgress & { readonly layer: string; readonly total: number };

export type PulledImage = {
  readonly name: string;
  readonly id: string;
  /** What the registry means by the name: digest of the index, where there is one. */
  readonly digest: string;
  /** false: the store had just this already. */
  readonly isNew: boolean;
};

export type PullStore = {
  readonly stores: Stores;
  readonly serially: SerialQueue;
  readonly flights: Flights;
  /** How many layers come at a time, of all pulls together. */
  readonly inTurn: Limiter;
  /** Leases of the pulls that run: they are not to be pruned. */
  readonly pulling: Set<string>;
};

/** Of pulls that were never finished. */
export const PULL_LEASE = 'pull-';
const MAX_CONFIG_BYTES = 8 * 1024 * 1024;

export async function pullImage(store: PullStore, reference: Reference, options: PullOptions): Promise<PulledImage> {
  const registry = await openRegistry(reference.domain, options);
  const begun: Promise<void>[] = [];
  try {
    const platform = options.platform === undefined ? ownPlatform() : parsePlatform(options.platform);
    const place = { repository: reference.path, reference: reference.digest ?? reference.tag ?? 'latest' };
    const fetched = await firstThatHas(registry.sources, (client) =>
      fetchManifest(client, place, { platform, signal: options.signal }),
    );
    return await take(store, { reference, fetched, sources: registry.sources, platform, options, begun });
  } finally {
    /* Another pull may still wait for a layer that comes over a connection of this one. */
    void Promise.allSettled(begun).then(registry.close);
  }
}

/** A mirror need not have everything. */
async function firstThatHas<T>(
  sources: readonly RegistryClient[],
  fetch: (client: RegistryClient) => Promise<T>,
): Promise<T> {
  for (const [index, source] of sources.entries()) {
    try {
      return await fetch(source);
    } catch (error) {
      const isLast = index === sources.length - 1;
      if (isLast || !(error instanceof BerthError) || error.code === 'ABORTED') throw error;
    }
  }
  throw new Error('a registry without an endpoint');
}

type Taking = {
  readonly reference: Reference;
  readonly fetched: FetchedManifest;
  readonly sources: readonly RegistryClient[];
  readonly platform: Platform;
  readonly options: PullOptions;
  /** Layers that are fetched over the connections of this pull. */
  readonly begun: Promise<void>[];
};

async function take(store: PullStore, taking: Taking): Promise<PulledImage> {
  const { stores, serially } = store;
  const { layout, leases } = stores;
  const { fetched, reference } = taking;
  const { manifest, digest } = fetched;
  const name = canonicalName(reference);
  const wasThere = layout.names().get(name)?.digest === digest;
  const lease = `${PULL_LEASE}${digest.slice(7)}`;
  store.pulling.add(lease);
  try {
    return await fill();
  } finally {
    store.pulling.delete(lease);
  }

  async function fill(): Promise<PulledImage> {
    await leases.hold(lease, [digest, manifest.config.digest, ...manifest.layers.map((layer) => layer.digest)]);
    const configBytes = await fetchConfig(taking, stores);
    const diffIds = checkConfig(taking, configBytes);
    await leases.hold(lease, diffIds);
    await pullLayers(store, taking, diffIds);
    await serially(async () => {
      await layout.writeBytes(manifest.config.digest, configBytes);
      await layout.writeBytes(digest, fetched.bytes);
      await layout.setName(name, descriptorOf(fetched));
      await leases.release(lease);
    });
    return { name: familiarName(name), id: manifest.config.digest, digest: fetched.sourceDigest, isNew: !wasThere };
  }
}

function descriptorOf({ manifest, digest, bytes, sourceDigest }: FetchedManifest): Descriptor {
  const annotations = { [SOURCE_DIGEST]: sourceDigest, [PULLED_AT]: new Date().toISOString() };
  return { mediaType: manifest.mediaType, digest, size: bytes.length, annotations };
}

async function fetchConfig({ fetched, sources, reference, options }: Taking, { layout }: Stores): Promise<Buffer> {
  const { config } = fetched.manifest;
  if (layout.hasBlob(config.digest)) {
    const known = await layout.readBytes(config.digest).catch(() => undefined);
    if (known) return known;
  }
  const what = `config of ${reference.path}`;
  if (config.size > MAX_CONFIG_BYTES) throw contentInvalid(what, `it has ${config.size} bytes`);
  const chunks: Buffer[] = [];
  for await (const chunk of blobBytes({
    sources,
    repository: reference.path,
    blob: config,
    from: 0,
    signal: options.signal,
  }))
    chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  if (digest !== config.digest) throw contentInvalid(what, `what came has the digest ${digest}`);
  return bytes;
}

const DIFF_ID = /^sha256:[0-9a-f]{64}$/;

/** Its diff ids. */
function checkConfig({ fetched, reference, platform, options }: Taking, bytes: Buffer): readonly string[] {
  const what = `image ${familiarName(canonicalName(reference))}`;
  const image = parsedConfig(bytes, what);
  const diffIds: unknown = image.rootfs?.diff_ids;
  if (!Array.isArray(diffIds) || !diffIds.every((one) => typeof one === 'string' && DIFF_ID.test(one)))
    throw contentInvalid(what, 'its config has no list of layers');
  if (diffIds.length !== fetched.manifest.layers.length)
    throw contentInvalid(
      what,
      `its config has ${diffIds.length} layers, its manifest ${fetched.manifest.layers.length}`,
    );
  const made = {
    os: image.os ?? 'linux',
    architecture: image.architecture ?? platform.architecture,
    variant: image.variant,
  };
  if (!isSamePlatform(platform, made)) {
    throw new BerthError(
      'IMAGE_PLATFORM_MISSING',
      `${what} is made for ${printPlatform(made)}, not for ${printPlatform(platform)}`,
      {
        hint:
          options.platform === undefined
            ? `--platform ${printPlatform(made)} pulls it all the same`
            : 'leave --platform (platform:) away',
      },
    );
  }
  return diffIds as string[];
}

function parsedConfig(bytes: Buffer, what: string): Partial<OciImage> {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    /* Said below. */
  }
  throw contentInvalid(what, 'its config is no JSON object');
}

async function pullLayers(
  store: PullStore,
  { fetched, sources, reference, options, begun }: Taking,
  diffIds: readonly string[],
): Promise<void> {
  const { stores, serially, flights, inTurn } = store;
  const known = await knownPairs(stores);
  /* One layer that fails ends the others: their bytes are kept for the next time. */
  const ended = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, ended.signal]) : ended.signal;
  const pulls = fetched.manifest.layers.map(async (layer, index) => {
    const diffId = diffIds[index]!;
    const onProgress = (progress: LayerProgress) =>
      options.onProgress?.({ layer: layer.digest, total: layer.size, ...progress });
    const isThere = stores.layout.isWhole(layer) && stores.layers.has(diffId);
    if (isThere && known.has(`${layer.digest} ${diffId}`)) return onProgress({ state: 'there', bytes: layer.size });
    onProgress({ state: 'waiting', bytes: 0 });
    const key = `${layer.digest} ${diffId}`;
    await flights<LayerProgress>(key, { signal, onProgress }, (shared) => {
      const fetching = inTurn(() =>
        pullLayer({ stores, serially, sources, repository: reference.path, layer, diffId, ...shared }),
      );
      begun.push(fetching);
      return fetching;
    });
  });
  const results = await Promise.allSettled(
    pulls.map((pull) =>
      pull.catch((error: unknown) => {
        ended.abort(error);
        throw error;
      }),
    ),
  );
  if (options.signal?.aborted) throw new BerthError('ABORTED', 'interrupted');
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw ended.signal.reason;
}

/** Which tars are in which blobs, as images of the store have proved: one that says otherwise is looked into again. */
async function knownPairs({ layout }: Stores): Promise<ReadonlySet<string>> {
  const pairs = new Set<string>();
  for (const { digest } of layout.names().values()) {
    try {
      const { config, layers } = await layout.readJson<{ config: Descriptor; layers: readonly Descriptor[] }>(digest);
      const { rootfs } = await layout.readJson<OciImage>(config.digest);
      for (const [index, diffId] of rootfs.diff_ids.entries()) pairs.add(`${layers[index]?.digest} ${diffId}`);
    } catch {
      /* A damaged image proves nothing. */
    }
  }
  return pairs;
}
