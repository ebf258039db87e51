/**
 * What a path was when it was read, so that somebody else can see later whether it still is.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { errnoOf } from './errors.ts';

/** Behind a path: what is meant is the list of names below it. */
export const LISTING = '/*';

/** Equal as long as the path leads to the same place with the same content; of a folder only that it is one. */
export function inputDigest(input: string): string {
  const path = input.endsWith(LISTING) ? input.slice(0, -LISTING.length) : input;
  try {
    if (path !== input) return hashOf(readdirSync(path).sort().join('\0'));
    const stats = statSync(path);
    const what = stats.isFile() ? hashOf(readFileSync(path)) : stats.isDirectory() ? 'folder' : UNKNOWABLE;
    return `${realpathSync(path)} ${what}`;
  } catch (error) {
    return errnoOf(error) ?? UNKNOWABLE;
  }
}

/** A pipe or a terminal: what comes out of it next is another thing. */
export const UNKNOWABLE = 'unknowable';

function hashOf(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
