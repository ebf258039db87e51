/**
 * Work in an upper folder -> a layer of the store, or null when nothing was changed.
 *
 * Owns the folder of the work: it is gone afterwards, however it ends. Times
 * are made equal on disk and in the tar alike, so that the same content has
 * the same digest.
 */
import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { failpoint } from '../../base/failpoint.ts';
import { openWriteStream } from '../../base/write-stream.ts';
import type { StoredLayer } from '../../image/stage-layer.ts';
import { removeTree } from './remove-tree.ts';
import { callExecutor } from './run-executor.ts';
import type { Solving } from './solving.ts';

export type Upper = { readonly dir: string; readonly work: string };

export type LayerWork = {
  readonly work: (upper: Upper) => Promise<void>;
  /** What mounts left behind, relative, deepest first: goes when it is empty. */
  readonly stubs: readonly string[];
  /** Keeps the layer. */
  readonly lease: string;
};

export async function makeLayer(solving: Solving, { work, stubs, lease }: LayerWork): Promise<StoredLayer | null> {
  const folder = join(solving.host.folder, 'work', randomBytes(8).toString('hex'));
  const upper = { dir: join(folder, 'upper'), work: join(folder, 'work') };
  try {
    await mkdir(upper.dir, { recursive: true, mode: 0o755 });
    await chmod(upper.dir, 0o755);
    await mkdir(upper.work, { mode: 0o700 });
    failpoint('step.begun');
    await work(upper);
    failpoint('step.done');
    return await keepLayer(solving, { folder: upper.dir, stubs, lease });
  } finally {
    await removeTree(folder);
  }
}

type Keeping = { readonly folder: string; readonly stubs: readonly string[]; readonly lease: string };

async function keepLayer(solving: Solving, { folder, stubs, lease }: Keeping): Promise<StoredLayer | null> {
  const { images } = solving.host;
  const tar = images.newLayerPath();
  try {
    const packed = await writeLayer(solving, { folder, tar, stubs });
    if (packed.entries === 0) return null;
    return await images.adoptLayer({ folder, tar, lease, diffId: packed.diffId, sizeBytes: packed.size });
  } finally {
    await rm(tar, { force: true });
  }
}

type Packing = { readonly folder: string; readonly tar: string; readonly stubs: readonly string[] };

async function writeLayer({ host, epochS, signal }: Solving, { folder, tar, stubs }: Packing) {
  const hash = createHash('sha256');
  let size = 0;
  const count = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  };
  const drops = stubs.map((path) => `--drop=${path}`);
  const { report } = await callExecutor({
    executor: host.executor,
    args: ['layer', folder, '--whiteouts=overlay', `--time=${epochS}`, '--set-times', ...drops, '--sync'],
    signal,
    onOutput: async (stream) => {
      const file = await openWriteStream(tar, 0o644, { flush: true, highWaterMark: 1 << 20 });
      await pipeline(stream, count, file);
    },
  });
  const entries = Number(/^ok (\d+)/m.exec(report)?.[1] ?? 0);
  return { entries, size, diffId: `sha256:${hash.digest('hex')}` };
}
