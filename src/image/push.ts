/**
 * `push`: an image of the store -> its registry.
 *
 * What came from a registry goes back byte for byte, with the digest it had.
 * Layers that were made here lie in the store as plain tars; they are
 * compressed for the way, and the manifest that is sent says so.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { diskFull, isDiskFull } from '../base/disk-full.ts';
import { BerthError } from '../base/errors.ts';
import { limiter } from '../base/limiter.ts';
import { openWriteStream } from '../base/write-stream.ts';
import type { RegistryClient } from '../registry/client.ts';
import { openRegistry, type RegistryOptions } from '../registry/registry.ts';
import { type Uploaded, uploadBlob, uploadManifest } from '../registry/upload.ts';
import type { Layout, Manifest } from './layout.ts';
import type { Descriptor } from './layout-index.ts';
import { canonicalName, familiarName, parseReference, type Reference } from './reference.ts';
import { tap } from './unpack-archive.ts';

export type PushProgress = {
  readonly layer: string;
  readonly state: 'waiting' | 'uploading' | 'done' | 'there';
  readonly bytes: number;
  readonly total: number;
};

export type PushOptions = RegistryOptions & { readonly onProgress?: (progress: PushProgress) => void };

export type PushedImage = {
  readonly name: string;
  readonly digest: string;
  readonly sent: number;
  readonly there: number;
};

const AT_ONCE = 4;
const PLAIN_LAYER = 'application/vnd.oci.image.layer.v1.tar';

/** REGISTRY_DENIED when that user may not push there. */
export async function pushImage(
  layout: Layout,
  { name, manifest }: { readonly name: string; readonly manifest: Descriptor },
  options: PushOptions,
): Promise<PushedImage> {
  const reference = parseReference(name);
  if (reference.tag === undefined) {
    throw new BerthError('IMAGE_REFERENCE_INVALID', `${familiarName(name)} has no tag to be pushed as`, {
      hint: 'give it one: `berth tag IMAGE NAME:TAG`',
    });
  }
  const made: string[] = [];
  const registry = await openRegistry(reference.domain, options);
  try {
    const ready = await readyToSend(layout, manifest, made);
    const results = await sendBlobs({ layout, reference, client: registry.main, options }, ready);
    const { bytes, digest, mediaType } = ready;
    await uploadManifest({
      client: registry.main,
      repository: reference.path,
      reference: reference.tag,
      bytes,
      mediaType,
      signal: options.signal,
    });
    const sent = results.filter((one) => one === 'sent').length;
    return { name: familiarName(canonicalName(reference)), digest, sent, there: results.length - sent };
  } finally {
    registry.close();
    await Promise.all(made.map((path) => rm(path, { force: true })));
  }
}

export type Ready = {
  readonly bytes: Buffer;
  readonly digest: string;
  readonly mediaType: string;
  readonly blobs: readonly { readonly blob: Descriptor; readonly path: string }[];
};

async function readyToSend(layout: Layout, descriptor: Descriptor, made: string[]): Promise<Ready> {
  const stored = await layout.readJson<Manifest>(descriptor.digest);
  const isPlain = stored.layers.some(({ mediaType }) => mediaType === PLAIN_LAYER);
  if (!isPlain) {
    const blobs = [...stored.layers, stored.config].map((blob) => ({ blob, path: layout.blobPath(blob.digest) }));
    return {
      bytes: await layout.readBytes(descriptor.digest),
      digest: descriptor.digest,
      mediaType: descriptor.mediaType,
      blobs,
    };
  }
  const layers: { blob: Descriptor; path: string }[] = [];
  for (const layer of stored.layers) {
    const path = layout.blobPath(layer.digest);
    layers.push(layer.mediaType === PLAIN_LAYER ? await compressed(layout, path, made) : { blob: layer, path });
  }
  const bytes = Buffer.from(JSON.stringify({ ...stored, layers: layers.map(({ blob }) => blob) }));
  const blobs = [...layers, { blob: stored.config, path: layout.blobPath(stored.config.digest) }];
  return { bytes, digest: digestOf(bytes), mediaType: descriptor.mediaType, blobs };
}

/** The file is the caller's to remove: it is named in `made`. */
export async function compressed(layout: Layout, from: string, made: string[]) {
  const path = layout.newBlobPath();
  made.push(path);
  const hash = createHash('sha256');
  let size = 0;
  const count = tap((chunk) => {
    hash.update(chunk);
    size += chunk.length;
  });
  try {
    await pipeline(createReadStream(from), createGzip(), count, await openWriteStream(path, 0o644));
  } catch (error) {
    throw isDiskFull(error) ? diskFull('the image store', error) : error;
  }
  return { path, blob: { mediaType: `${PLAIN_LAYER}+gzip`, digest: `sha256:${hash.digest('hex')}`, size } };
}

type Sending = {
  readonly layout: Layout;
  readonly reference: Reference;
  readonly client: RegistryClient;
  readonly options: PushOptions;
};

export async function sendBlobs(
  { layout, reference, client, options }: Sending,
  { blobs }: Ready,
): Promise<Uploaded[]> {
  const inTurn = limiter(AT_ONCE);
  const others = otherRepositories(layout, reference);
  const unique = [...new Map(blobs.map((one) => [one.blob.digest, one])).values()];
  const uploads = unique.map(({ blob, path }) =>
    inTurn(async () => {
      const tell = (state: PushProgress['state'], bytes: number) =>
        options.onProgress?.({ layer: blob.digest, state, bytes, total: blob.size });
      tell('waiting', 0);
      const uploaded = await uploadBlob({
        client,
        repository: reference.path,
        blob,
        path,
        mountFrom: await mountSources(layout, others, blob.digest),
        signal: options.signal,
        onProgress: (bytes) => tell('uploading', bytes),
      });
      tell(uploaded === 'sent' ? 'done' : 'there', blob.size);
      return uploaded;
    }),
  );
  const results = await Promise.allSettled(uploads);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

type Other = { readonly path: string; readonly manifest: string };

function otherRepositories(layout: Layout, { domain, path }: Reference): Other[] {
  return [...layout.names()].flatMap(([name, { digest }]) => {
    const other = parseReference(name);
    return other.domain === domain && other.path !== path ? [{ path: other.path, manifest: digest }] : [];
  });
}

/** A name here is no proof that the registry has it there: a mount that fails costs one request, so one is tried. */
async function mountSources(layout: Layout, others: readonly Other[], digest: string): Promise<string[]> {
  for (const { path, manifest } of others) {
    const { layers, config } = await layout
      .readJson<Manifest>(manifest)
      .catch(() => ({ layers: [], config: undefined }));
    if ([...layers, config].some((one) => one?.digest === digest)) return [path];
  }
  return [];
}

export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
