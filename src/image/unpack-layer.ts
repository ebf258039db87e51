/**
 * A layer's tar -> a folder for overlayfs, by the executor, which alone touches what is in it.
 *
 * The folder is complete when it has its name: it is unpacked beside, synced
 * and renamed.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BerthError, errnoOf } from '../base/errors.ts';

const PART = '.part-';

export type LayerStore = {
  open(): Promise<void>;
  /** Unpacks an uncompressed tar to a place without a name; keep() gives it one, drop() removes it. */
  unpack(tar: Readable, signal?: AbortSignal): Promise<UnpackedLayer>;
  pathOf(diffId: string): string;
  remove(diffId: string): Promise<void>;
  list(): Promise<string[]>;
};

export type UnpackedLayer = { readonly bytes: number; keep(diffId: string): Promise<void>; drop(): Promise<void> };

export function layerStore(root: string, executor: string): LayerStore {
  let count = 0;
  const pathOf = (diffId: string) => join(root, diffId.replace('sha256:', ''));
  return {
    pathOf,
    async open() {
      await mkdir(root, { recursive: true, mode: 0o711 });
      const parts = (await readdir(root)).filter((name) => name.startsWith(PART));
      await Promise.all(parts.map((name) => rm(join(root, name), { recursive: true, force: true })));
    },
    async unpack(tar, signal) {
      const part = join(root, `${PART}${process.pid}-${++count}`);
      await mkdir(part, { mode: 0o755 });
      const drop = () => rm(part, { recursive: true, force: true });
      try {
        const bytes = await untar(executor, { folder: part, tar, signal });
        return { bytes, drop, keep: (diffId) => commit(part, pathOf(diffId)) };
      } catch (error) {
        await drop();
        throw error;
      }
    },
    remove: (diffId) => rm(pathOf(diffId), { recursive: true, force: true }),
    list: async () => (await readdir(root)).filter((name) => !name.startsWith(PART)).map((hex) => `sha256:${hex}`),
  };
}

async function commit(part: string, path: string): Promise<void> {
  if (existsSync(path)) {
    await rm(part, { recursive: true, force: true });
    return;
  }
  const handle = await open(part, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(part, path);
}

type Untar = { readonly folder: string; readonly tar: Readable; readonly signal?: AbortSignal };

async function untar(executor: string, { folder, tar, signal }: Untar): Promise<number> {
  const child = spawn(executor, ['untar', folder, '--whiteouts=overlay', '--sync'], { stdio: ['pipe', 'pipe', 'pipe'], signal, env: {} });
  let answer = '';
  let complaint = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (answer += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [fed, code] = await Promise.all([
    pipeline(tar, child.stdin).then(
      () => undefined,
      (error: unknown) => error,
    ),
    ended,
  ]).catch((error: unknown) => {
    throw signal?.aborted ? new BerthError('ABORTED', 'interrupted', { cause: error }) : error;
  });
  if (code !== 0) throw invalidArchive(complaint.trim().replace(/^untar: /, ''), fed);
  /* The executor stops reading after the end marker; what follows is padding. */
  if (fed !== undefined && errnoOf(fed) !== 'EPIPE') throw fed;
  return Number(/^ok \d+ (\d+)/.exec(answer)?.[1] ?? 0);
}

function invalidArchive(why: string, cause: unknown): BerthError {
  return new BerthError('IMAGE_ARCHIVE_INVALID', `the archive was refused: ${why || 'it is no tar archive'}`, {
    hint: 'give a tar archive of a root filesystem, plain or compressed with gzip or zstd',
    cause,
  });
}
