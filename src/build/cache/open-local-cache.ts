/**
 * `cache_from` with type=local: the cache of one tag of a folder, opened.
 */
import { createReadStream } from 'node:fs';
import { lstat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { CACHE_TYPE, type CacheContents, invalid, readContents } from './cache-contents.ts';
import { layoutBlobPath, REF_NAME, readLayoutBlob, readLayoutIndex, readLayoutManifest } from './cache-layout.ts';

export type OpenCache = {
  readonly title: string;
  readonly contents: CacheContents;
  /** The plain tar of a layer, not checked; undefined: it did not come along. */
  readLayer(diffId: string): Promise<Readable | undefined>;
  close(): void;
};

/** IMAGE_CONTENT_INVALID when there is none, or it is damaged. */
export async function openLocalCache(place: { readonly path: string; readonly tag: string }): Promise<OpenCache> {
  const { path, tag } = place;
  const title = `the cache in ${path}`;
  const found = (await readLayoutIndex(path, title)).find(({ annotations }) => annotations?.[REF_NAME] === tag);
  if (!found) throw invalid(title, `it has no tag ${tag}`);
  const { config } = await readLayoutManifest(path, found.digest, title);
  if (config?.mediaType !== CACHE_TYPE) throw invalid(title, 'another program has written it');
  return {
    title,
    contents: readContents(await readLayoutBlob(path, String(config.digest), title), title),
    async readLayer(diffId) {
      const file = layoutBlobPath(path, diffId);
      const stats = await lstat(file).catch(() => undefined);
      return stats?.isFile() ? createReadStream(file, { highWaterMark: 1 << 20 }) : undefined;
    },
    close() {},
  };
}
