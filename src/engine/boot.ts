/**
 * Whether the machine has been restarted since an engine last ran on these roots.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomic } from '../base/atomic-file.ts';
import { errnoOf } from '../base/errors.ts';

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
      if (before !== now) await writeAtomic(path, `${now}\n`);
    },
  };
}

async function readNote(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
