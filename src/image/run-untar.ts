/**
 * `berth-executor untar` as a child process: the only one that touches what is in an archive.
 *
 * It runs without environment and ends before this returns, also when it is
 * interrupted: nothing writes to the folder afterwards.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { diskFull } from '../base/disk-full.ts';
import { BerthError } from '../base/errors.ts';

/** Of what is free on the disk: an archive may not fill it for everybody else. */
const SHARE_OF_FREE = 0.9;

export type Untar = { readonly folder: string; readonly tar: Readable; readonly signal?: AbortSignal };

/** Bytes of file content. IMAGE_ARCHIVE_INVALID with the executor's reason; DISK_FULL; ABORTED. */
export async function runUntar(executor: string, { folder, tar, signal }: Untar): Promise<number> {
  if (signal?.aborted) throw new BerthError('ABORTED', 'interrupted');
  const limit = await spaceFor(folder);
  const child = spawn(executor, ['untar', folder, '--whiteouts=overlay', '--sync', `--max-bytes=${limit}`], {
    env: {},
  });
  const kill = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', kill, { once: true });
  try {
    const [fed, ended] = await Promise.all([feed(tar, child), end(child)]);
    if (signal?.aborted) throw new BerthError('ABORTED', 'interrupted');
    if (ended.code !== 0) throw refused(ended.complaint, { free: limit, cause: fed });
    if (fed !== undefined) throw fed;
    return Number(/^ok \d+ (\d+)/.exec(ended.answer)?.[1] ?? 0);
  } finally {
    signal?.removeEventListener('abort', kill);
  }
}

async function spaceFor(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return Math.floor(bavail * bsize * SHARE_OF_FREE);
}

/** What went wrong with the archive's own stream, as a value: the executor's reason comes first. */
async function feed(tar: Readable, child: ChildProcessWithoutNullStreams): Promise<unknown> {
  try {
    await pipeline(tar, child.stdin);
    return undefined;
  } catch (error) {
    return error;
  }
}

type Ended = { readonly code: number | null; readonly answer: string; readonly complaint: string };

function end(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  let answer = '';
  let complaint = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (answer += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, answer, complaint }));
  });
}

function refused(complaint: string, { free, cause }: { readonly free: number; readonly cause: unknown }): BerthError {
  const why = complaint.trim().replace(/^untar: /, '') || 'the executor was killed';
  if (why.endsWith(`more than ${free} bytes`)) return diskFull('the image store', cause, `the archive holds ${why}`);
  if (FULL.test(why)) return diskFull('the image store', cause, why);
  return new BerthError('IMAGE_ARCHIVE_INVALID', `the archive was refused: ${why}`, {
    hint: 'give a tar archive of a root filesystem, plain or compressed with gzip or zstd',
    cause,
  });
}

/** musl's words for ENOSPC and EDQUOT; at the end, where no name of an entry is. */
const FULL = /: (No space left on device|Quota exceeded)$/;
