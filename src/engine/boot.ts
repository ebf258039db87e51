/**
 * Whether the machine has been restarted since an engine last ran on these roots.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomic } from '../base/atomic-file.ts';
import { BerthError, errnoOf } from '../base/errors.ts';

export type Boot = {
  readonly rebooted: boolean;
  /** To be called when all that a restart of the machine asks for is on disk: until then the next engine sees it too. */
  readonly note: () => Promise<void>;
};

/** Compares the kernel's boot id with the one noted in `dataDir`; without a note it is no restart. */
export async function readBoot(dataDir: string): Promise<Boot> {
  const path = join(dataDir, 'boot');
  const now = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  const before = (await readNote(path))?.trim();
  return {
    rebooted: before !== undefined && before !== now,
    note: async () => {
      if (before !== now) await write(path, `${now}\n`);
    },
  };
}

/** An engine also has to start on a disk that is full: over the old note there is room. */
async function write(path: string, text: string): Promise<void> {
  try {
    await writeAtomic(path, text);
  } catch (error) {
    if (!(error instanceof BerthError) || error.code !== 'DISK_FULL') throw error;
    await writeFile(path, text, { flag: 'r+' }).catch(() => {});
  }
}

async function readNote(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
