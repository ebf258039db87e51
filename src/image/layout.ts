/**
 * The store on disk: an OCI image layout, readable by any OCI tool.
 *
 * `oci-layout`, `index.json` (names as annotations), `blobs/sha256/HEX`. OCI
 * image-spec, image-layout.md. Blobs are complete when they have their name.
 */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { removeUnfinished, syncFolder, writeAtomic } from '../base/atomic-file.ts';
import { diskReserve } from '../base/disk-reserve.ts';
import { BerthError, errnoOf } from '../base/errors.ts';
import { failpoint } from '../base/failpoint.ts';
import { type Descriptor, indexOf, namesOf } from './layout-index.ts';

export const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
export const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json';

export type Manifest = {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
};

export type Layout = {
  /** Makes the folder, removes what a crash left unfinished, sets a damaged index aside. */
  open(): Promise<void>;
  /** Where a damaged index lies, since whenever; undefined when there is none. */
  setAside(): string | undefined;
  /** Manifest descriptors by canonical name. */
  names(): ReadonlyMap<string, Descriptor>;
  setName(name: string, manifest: Descriptor): Promise<void>;
  /** Also on a disk that is full: it is what makes room. */
  dropName(name: string): Promise<void>;
  /** STATE_CORRUPT when the blob is missing or is not what its digest says. */
  readJson<T>(digest: string): Promise<T>;
  writeJson(mediaType: string, value: unknown): Promise<Descriptor>;
  /** A path to write a new blob to; keep() gives it its name. */
  newBlobPath(): string;
  /** Where a download of that digest lies until it is whole; kept over restarts, so that it can go on. */
  partPath(digest: string): string;
  /** Digests of downloads that are not whole. */
  parts(): Promise<string[]>;
  hasBlob(digest: string): boolean;
  /** By its size alone: a power cut on other disks than ours may have left a name without content. */
  isWhole(blob: Descriptor): boolean;
  /** Bytes of a blob that is small: a manifest, a config. STATE_CORRUPT as readJson(). */
  readBytes(digest: string): Promise<Buffer>;
  writeBytes(digest: string, bytes: Buffer): Promise<void>;
  keepBlob(path: string, digest: string): Promise<void>;
  blobPath(digest: string): string;
  blobs(): Promise<string[]>;
  removeBlob(digest: string): Promise<void>;
  /** After something was removed. */
  fillReserve(): Promise<void>;
};

export function imageLayout(root: string): Layout {
  const blobs = join(root, 'blobs', 'sha256');
  const incoming = join(root, 'incoming');
  const index = join(root, 'index.json');
  const reserve = diskReserve(join(root, 'reserve'));
  let names = new Map<string, Descriptor>();
  let aside: string | undefined;
  const blobPath = (digest: string) => join(blobs, hexOf(digest));
  /* In place of the old one only when it is on disk: a failed write leaves memory and disk as they were. */
  const writeNames = async (changed: Map<string, Descriptor>) => {
    await writeAtomic(index, indexOf(changed), { mode: 0o644 });
    names = changed;
  };

  return {
    async open() {
      await mkdir(blobs, { recursive: true });
      await mkdir(incoming, { recursive: true });
      const unfinished = (await readdir(incoming)).filter((name) => !PART.test(name));
      await Promise.all(unfinished.map((name) => rm(join(incoming, name), { recursive: true, force: true })));
      await Promise.all([root, blobs].map(removeUnfinished));
      await writeVersion(join(root, 'oci-layout'));
      names = await readIndex(index);
      aside = existsSync(`${index}.corrupt`) ? `${index}.corrupt` : undefined;
      if (!existsSync(index)) await writeNames(names);
      await reserve.fill();
    },
    setAside: () => aside,
    names: () => names,
    async setName(name, { mediaType, digest, size, annotations }) {
      const known = names.get(name);
      const isSame = known?.digest === digest && known.mediaType === mediaType && !known.annotations && !annotations;
      if (isSame) return;
      const named = { mediaType, digest, size, ...(annotations && { annotations }) };
      await writeNames(new Map([...names, [name, named]]));
    },
    dropName: (name) => reserve.spendOn(() => writeNames(new Map([...names].filter(([other]) => other !== name)))),
    fillReserve: reserve.fill,
    readJson: async <T>(digest: string) => JSON.parse((await readBlob(blobPath(digest), digest)).toString()) as T,
    readBytes: (digest) => readBlob(blobPath(digest), digest),
    writeBytes: (digest, bytes) => writeAtomic(blobPath(digest), bytes, { mode: 0o644 }),
    partPath: (digest) => join(incoming, `${hexOf(digest)}.part`),
    parts: async () =>
      (await readdir(incoming)).flatMap((name) => PART.exec(name)?.slice(1) ?? []).map((hex) => `sha256:${hex}`),
    hasBlob: (digest) => existsSync(blobPath(digest)),
    isWhole: ({ digest, size }) => statSync(blobPath(digest), { throwIfNoEntry: false })?.size === size,
    async writeJson(mediaType, value) {
      const text = JSON.stringify(value);
      const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
      const isThere = (await readFile(blobPath(digest), 'utf8').catch(() => undefined)) === text;
      if (!isThere) await writeAtomic(blobPath(digest), text, { mode: 0o644 });
      return { mediaType, digest, size: Buffer.byteLength(text) };
    },
    newBlobPath: () => join(incoming, randomBytes(8).toString('hex')),
    async keepBlob(path, digest) {
      await rename(path, blobPath(digest));
      failpoint('blob.renamed');
      await syncFolder(blobs);
    },
    blobPath,
    blobs: async () => (await readdir(blobs)).filter((name) => HEX.test(name)).map((hex) => `sha256:${hex}`),
    removeBlob: (digest) => rm(blobPath(digest), { force: true }),
  };
}

const VERSION = '{"imageLayoutVersion":"1.0.0"}';

/** Only when it is not there: an engine also has to start on a disk that is full. */
async function writeVersion(path: string): Promise<void> {
  if ((await readFile(path, 'utf8').catch(() => '')) !== VERSION) await writeAtomic(path, VERSION, { mode: 0o644 });
}

const HEX = /^[0-9a-f]{64}$/;
const PART = /^([0-9a-f]{64})\.part$/;

/** Digests come from files: one that is none must not become a path. */
function hexOf(digest: string): string {
  const hex = digest.replace(/^sha256:/, '');
  if (!HEX.test(hex))
    throw new BerthError('STATE_CORRUPT', `the image store names ${JSON.stringify(digest)}, which is no digest`);
  return hex;
}

async function readIndex(path: string): Promise<Map<string, Descriptor>> {
  try {
    return namesOf(await readFile(path, 'utf8'));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return new Map();
    if (errnoOf(error) !== undefined && errnoOf(error) !== 'EISDIR') throw error;
    await rm(`${path}.corrupt`, { recursive: true, force: true });
    await rename(path, `${path}.corrupt`);
    return new Map();
  }
}

async function readBlob(path: string, digest: string): Promise<Buffer> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw damaged(digest, cause);
  });
  if (`sha256:${createHash('sha256').update(bytes).digest('hex')}` !== digest) throw damaged(digest);
  return bytes;
}

function damaged(digest: string, cause?: unknown): BerthError {
  return new BerthError('STATE_CORRUPT', `the image store's blob ${digest} is damaged or missing`, {
    hint: 'pull or import the image again',
    cause,
  });
}
