/**
 * Whether the machine has been restarted since an engine last ran on these roots.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomic } from '../base/atomic-file.ts';
import { errnoOf } from '../base/errors.ts';

/** Compares the kernel's boot id with the one noted in `dataDir`, and notes it; without a note: false. */
export async function noteBoot(dataDir: string): Promise<boolean> {
  const path = join(dataDir, 'boot');
  const now = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  const before = (await readNote(path))?.trim();
  if (before === now) return false;
  await writeAtomic(path, `${now}\n`);
  return before !== undefined;
}

async function readNote(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
