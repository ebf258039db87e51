/**
 * Something that is no image -> a registry: a config of its own type, and layers of the store, compressed for the way.
 *
 * OCI image-spec, "Guidelines for Artifact Usage".
 */
import { rm, writeFile } from 'node:fs/promises';
import { openRegistry } from '../registry/registry.ts';
import { uploadManifest } from '../registry/upload.ts';
import { type Layout, MANIFEST_TYPE } from './layout.ts';
import type { Descriptor } from './layout-index.ts';
import { compressed, digestOf, type PushOptions, type Ready, sendBlobs } from './push.ts';
import { parseReference } from './reference.ts';
import type { StoredLayer } from './stage-layer.ts';

/** Something that is no image: a config of a type of its own, and layers. */
export type Artifact = {
  readonly type: string;
  readonly config: Buffer;
  readonly layers: readonly (StoredLayer & { readonly annotations: Readonly<Record<string, string>> })[];
};

/** REGISTRY_DENIED when that user may not push there. */
export async function pushArtifact(
  layout: Layout,
  { name, artifact }: { readonly name: string; readonly artifact: Artifact },
  options: PushOptions,
): Promise<void> {
  const reference = parseReference(name);
  const made: string[] = [];
  const registry = await openRegistry(reference.domain, options);
  try {
    const ready = await artifactToSend(layout, artifact, made);
    await sendBlobs({ layout, reference, client: registry.main, options }, ready);
    await uploadManifest({
      client: registry.main,
      repository: reference.path,
      reference: reference.tag ?? 'latest',
      bytes: ready.bytes,
      mediaType: ready.mediaType,
      signal: options.signal,
    });
  } finally {
    registry.close();
    await Promise.all(made.map((path) => rm(path, { force: true })));
  }
}

async function artifactToSend(layout: Layout, { type, config, layers }: Artifact, made: string[]): Promise<Ready> {
  const blobs: { blob: Descriptor; path: string }[] = [];
  for (const { descriptor, annotations } of layers) {
    const { blob, path } = await compressed(layout, layout.blobPath(descriptor.digest), made);
    blobs.push({ blob: { ...blob, annotations }, path });
  }
  const path = layout.newBlobPath();
  made.push(path);
  await writeFile(path, config);
  const configBlob = { mediaType: type, digest: digestOf(config), size: config.length };
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    artifactType: type,
    config: configBlob,
    layers: blobs.map(({ blob }) => blob),
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  return {
    bytes,
    digest: digestOf(bytes),
    mediaType: MANIFEST_TYPE,
    blobs: [...blobs, { blob: configBlob, path }],
  };
}
