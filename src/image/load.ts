/**
 * Archives of `docker save`, `podman save`, skopeo and `berth save` -> the store.
 *
 * The archive is unpacked by the executor, which keeps every path inside; what
 * its documents say is checked as if it came from a registry. A name that
 * means another image here is not taken from it unless that was asked for.
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { BerthError } from '../base/errors.ts';
import { OCI_INDEX } from '../registry/media-types.ts';
import { contentInvalid, type IndexEntry, type ParsedManifest, parseManifest } from '../registry/parse-manifest.ts';
import { chooseManifest, ownPlatform } from '../registry/platform.ts';
import { decompressor } from './decompress.ts';
import type { OciImage } from './image-config.ts';
import { CONFIG_TYPE, MANIFEST_TYPE, type Manifest } from './layout.ts';
import type { Descriptor } from './layout-index.ts';
import { peekStream } from './peek-stream.ts';
import { canonicalName, familiarName, parseReference } from './reference.ts';
import type { SerialQueue } from './serial-queue.ts';
import { type StoredLayer, stageLayer } from './stage-layer.ts';
import type { Stores } from './sweep.ts';

export type LoadOptions = {
  readonly signal?: AbortSignal;
  /** For an archive of one image that has no name. */
  readonly name?: string;
  /** Names that mean other images here are taken over. */
  readonly replace?: boolean;
};

export type LoadedImage = { readonly id: string; readonly names: readonly string[] };

type Store = { readonly stores: Stores; readonly serially: SerialQueue };

/** An image of the archive: where its documents lie, and the files of its layers. */
type Found = {
  readonly names: readonly string[];
  readonly config: Buffer;
  readonly layers: readonly { readonly path: string; readonly descriptor: Descriptor | undefined }[];
  /** Of an OCI layout; kept byte for byte. */
  readonly manifest: { readonly bytes: Buffer; readonly mediaType: string } | undefined;
};

const MAX_DOCUMENT = 8 * 1024 * 1024;

/** IMAGE_ARCHIVE_INVALID, IMAGE_CONTENT_INVALID and IMAGE_IN_USE leave nothing behind. */
export async function loadImages(store: Store, archive: Readable, options: LoadOptions): Promise<LoadedImage[]> {
  const folder = await unpackWhole(store, archive, options);
  try {
    const found = await findImages(folder.folder);
    if (found.length === 0) throw noImage();
    const named = found.map((image) => ({ ...image, names: namesFor(image, found.length, options) }));
    if (!options.replace) for (const image of named) await refuseOtherNames(store, image);
    const loaded: LoadedImage[] = [];
    for (const image of named) loaded.push(await takeImage(store, image, options));
    return loaded;
  } finally {
    await folder.drop();
  }
}

async function unpackWhole({ stores }: Store, archive: Readable, { signal }: LoadOptions) {
  const { compression, whole } = await peekStream(archive);
  const plain = decompressor(compression);
  whole.on('error', (error) => plain.destroy(error));
  return await stores.layers.unpack(whole.pipe(plain), signal);
}

async function findImages(folder: string): Promise<Found[]> {
  if (existsSync(join(folder, 'index.json'))) {
    const found = await findInLayout(folder);
    if (found.length > 0) return found;
  }
  return existsSync(join(folder, 'manifest.json')) ? await findInDockerArchive(folder) : [];
}

async function findInLayout(folder: string): Promise<Found[]> {
  const index = parseManifest(await readInside(folder, 'index.json'), OCI_INDEX, 'index.json');
  if (index.kind !== 'index') throw contentInvalid('index.json', 'it is no index');
  const tags = await dockerTags(folder);
  const byDigest = new Map<string, { entry: IndexEntry; names: string[] }>();
  for (const entry of index.manifests) {
    if (!existsSync(join(folder, blobPath(entry.digest)))) continue;
    const known = byDigest.get(entry.digest) ?? { entry, names: [] };
    known.names.push(...nameOfEntry(entry));
    byDigest.set(entry.digest, known);
  }
  return await Promise.all(
    [...byDigest.values()].map(({ entry, names }) => layoutImage(folder, { entry, names, tags })),
  );
}

/** `io.containerd.image.name` is a whole name; `ref.name` may be one, or a tag only. */
function nameOfEntry({ annotations = {} }: IndexEntry): string[] {
  const whole = annotations['io.containerd.image.name'];
  if (whole !== undefined) return [whole];
  const ref = annotations['org.opencontainers.image.ref.name'];
  return ref !== undefined && /[/:]/.test(ref) ? [ref] : [];
}

