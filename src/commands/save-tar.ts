/**
 * A tar stream of the answer: into a file, or to whoever reads stdout; never into a terminal.
 */
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BerthError } from '../base/errors.ts';

/** `file` undefined: stdout. A file has its name only when all is in it. */
export async function saveTar(tar: () => Promise<Readable>, file: string | undefined): Promise<void> {
  if (file === undefined && process.stdout.isTTY) {
    throw new BerthError('USAGE', 'an archive is not written to a terminal', { hint: 'name a file with -o' });
  }
  const stream = await tar();
  if (file === undefined) return await pipeline(stream, process.stdout, { end: false });
  const part = `${file}.part`;
  try {
    await pipeline(stream, createWriteStream(part));
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
