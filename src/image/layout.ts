/**
 * The store on disk: an OCI image layout, readable by any OCI tool.
 *
 * `oci-layout`, `index.json` (names as annotations), `blobs/sha256/HEX`. OCI
 * image-spec, image-layout.md. Blobs are complete when they have their name.
 */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomic } from '../base/atomic-file.ts';
import { BerthError } from '../base/errors.ts';

export const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
export const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json';
const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';
/** The name as a person gave it, in full; containerd's and skopeo's annotation. */
const NAME = 'org.opencontainers.image.ref.name';

export type Descriptor = {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
};

export type Manifest = {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
};

type Index = { readonly schemaVersion: 2; readonly mediaType: string; readonly manifests: readonly Descriptor[] };

export type Layout = {
  /** Makes the folder, removes what a crash left unfinished. */
  open(): Promise<void>;
  /** Manifest descriptors by canonical name. */
  names(): ReadonlyMap<string, Descriptor>;
  setName(name: string, manifest: Descriptor): Promise<void>;
  dropName(name: string): Promise<void>;
  readJson<T>(digest: string): Promise<T>;
  writeJson(mediaType: string, value: unknown): Promise<Descriptor>;
  /** A path to write a new blob to; keep() gives it its name. */
  newBlobPath(): string;
  keepBlob(path: string, digest: string): Promise<void>;
  blobs(): Promise<string[]>;
  removeBlob(digest: string): Promise<void>;
};

export function imageLayout(root: string): Layout {
  const blobs = join(root, 'blobs', 'sha256');
  const incoming = join(root, 'incoming');
  let names = new Map<string, Descriptor>();
  const pathOf = (digest: string) => join(blobs, digest.replace('sha256:', ''));

  const writeIndex = async () => {
    const manifests = [...names].map(([name, descriptor]) => ({ ...descriptor, annotations: { [NAME]: name } }));
    const index: Index = { schemaVersion: 2, mediaType: INDEX_TYPE, manifests };
    await writeAtomic(join(root, 'index.json'), `${JSON.stringify(index, null, 2)}\n`);
  };

  return {
    async open() {
      await rm(incoming, { recursive: true, force: true });
      await mkdir(blobs, { recursive: true });
      await mkdir(incoming, { recursive: true });
      await writeFile(join(root, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
      const path = join(root, 'index.json');
      if (existsSync(path)) names = namesOf(JSON.parse(await readFile(path, 'utf8')) as Index);
      else await writeIndex();
    },
    names: () => names,
    async setName(name, { mediaType, digest, size }) {
      names.set(name, { mediaType, digest, size });
      await writeIndex();
    },
    async dropName(name) {
      names.delete(name);
      await writeIndex();
    },
    async readJson<T>(digest: string) {
      const bytes = await readFile(pathOf(digest));
      if (`sha256:${createHash('sha256').update(bytes).digest('hex')}` !== digest) {
        throw new BerthError('STATE_CORRUPT', `the image store's blob ${digest} is damaged`, { hint: 'remove the image and import it again' });
      }
      return JSON.parse(bytes.toString()) as T;
    },
    async writeJson(mediaType, value) {
      const text = JSON.stringify(value);
      const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
      if (!existsSync(pathOf(digest))) await writeAtomic(pathOf(digest), text, { mode: 0o644 });
      return { mediaType, digest, size: Buffer.byteLength(text) };
    },
    newBlobPath: () => join(incoming, randomBytes(8).toString('hex')),
    keepBlob: (path, digest) => rename(path, pathOf(digest)),
    blobs: async () => (await readdir(blobs)).map((hex) => `sha256:${hex}`),
    removeBlob: (digest) => rm(pathOf(digest), { force: true }),
  };
}

function namesOf(index: Index): Map<string, Descriptor> {
  return new Map(index.manifests.flatMap((m) => (m.annotations?.[NAME] === undefined ? [] : [[m.annotations[NAME], m] as const])));
}