type Entry = {
  readonly entry: IndexEntry;
  readonly names: readonly string[];
  readonly tags: ReadonlyMap<string, readonly string[]>;
};

async function layoutImage(folder: string, { entry, names, tags }: Entry): Promise<Found> {
  const { bytes, manifest } = await readLayoutManifest(folder, entry, 0);
  const config = await readBlob(folder, manifest.config);
  const all = names.length > 0 ? names : (tags.get(manifest.config.digest) ?? []);
  const layers = manifest.layers.map((descriptor) => ({ path: join(folder, blobPath(descriptor.digest)), descriptor }));
  return { names: all, config, layers, manifest: { bytes, mediaType: manifest.mediaType } };
}

async function readLayoutManifest(
  folder: string,
  entry: IndexEntry,
  depth: number,
): Promise<{ bytes: Buffer; manifest: ParsedManifest }> {
  const bytes = await readBlob(folder, entry);
  const document = parseManifest(bytes, entry.mediaType, `manifest ${entry.digest.slice(0, 19)}`);
  if (document.kind === 'manifest') return { bytes, manifest: document };
  const there = document.manifests.filter(({ digest }) => existsSync(join(folder, blobPath(digest))));
  const chosen = chooseManifest(there, ownPlatform()) ?? there.find(({ platform }) => platform?.os !== 'unknown');
  if (!chosen || depth > 2)
    throw contentInvalid(`index ${entry.digest.slice(0, 19)}`, 'the archive has none of its manifests');
  return await readLayoutManifest(folder, chosen, depth + 1);
}

/** Docker writes manifest.json beside the layout; podman's names are only there. */
async function dockerTags(folder: string): Promise<ReadonlyMap<string, readonly string[]>> {
  if (!existsSync(join(folder, 'manifest.json'))) return new Map();
  const entries = await readDockerManifest(folder);
  return new Map(
    entries.map(({ Config, RepoTags }) => [`sha256:${Config.replace(/^.*\//, '').replace(/\.json$/, '')}`, RepoTags]),
  );
}

type DockerEntry = {
  readonly Config: string;
  readonly RepoTags: readonly string[];
  readonly Layers: readonly string[];
};

async function readDockerManifest(folder: string): Promise<DockerEntry[]> {
  const value = parsed(await readInside(folder, 'manifest.json'), 'manifest.json');
  if (!Array.isArray(value)) throw contentInvalid('manifest.json', 'it is no list of images');
  return value.map((one: Partial<DockerEntry> | null) => {
    const layers: unknown = one?.Layers;
    const tags: unknown = one?.RepoTags ?? [];
    if (typeof one?.Config !== 'string' || !isTexts(layers) || !isTexts(tags))
      throw contentInvalid('manifest.json', 'an image of it lacks Config or Layers');
    return { Config: one.Config, RepoTags: tags, Layers: layers };
  });
}

async function findInDockerArchive(folder: string): Promise<Found[]> {
  return await Promise.all(
    (await readDockerManifest(folder)).map(async ({ Config, RepoTags, Layers }) => ({
      names: RepoTags,
      config: await readInside(folder, Config),
      layers: await Promise.all(
        Layers.map(async (path) => ({ path: await inside(folder, path), descriptor: undefined })),
      ),
      manifest: undefined,
    })),
  );
}

function namesFor({ names }: Found, count: number, { name }: LoadOptions): string[] {
  const given = names.length === 0 && count === 1 && name !== undefined ? [name] : names;
  if (given.length === 0) {
    throw new BerthError('IMAGE_ARCHIVE_INVALID', 'an image of the archive has no name', {
      hint: 'give it one with --name, where the archive has one image',
    });
  }
  return [...new Set(given.map((one) => canonicalName(parseReference(one))))];
}

/** An archive could put itself in place of an image that is trusted. */
async function refuseOtherNames({ stores }: Store, { names, config }: Found): Promise<void> {
  const { layout } = stores;
  for (const name of names) {
    const known = layout.names().get(name);
    if (!known) continue;
    const stored = await layout.readJson<Manifest>(known.digest).catch(() => undefined);
    if (stored?.config.digest === digestOf(config)) continue;
    throw new BerthError('IMAGE_NAME_TAKEN', `${familiarName(name)} is another image here already`, {
      hint: '--replace gives the name to the one of the archive',
    });
  }
}

