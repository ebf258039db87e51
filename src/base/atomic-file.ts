/**
 * Files that are either the old or the new content, never half of it.
 *
 * tmp + fsync + rename + fsync(dir); a state file also carries a schema
 * version and a checksum, so that damage is seen and the file set aside
 * instead of believed.
 */
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { diskFull, isDiskFull } from './disk-full.ts';
import { BerthError, errnoOf } from './errors.ts';
import { failpoint } from './failpoint.ts';

export type WriteOptions = {
  /** Default 0o600. */
  readonly mode?: number;
  /** Default true; false for files on tmpfs, where a power cut loses everything anyway. */
  readonly durable?: boolean;
};

/** Replaces `path` by `content`; makes the folder (0700) when it is missing. DISK_FULL leaves the old content. */
export async function writeAtomic(path: string, content: string | Buffer, options: WriteOptions = {}): Promise<void> {
  const durable = options.durable ?? true;
  const tmp = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  const file = await openNew(tmp, options.mode ?? 0o600).catch((error: unknown) => {
    throw named(error, path);
  });
  try {
    await file.writeFile(content);
    if (durable) await file.sync();
    await file.close();
    failpoint('file.written');
    await rename(tmp, path);
    failpoint('file.renamed');
  } catch (error) {
    await file.close().catch(() => {});
    await unlink(tmp).catch(() => {});
    throw named(error, path);
  }
  if (durable) await syncFolder(dirname(path));
}

function named(error: unknown, path: string): unknown {
  return isDiskFull(error) ? diskFull(dirname(path), error) : error;
}

/** Removes what writeAtomic() leaves in `folder` when its process or the machine stops in the middle of it. */
export async function removeUnfinished(folder: string): Promise<void> {
  const left = (await readdir(folder)).filter((name) => /\.[0-9a-f]{8}\.tmp$/.test(name));
  await Promise.all(left.map((name) => rm(join(folder, name), { force: true })));
}

/** Makes renames and unlinks inside `folder` survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function openNew(path: string, mode: number) {
  try {
    return await open(path, 'wx', mode);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    return await open(path, 'wx', mode);
  }
}

/** Writes `value` as a checked state file. */
export async function writeState(path: string, schema: number, value: unknown, options?: WriteOptions): Promise<void> {
  const body = JSON.stringify(value);
  await writeAtomic(path, `{"schema":${schema},"sha256":"${digest(body)}","value":${body}}\n`, options);
}

export type ReadOptions = {
  /** A whole file of another schema is left where it is, as STATE_VERSION; without, it counts as damaged. */
  readonly keepOthers?: boolean;
};

/**
 * The value of a state file, or undefined when there is none.
 * A damaged file is renamed to `PATH.corrupt` and reported as STATE_CORRUPT.
 */
export async function readState<T>(
  path: string,
  schema: number,
  { keepOthers = false }: ReadOptions = {},
): Promise<T | undefined> {
  const text = await readRegular(path);
  if (text === undefined) return undefined;
  const found = parseState<T>(text);
  if (keepOthers && found && found.schema !== schema)
    throw otherVersion(path, `it has schema ${found.schema}, and this version knows ${schema}`);
  const value = found?.schema === schema ? found.value : undefined;
  if (value !== undefined) return value;
  await rename(path, `${path}.corrupt`);
  throw new BerthError('STATE_CORRUPT', `state file ${path} is damaged and was set aside as ${path}.corrupt`, {
    hint: 'nothing else is affected; look at the set-aside file, then delete it',
  });
}

/** Undefined when there is none; empty, which no state file is, for anything but a regular file: a FIFO would never end. */
async function readRegular(path: string): Promise<string | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    if (errnoOf(error) === 'ELOOP' || errnoOf(error) === 'ENXIO') return '';
    throw error;
  }
  try {
    return (await file.stat()).isFile() ? await file.readFile('utf8') : '';
  } finally {
    await file.close();
  }
}

/** STATE_VERSION: the file is whole, and somebody else's. */
export function otherVersion(path: string, why: string): BerthError {
  return new BerthError('STATE_VERSION', `${path} was written by another version of berth: ${why}`, {
    hint: 'nothing was changed; use that version, take the stacks down with it, and come back',
  });
}

function parseState<T>(text: string): { readonly schema: number; readonly value: T } | undefined {
  const head = /^\{"schema":(\d+),"sha256":"([0-9a-f]{64})","value":/.exec(text);
  if (!head) return undefined;
  const body = text.slice(head[0].length, text.lastIndexOf('}'));
  if (digest(body) !== head[2]) return undefined;
  return { schema: Number(head[1]), value: JSON.parse(body) as T };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
