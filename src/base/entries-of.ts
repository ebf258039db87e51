/** The names in a folder; none where the folder is not there. */
import { readdir } from 'node:fs/promises';
import { errnoOf } from './errors.ts';

export async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}
