/**
 * What is kept of the content of a file behind a secret or a config: enough to see that it has changed.
 */
import { createHash, type Hash } from 'node:crypto';
import { join } from 'node:path';
import { errnoOf } from '../base/errors.ts';
import { readdirSync, readFileSync, statSync } from './input-files.ts';

/** Too short to find out a secret by trying: some of every 16 million guesses fit. */
const MARK_LENGTH = 6;

/** null: nothing can be said of it. What is not there, may not be read or is no file is told at the start. */
export function contentMark(path: string): string | null {
  try {
    const hash = createHash('sha256').update('berth content\0');
    add(hash, path, '');
    return hash.digest('hex').slice(0, MARK_LENGTH);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return null;
  }
}

/** A folder is its names and what is below them; pipes and devices would keep whoever reads them waiting. */
function add(hash: Hash, path: string, name: string): void {
  const stat = statSync(path);
  hash.update(`${name}\0${stat.isDirectory() ? 'd' : stat.isFile() ? stat.size : '-'}\0`);
  if (stat.isFile()) hash.update(readFileSync(path));
  if (stat.isDirectory()) for (const entry of readdirSync(path).sort()) add(hash, join(path, entry), join(name, entry));
}