async function takeImage({ stores, serially }: Store, image: Found, options: LoadOptions): Promise<LoadedImage> {
  const config = parsed(image.config, 'the config of an image') as OciImage;
  const diffIds: unknown = config.rootfs?.diff_ids;
  if (!isTexts(diffIds) || diffIds.length !== image.layers.length)
    throw contentInvalid('the config of an image', `it does not fit the ${image.layers.length} layers of the archive`);
  const lease = `load-${digestOf(image.config).slice(7)}`;
  try {
    const layers: StoredLayer[] = [];
    for (const [index, { path, descriptor }] of image.layers.entries()) {
      layers.push(
        await takeLayer(
          { stores, serially },
          { path, descriptor, diffId: diffIds[index]!, lease, signal: options.signal },
        ),
      );
    }
    await serially(() => nameImage(stores, image, layers));
  } finally {
    await stores.leases.release(lease);
  }
  return { id: digestOf(image.config), names: image.names.map(familiarName) };
}

type TakeLayer = {
  readonly path: string;
  readonly descriptor: Descriptor | undefined;
  readonly diffId: string;
  readonly lease: string;
  readonly signal?: AbortSignal;
};

async function takeLayer(
  { stores, serially }: Store,
  { path, descriptor, diffId, lease, signal }: TakeLayer,
): Promise<StoredLayer> {
  const what = `layer ${(descriptor?.digest ?? diffId).slice(0, 19)}`;
  if (!existsSync(path)) throw contentInvalid(what, 'the archive does not have it');
  const staged = await stageLayer(createReadStream(path, { highWaterMark: 1 << 20 }), stores, { signal });
  try {
    if (staged.diffId !== diffId)
      throw contentInvalid(what, `its tar has the digest ${staged.diffId}, its config says ${diffId}`);
    if (descriptor && staged.descriptor.digest !== descriptor.digest)
      throw contentInvalid(what, `it has the digest ${staged.descriptor.digest}`);
    await stores.leases.hold(lease, [staged.descriptor.digest, diffId]);
    await serially(() => staged.commit());
    return { descriptor: descriptor ?? staged.descriptor, diffId };
  } finally {
    await staged.discard();
  }
}

async function nameImage({ layout }: Stores, image: Found, layers: readonly StoredLayer[]): Promise<void> {
  const configDigest = digestOf(image.config);
  await layout.writeBytes(configDigest, image.config);
  const config = { mediaType: CONFIG_TYPE, digest: configDigest, size: image.config.length };
  const made = {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config,
    layers: layers.map(({ descriptor }) => descriptor),
  };
  const { bytes, mediaType } = image.manifest ?? { bytes: Buffer.from(JSON.stringify(made)), mediaType: MANIFEST_TYPE };
  const digest = digestOf(bytes);
  await layout.writeBytes(digest, bytes);
  for (const name of image.names) await layout.setName(name, { mediaType, digest, size: bytes.length });
}

async function readBlob(
  folder: string,
  { digest, size }: { readonly digest: string; readonly size: number },
): Promise<Buffer> {
  if (size > MAX_DOCUMENT) throw contentInvalid(`document ${digest.slice(0, 19)}`, `it has ${size} bytes`);
  const bytes = await readInside(folder, blobPath(digest));
  if (digestOf(bytes) !== digest)
    throw contentInvalid(`document ${digest.slice(0, 19)}`, `it has the digest ${digestOf(bytes)}`);
  return bytes;
}

async function readInside(folder: string, path: string): Promise<Buffer> {
  const real = await inside(folder, path);
  const info = await stat(real);
  if (!info.isFile() || info.size > MAX_DOCUMENT)
    throw contentInvalid(path, info.isFile() ? `it has ${info.size} bytes` : 'it is no file');
  return await readFile(real);
}

/** A link in the archive must not lead out of it. */
async function inside(folder: string, path: string): Promise<string> {
  const root = await realpath(folder);
  const real = await realpath(join(root, path)).catch(() => undefined);
  if (real?.startsWith(`${root}/`) && (await stat(real)).isFile()) return real;
  throw contentInvalid(JSON.stringify(path.slice(0, 100)), 'the archive does not have it');
}

function blobPath(digest: string): string {
  return `blobs/sha256/${digest.slice(7)}`;
}

function parsed(bytes: Buffer, what: string): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw contentInvalid(what, 'it is no JSON');
  }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function noImage(): BerthError {
  return new BerthError('IMAGE_ARCHIVE_INVALID', 'the archive holds no saved image', {
    hint: '`berth image import FILE NAME` takes the archive of a root filesystem',
  });
}
