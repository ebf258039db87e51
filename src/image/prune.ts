/**
 * What the store takes up, and what of it nobody needs.
 *
 * Content without a name goes with every sweep; `prune` also gives up pulls
 * that were not finished, and with `all` names that no container uses.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../base/run-command.ts';
import type { OciImage } from './image-config.ts';
import type { Layout, Manifest } from './layout.ts';
import type { Descriptor } from './layout-index.ts';
import { PULL_LEASE } from './pull.ts';
import { familiarName } from './reference.ts';
import { type Stores, sweep } from './sweep.ts';

export type PruneOptions = {
  /** Also images that no container uses. */
  readonly all: boolean;
  /** Only images made before then. */
  readonly untilMs?: number;
  /** `key` or `key=value`, all of them. */
  readonly labels?: readonly string[];
  /** Only those that have none of these. */
  readonly withoutLabels?: readonly string[];
  /** Image ids of containers. */
  readonly inUse: ReadonlySet<string>;
  /** Leases of pulls that run now. */
  readonly running: ReadonlySet<string>;
  /** Is the name of a stack that is being brought up? */
  readonly isHeld: (name: string) => boolean;
};

export type PrunedImages = {
  readonly untagged: readonly string[];
  readonly deleted: readonly string[];
  readonly freedBytes: number;
};

/** Runs in the store's queue. */
export async function pruneImages(stores: Stores, options: PruneOptions): Promise<PrunedImages> {
  const { layout, leases } = stores;
  const before = await storeBytes(stores);
  for (const id of leases.ids(PULL_LEASE)) if (!options.running.has(id)) await leases.release(id);
  const untagged: string[] = [];
  for (const [name, manifest] of options.all ? layout.names() : []) {
    if (!(await isUnused(layout, manifest, options)) || options.isHeld(name)) continue;
    await layout.dropName(name);
    untagged.push(familiarName(name));
  }
  const deleted = await sweep(stores);
  return { untagged, deleted, freedBytes: Math.max(0, before - (await storeBytes(stores))) };
}

async function isUnused(layout: Layout, { digest }: Descriptor, options: PruneOptions): Promise<boolean> {
  try {
    const { config } = await layout.readJson<Manifest>(digest);
    if (options.inUse.has(config.digest)) return false;
    const image = await layout.readJson<OciImage>(config.digest);
    if (options.untilMs !== undefined && Date.parse(image.created ?? '') >= options.untilMs) return false;
    const has = (wanted: string) => hasLabel(image.config?.Labels ?? {}, wanted);
    return (options.labels ?? []).every(has) && !(options.withoutLabels ?? []).some(has);
  } catch {
    /* A damaged image may be the very one a container needs: it goes by name only. */
    return false;
  }
}

export function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const [key = '', ...value] = wanted.split('=');
  return Object.hasOwn(labels, key) && (value.length === 0 || labels[key] === value.join('='));
}

/** Bytes on disk of blobs, unfinished downloads and unpacked layers. */
export async function storeBytes({ layout, layers }: Stores): Promise<number> {
  const blobs = await Promise.all((await layout.blobs()).map((digest) => bytesOf(layout.blobPath(digest))));
  const parts = await Promise.all((await layout.parts()).map((digest) => bytesOf(layout.partPath(digest))));
  return sum([...blobs, ...parts]) + (await folderBytes(layers.root));
}

async function bytesOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

/** What `du` counts: hard links once, in blocks. */
async function folderBytes(folder: string): Promise<number> {
  if ((await readdir(folder).catch(() => [])).length === 0) return 0;
  const { stdout } = await runCommand('du', ['-s', '--block-size=1', join(folder)], { check: false });
  return Number(/^(\d+)/.exec(stdout)?.[1] ?? 0);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
