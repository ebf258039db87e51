/**
 * Some room on disk that is kept for the moment when there is none.
 *
 * What makes room has to write first: a list without a name, the record of a
 * container that is to end. On a full disk it would fail, and the disk would
 * stay full.
 */
import { rm, stat, writeFile } from 'node:fs/promises';
import { BerthError } from './errors.ts';

export type DiskReserve = {
  /** Puts it there, where there is room; not being able to is no error. */
  fill(): Promise<void>;
  /** Does the work, and once more without the reserve when it ends with DISK_FULL. */
  spendOn(work: () => Promise<void>): Promise<void>;
};

const RESERVE_BYTES = 256 * 1024;

/** `path`: of its file. */
export function diskReserve(path: string): DiskReserve {
  return {
    async fill() {
      if ((await stat(path).catch(() => undefined))?.size === RESERVE_BYTES) return;
      await writeFile(path, Buffer.alloc(RESERVE_BYTES), { mode: 0o600 }).catch(() => rm(path, { force: true }));
    },
    async spendOn(work) {
      try {
        await work();
      } catch (error) {
        if (!(error instanceof BerthError) || error.code !== 'DISK_FULL') throw error;
        await rm(path, { force: true });
        await work();
      }
    },
  };
}
