/**
 * How much room the files below a folder take, as du(1) counts: blocks, and a file with several names once.
 */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../base/errors.ts';

const BLOCK = 512;

/** What goes away meanwhile counts nothing. */
export async function sizeBelow(folder: string): Promise<number> {
  const seen = new Set<string>();
  let bytes = 0;
  const waiting = [folder];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const path of await childrenOf(next)) {
      const stat = await lstat(path).catch(ignoreGone);
      if (!stat || seen.has(`${stat.dev}:${stat.ino}`)) continue;
      if (stat.nlink > 1 && !stat.isDirectory()) seen.add(`${stat.dev}:${stat.ino}`);
      if (stat.isDirectory()) waiting.push(path);
      bytes += stat.blocks * BLOCK;
    }
  }
  return bytes;
}

async function childrenOf(folder: string): Promise<string[]> {
  return ((await readdir(folder).catch(ignoreGone)) ?? []).map((name) => join(folder, name));
}

function ignoreGone(error: unknown): undefined {
  if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
  throw error;
}
