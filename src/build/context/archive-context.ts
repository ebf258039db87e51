/**
 * A tar as a context (plain, or packed with gzip, bzip2, xz or zstd): unpacked into a folder that is gone afterwards.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { BerthError } from '../../base/errors.ts';
import { archiveOf, openArchive } from '../files/archive.ts';
import { removeTree } from '../solve/remove-tree.ts';
import { callExecutor } from '../solve/run-executor.ts';
import type { BuildHost } from '../solve/solving.ts';

export type UnpackedContext = { readonly root: string; discard(): Promise<void> };

const SHARE_OF_FREE = 0.9;

/** undefined: it is no archive. BUILD_FAILED when it is damaged, or leads out of itself. */
export async function unpackContext(
  { folder, executor }: Pick<BuildHost, 'folder' | 'executor'>,
  { path, signal }: { readonly path: string; readonly signal: AbortSignal },
): Promise<UnpackedContext | undefined> {
  const packing = await archiveOf(path);
  if (!packing) return undefined;
  const root = join(folder, 'work', `context-${randomBytes(8).toString('hex')}`);
  const discard = () => removeTree(root);
  try {
    await mkdir(root, { recursive: true, mode: 0o700 });
    const { bavail, bsize } = await statfs(root);
    const limit = `--max-bytes=${Math.floor(bavail * bsize * SHARE_OF_FREE)}`;
    await callExecutor({ executor, args: ['untar', root, limit], input: openArchive(path, packing), signal });
    return { root, discard };
  } catch (error) {
    await discard();
    if (!(error instanceof BerthError) || error.code === 'ABORTED') throw error;
    throw new BerthError('BUILD_FAILED', `the context can not be unpacked: ${error.message}`, { cause: error });
  }
}
