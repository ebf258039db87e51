/**
 * Images of the store -> one archive, for `docker load`, `podman load`, skopeo and `berth load`.
 *
 * Both forms in one: an OCI layout (`index.json`, `blobs/`) with Docker's
 * `manifest.json` beside it, as Docker itself writes since its version 25.
 * Layers go as they are, so that digests stay.
 */
import { createReadStream } from 'node:fs';
import type { OciImage } from './image-config.ts';
import type { Layout, Manifest } from './layout.ts';
import type { Descriptor } from './layout-index.ts';
import { parseReference } from './reference.ts';
import { packEnd, packEntry } from './tar-writer.ts';

export type SavedName = { readonly name: string; readonly manifest: Descriptor };

const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';

/** The archive's bytes; the images are read while it is taken. */
export async function* saveImages(layout: Layout, names: readonly SavedName[]): AsyncGenerator<Buffer> {
  const images = await Promise.all(
    [...new Map(names.map(({ manifest }) => [manifest.digest, manifest])).values()].map(async (descriptor) => {
      const manifest = await layout.readJson<Manifest>(descriptor.digest);
      await layout.readJson<OciImage>(manifest.config.digest);
      return {
        descriptor,
        manifest,
        names: names.filter((one) => one.manifest.digest === descriptor.digest).map(({ name }) => name),
      };
    }),
  );
  const digests = new Map<string, number>();
  for (const { descriptor, manifest } of images) {
    for (const { digest, size } of [descriptor, manifest.config, ...manifest.layers]) digests.set(digest, size);
  }
  yield packEntry({ path: 'blobs/', kind: 'folder' });
  yield packEntry({ path: 'blobs/sha256/', kind: 'folder' });
  for (const [digest, size] of [...digests].sort(([a], [b]) => (a < b ? -1 : 1))) yield* blob(layout, digest, size);
  yield* text('index.json', indexOf(images));
  yield* text('manifest.json', dockerManifest(images));
  yield* text('oci-layout', { imageLayoutVersion: '1.0.0' });
  yield packEnd();
}

type Saved = { readonly descriptor: Descriptor; readonly manifest: Manifest; readonly names: readonly string[] };

function indexOf(images: readonly Saved[]) {
  const manifests = images.flatMap(({ descriptor: { mediaType, digest, size }, names }) =>
    names.map((name) => ({
      mediaType,
      digest,
      size,
      annotations: {
        'io.containerd.image.name': name,
        'org.opencontainers.image.ref.name': parseReference(name).tag ?? name,
      },
    })),
  );
  return { schemaVersion: 2, mediaType: INDEX_TYPE, manifests };
}

/** Whole names, as podman writes them: it takes a short one for its own `localhost/...`, Docker shortens them again. */
function dockerManifest(images: readonly Saved[]) {
  return images.map(({ manifest, names }) => ({
    Config: pathOf(manifest.config.digest),
    RepoTags: names.filter((name) => !name.includes('@')),
    Layers: manifest.layers.map(({ digest }) => pathOf(digest)),
  }));
}

function pathOf(digest: string): string {
  return `blobs/sha256/${digest.slice(7)}`;
}

async function* blob(layout: Layout, digest: string, size: number): AsyncGenerator<Buffer> {
  yield packEntry({ path: pathOf(digest), kind: 'file', size });
  let bytes = 0;
  for await (const chunk of createReadStream(layout.blobPath(digest), {
    highWaterMark: 1 << 20,
  }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    yield chunk;
  }
  if (bytes !== size) throw new Error(`blob ${digest} has ${bytes} bytes, not ${size}`);
  yield padding(size);
}

function* text(path: string, value: unknown): Generator<Buffer> {
  const bytes = Buffer.from(JSON.stringify(value));
  yield packEntry({ path, kind: 'file', size: bytes.length });
  yield bytes;
  yield padding(bytes.length);
}

function padding(size: number): Buffer {
  return Buffer.alloc((512 - (size % 512)) % 512);
}
