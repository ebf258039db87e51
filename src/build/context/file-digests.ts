/**
 * Digests of context files, remembered: a file that has not changed is not read again.
 *
 * Only a memory of the engine's process, keyed by device, inode, size and
 * times to the nanosecond; what changed in the last seconds is never believed.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { BerthError, errnoOf } from '../../base/errors.ts';
import { limiter } from '../../base/limiter.ts';
import type { ContextFile } from './folder-context.ts';

export type FileDigests = {
  digestOf(file: ContextFile): Promise<string>;
  /** Its digest needs no reading. */
  knows(file: ContextFile): boolean;
};

/** A clock tick of the kernel's is up to 10 ms, network file systems round to seconds. */
const FRESH_MS = 3_000;
const MAX_KNOWN = 400_000;
const SMALL = 256 * 1024;

export function fileDigests(now: () => number = Date.now): FileDigests {
  const known = new Map<string, string>();
  const inTurn = limiter(8);
  return {
    knows: ({ stamp }) => known.has(stamp),
    async digestOf(file) {
      const remembered = known.get(file.stamp);
      if (remembered !== undefined) return remembered;
      const digest = await inTurn(() => read(file));
      if (now() - file.changedMs > FRESH_MS) {
        if (known.size >= MAX_KNOWN) known.clear();
        known.set(file.stamp, digest);
      }
      return digest;
    },
  };
}

async function read({ source, size }: ContextFile): Promise<string> {
  const hash = createHash('sha256');
  try {
    if (size <= SMALL) hash.update(await readFile(source));
    else for await (const chunk of createReadStream(source, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  } catch (cause) {
    throw new BerthError('BUILD_FAILED', `${source} can not be read: ${errnoOf(cause) ?? 'it failed'}`, {
      hint: 'make it readable, or leave it out with .dockerignore',
      cause,
    });
  }
  return hash.digest('hex');
}
