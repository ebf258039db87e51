/**
 * Brings watched files into a container, through the descriptors of its root: nothing runs in it.
 *
 * Whoever calls holds the stack's lock. A container that does not run is
 * written to only for its start (syncForStart); else it is left for then.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path/posix';
import { BerthError, errnoOf } from '../../base/errors.ts';
import type { TreeRoot } from '../../runtime/file-trees.ts';
import type { LeftName, MirrorResult } from '../../runtime/mirror.ts';
import type { SyncRequest } from '../../watch/file-change.ts';
import { type SyncNames, syncNames } from '../../watch/sync-names.ts';
import { rootOf } from '../container-files.ts';
import type { ContainerRecord } from '../records.ts';
import { volumesInUse } from '../volume-use.ts';
import type { World } from '../world.ts';

export type SyncResult = {
  /** It does not run: it needs all at its start. */
  readonly missed?: boolean;
  readonly written: number;
  readonly removed: number;
  readonly bytes: number;
  /** What was left as it is and why, for people. */
  readonly notices: readonly string[];
};

/** COPY_FAILED names the first file that can not be brought there, when all others have been; ABORTED. */
export async function syncFiles(
  world: World,
  container: string,
  request: SyncRequest,
  signal?: AbortSignal,
): Promise<SyncResult> {
  /* Its restart policy starts it without the stack's lock. */
  await world.changes.until(() => world.live.get(container)?.state !== 'starting' || undefined, signal);
  const record = world.store.containers.get(container);
  const running = world.live.get(container)?.running;
  if (!record) return NOTHING;
  if (!running) return { ...nothingDone(`${record.name} does not run: it gets the files at its start`), missed: true };
  const root: TreeRoot = { kind: 'process', pid: running.pid, startTime: running.startTime };
  return await bring(world, { record, root, request, signal });
}

/** Into a container that does not run, so that its program finds the files at its start. */
export async function syncForStart(
  world: World,
  record: ContainerRecord,
  requests: readonly SyncRequest[],
): Promise<SyncResult[]> {
  const results: SyncResult[] = [];
  for (const request of requests) {
    const root = await rootOf(world, record, { writable: true });
    results.push(await bring(world, { record, root, request }));
  }
  await world.volumes.release(volumesInUse(world));
  return results;
}

type Site = {
  readonly record: ContainerRecord;
  readonly root: TreeRoot;
  readonly request: SyncRequest;
  readonly signal?: AbortSignal;
};

async function bring(world: World, { record, root, request, signal }: Site): Promise<SyncResult> {
  const { path } = request.rule;
  const kind = await kindOf(path);
  const isFile = kind === 'file' || (kind === 'none' && request.changes.every((change) => change.path === path));
  const names = syncNames(request, isFile);
  if (names.names.length === 0) return NOTHING;
  if (kind === 'none' && (!isFile || (await isFolder(world, root, names))))
    return nothingDone(`${path} is gone: ${record.name} keeps what it has`);
  const user = await userOf(world, record);
  const result = await world.runtime.trees.mirror({ ...names, root, user, keepKinds: request.whole, signal });
  return resultOf(record, names, result);
}

const NOTHING: SyncResult = { written: 0, removed: 0, bytes: 0, notices: [] };

function nothingDone(notice: string): SyncResult {
  return { ...NOTHING, notices: [notice] };
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'none'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return 'none';
    throw error;
  }
}

/** What is gone may have been a folder: the target of one stays. */
async function isFolder(world: World, root: TreeRoot, { target, names }: SyncNames): Promise<boolean> {
  return (await world.runtime.trees.stat(root, join(target, names[0]!.to), true)).kind === 'folder';
}

/** As its processes are started: the service's user, or the image's. */
async function userOf(world: World, record: ContainerRecord): Promise<string> {
  return record.definition.user ?? (await world.images.resolve(record.image.reference))?.config.user ?? '';
}

function resultOf(record: ContainerRecord, { target }: SyncNames, result: MirrorResult): SyncResult {
  const { written, removed, bytes, left } = result;
  const failed = left.filter(({ kind }) => kind === 'failed');
  if (failed.length > 0) throw notBrought(record, target, failed);
  const notices = [
    ...few(
      left.filter(({ kind }) => kind === 'special').map(({ name, reason }) => `${name} is ${reason}: it is left out`),
    ),
    ...few(
      left.filter(({ kind }) => kind === 'kept').map(({ name, reason }) => `${join(target, name)} stays: ${reason}`),
    ),
  ];
  return { written: written.length, removed: removed.length, bytes, notices };
}

const SHOWN = 3;

function few(texts: readonly string[]): string[] {
  const more = texts.length - SHOWN;
  return more > 0 ? [...texts.slice(0, SHOWN), `and ${more} more like this`] : [...texts];
}

function notBrought(record: ContainerRecord, target: string, failed: readonly LeftName[]): BerthError {
  const [{ name, reason }] = failed as readonly [LeftName];
  const more = failed.length > 1 ? `, and ${failed.length - 1} more` : '';
  const message = `${record.name}: ${join(target, name)} can not be written${more}: ${reason}`;
  const isReadOnly = reason.endsWith('Read-only file system');
  return new BerthError('COPY_FAILED', message, {
    hint: isReadOnly ? 'choose a `target` that is writable, or take `read_only` or `:ro` away' : undefined,
  });
}
