/**
 * A store of images on disk, looked at without the engine: what has a name there must be what the name says.
 */
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Digest of the tree of each layer's folder, by diff id in hex. */
export type KnownTrees = ReadonlyMap<string, string>;

type Entry = { readonly digest: string; readonly annotations: Readonly<Record<string, string>> };
type Manifest = {
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string }[];
};

export const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');

/** Names, kinds, modes, link targets and contents of everything below. */
export function treeDigest(folder: string): string {
  const hash = createHash('sha256');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  for (const name of names) {
    const path = join(folder, name);
    const { mode, size } = lstatSync(path);
    hash.update(`${name}\0${mode}\0`);
    if (lstatSync(path).isFile()) hash.update(`${size}\0`).update(readFileSync(path));
  }
  return hash.digest('hex');
}

export function listed(dataRoot: string, path: string): string[] {
  const folder = join(dataRoot, path);
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** What can be read under a name and is not what it should be; empty when all is well. */
export function storeViolations(dataRoot: string, trees: KnownTrees): string[] {
  const blobs = listed(dataRoot, 'images/blobs/sha256').filter((name) => !name.endsWith('.tmp'));
  const layers = listed(dataRoot, 'layers').filter((name) => !name.startsWith('.part-'));
  return [
    ...blobs.filter((hex) => sha256(readBlob(dataRoot, hex)) !== hex).map((hex) => `blob ${hex} is damaged`),
    ...layers
      .filter((hex) => treeDigest(join(dataRoot, 'layers', hex)) !== trees.get(hex))
      .map((hex) => `layer ${hex} is damaged`),
    ...namedEntries(dataRoot).flatMap((entry) => entryViolations(dataRoot, entry, { blobs, layers })),
  ];
}

export function namedEntries(dataRoot: string): readonly Entry[] {
  const path = join(dataRoot, 'images/index.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { manifests: Entry[] }).manifests : [];
}

type There = { readonly blobs: readonly string[]; readonly layers: readonly string[] };

function entryViolations(dataRoot: string, { digest }: Entry, { blobs, layers }: There): string[] {
  if (!blobs.includes(digest.slice(7))) return [`the manifest ${digest} is named and not there`];
  const manifest = JSON.parse(readBlob(dataRoot, digest.slice(7)).toString()) as Manifest;
  const wanted = [manifest.config, ...manifest.layers].map((one) => one.digest.slice(7));
  const missing = wanted.filter((hex) => !blobs.includes(hex));
  if (missing.length > 0) return missing.map((hex) => `blob ${hex} of a named image is not there`);
  const config = JSON.parse(readBlob(dataRoot, wanted[0]!).toString()) as { rootfs: { diff_ids: string[] } };
  return config.rootfs.diff_ids
    .map((diffId) => diffId.slice(7))
    .filter((hex) => !layers.includes(hex))
    .map((hex) => `layer ${hex} of a named image is not there`);
}

function readBlob(dataRoot: string, hex: string): Buffer {
  return readFileSync(join(dataRoot, 'images/blobs/sha256', hex));
}
