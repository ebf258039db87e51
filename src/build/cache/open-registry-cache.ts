/**
 * `cache_from` with type=registry: an artifact that is a cache, or an image with one in its config (inline).
 */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { decompressor } from '../../image/decompress.ts';
import { CACHE_IN_CONFIG, type OciImage } from '../../image/image-config.ts';
import { canonicalName, familiarName, parseReference } from '../../image/reference.ts';
import { blobBytes } from '../../registry/blob-stream.ts';
import type { UserEnvironment } from '../../registry/docker-config.ts';
import { type FetchedManifest, fetchManifest } from '../../registry/fetch-manifest.ts';
import type { ContentDescriptor } from '../../registry/media-types.ts';
import { ownPlatform } from '../../registry/platform.ts';
import { openRegistry, type Registry } from '../../registry/registry.ts';
import { CACHE_TYPE, type CacheContents, invalid, readContents } from './cache-contents.ts';
import type { OpenCache } from './open-local-cache.ts';

type Asking = { readonly env: UserEnvironment; readonly signal: AbortSignal };

const MAX_CONFIG = 64 * 1024 * 1024;

/** IMAGE_NOT_FOUND, IMAGE_CONTENT_INVALID, REGISTRY_*. To be closed. */
export async function openRegistryCache(name: string, { env, signal }: Asking): Promise<OpenCache> {
  const reference = parseReference(name);
  const title = `the cache ${familiarName(canonicalName(reference))}`;
  const registry = await openRegistry(reference.domain, { env, signal });
  try {
    const place = { repository: reference.path, reference: reference.digest ?? reference.tag ?? 'latest' };
    const fetched = await fetchManifest(registry.main, place, { platform: ownPlatform(), signal });
    const opening = { registry, repository: reference.path, fetched, title, signal };
    const { contents, blobs } = await readConfig(opening);
    return {
      title,
      contents,
      readLayer: async (diffId) => {
        const blob = blobs.get(diffId);
        return blob && layerStream(opening, blob);
      },
      close: registry.close,
    };
  } catch (error) {
    registry.close();
    throw error;
  }
}

type Opening = {
  readonly registry: Registry;
  readonly repository: string;
  readonly fetched: FetchedManifest;
  readonly title: string;
  readonly signal: AbortSignal;
};

type Read = {
  readonly contents: CacheContents;
  /** By diff id. */
  readonly blobs: ReadonlyMap<string, ContentDescriptor>;
};

async function readConfig(opening: Opening): Promise<Read> {
  const { fetched, title } = opening;
  const { config, layers } = fetched.manifest;
  const text = await configText(opening);
  if (config.mediaType === CACHE_TYPE) {
    const contents = readContents(text, title);
    const named = layers.flatMap((blob) => {
      const diffId = blob.annotations?.[DIFF_ID];
      return diffId === undefined ? [] : [[diffId, blob] as const];
    });
    return { contents, blobs: new Map(named) };
  }
  const image = imageOf(text, title);
  const inline = image[CACHE_IN_CONFIG];
  if (inline === undefined) throw invalid(title, 'it is an image without one (--cache-to type=inline puts it in)');
  const diffIds = image.rootfs?.diff_ids ?? [];
  const blobs = new Map(layers.flatMap((blob, index) => (diffIds[index] ? [[diffIds[index], blob] as const] : [])));
  return { contents: readContents(JSON.stringify(inline), title), blobs };
}

/** Annotation of an artifact's layer: the digest of its plain tar. */
export const DIFF_ID = 'dev.berth.diff-id';

function imageOf(text: string, title: string): Partial<OciImage> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    /* Said below. */
  }
  throw invalid(title, 'its config is no JSON object');
}

async function configText({ registry, repository, fetched, title, signal }: Opening): Promise<string> {
  const { config } = fetched.manifest;
  if (config.size > MAX_CONFIG) throw invalid(title, `its config has ${config.size} bytes`);
  const chunks: Buffer[] = [];
  for await (const chunk of blobBytes({ sources: registry.sources, repository, blob: config, from: 0, signal }))
    chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  if (digest !== config.digest) throw invalid(title, `what came has the digest ${digest}`);
  return bytes.toString('utf8');
}

function layerStream({ registry, repository, signal }: Opening, blob: ContentDescriptor): Readable {
  const bytes = Readable.from(blobBytes({ sources: registry.sources, repository, blob, from: 0, signal }));
  const packing = /[+.]gzip$/.test(blob.mediaType) ? 'gzip' : /[+.]zstd$/.test(blob.mediaType) ? 'zstd' : 'none';
  const plain = decompressor(packing);
  /* Its failure comes with the stream. */
  pipeline(bytes, plain).catch(() => {});
  return plain;
}
