/**
 * Where fetched sources are kept: `sources/` of the data root, a folder for each commit or digest, whole or not there.
 *
 *     sources/git/HOST/TEAM/REPOSITORY/COMMIT/REPOSITORY/   the files
 *     sources/oci/HOST/TEAM/NAME/DIGEST/NAME/               the files
 *     sources/names/HASH                                    which of them a reference meant the last time
 *     sources/unfinished/                                   what is being fetched
 */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeAtomic } from '../base/atomic-file.ts';
import { errnoOf } from '../base/errors.ts';

export type SourceCache = {
  /** Was anything of this repository fetched before? */
  knows(folders: readonly string[]): boolean;
  /** The files of a commit or digest; undefined when it is not there. */
  find(folders: readonly string[], version: string): string | undefined;
  /** `fill` writes into an empty folder, which then becomes the version's. */
  add(folders: readonly string[], version: string, fill: (work: Work) => Promise<void>): Promise<string>;
  /** The version that a reference meant the last time. */
  last(reference: string): Promise<string | undefined>;
  remember(reference: string, version: string): Promise<void>;
};

/** `files` becomes the version's; `scratch` is for the way there. */
export type Work = { readonly files: string; readonly scratch: string };

const STALE_MS = 24 * 60 * 60 * 1000;

export function sourceCache(dataRoot: string): SourceCache {
  const top = join(dataRoot, 'sources');
  const unfinished = join(top, 'unfinished');
  const nameOf = (reference: string) =>
    join(top, 'names', createHash('sha256').update(reference).digest('hex').slice(0, 32));
  const placeOf = (folders: readonly string[], version: string) => join(top, ...folders, version, folders.at(-1)!);
  return {
    knows: (folders) => existsSync(join(top, ...folders)),
    find(folders, version) {
      const place = placeOf(folders, version);
      return existsSync(place) ? place : undefined;
    },
    async add(folders, version, fill) {
      await removeStale(unfinished);
      const own = join(unfinished, randomBytes(8).toString('hex'));
      const whole = join(own, 'whole');
      const work = { files: join(whole, folders.at(-1)!), scratch: join(own, 'scratch') };
      await mkdir(work.files, { recursive: true, mode: 0o700 });
      await mkdir(work.scratch, { mode: 0o700 });
      try {
        await fill(work);
        const place = placeOf(folders, version);
        await mkdir(dirname(dirname(place)), { recursive: true, mode: 0o700 });
        await moveWhole(whole, dirname(place));
        return place;
      } finally {
        await rm(own, { recursive: true, force: true });
      }
    },
    last: async (reference) => (await readFile(nameOf(reference), 'utf8').catch(() => undefined))?.trim(),
    async remember(reference, version) {
      await mkdir(join(top, 'names'), { recursive: true, mode: 0o700 });
      await writeAtomic(nameOf(reference), `${version}\n`);
    },
  };
}

/** Somebody else may have fetched the same in the meantime. */
async function moveWhole(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (errnoOf(error) !== 'ENOTEMPTY' && errnoOf(error) !== 'EEXIST') throw error;
  }
}

/** What a command left that was ended in the middle. */
async function removeStale(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const age = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now());
    if (age > STALE_MS) await rm(path, { recursive: true, force: true });
  }
}
