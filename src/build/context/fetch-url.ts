/**
 * ADD URL: fetched once, its digest checked, to a file that is gone after the step.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rm, statfs } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BerthError } from '../../base/errors.ts';
import { openWriteStream } from '../../base/write-stream.ts';

export type FetchOptions = {
  readonly folder: string;
  /** `algorithm:hex`, or null. */
  readonly checksum: string | null;
  readonly signal: AbortSignal;
};

export type FetchedFile = {
  /** Last part of the URL's path. */
  readonly name: string;
  readonly path: string;
  readonly digest: string;
  readonly size: number;
  read(): AsyncIterable<Buffer>;
  discard(): Promise<void>;
};

const SHARE_OF_FREE = 0.9;

/** BUILD_FAILED with status or checksum; passwords in a URL are never shown. */
export async function fetchUrl(url: string, { folder, checksum, signal }: FetchOptions): Promise<FetchedFile> {
  const shown = withoutPassword(url);
  const work = join(folder, 'work');
  const path = join(work, `url-${randomBytes(8).toString('hex')}`);
  const discard = () => rm(path, { force: true });
  await mkdir(work, { recursive: true, mode: 0o700 });
  try {
    const response = await fetch(url, { redirect: 'follow', signal });
    if (!response.ok || !response.body) throw failed(shown, `the server answered ${response.status}`);
    const { digests, size } = await receive(response.body as unknown as AsyncIterable<Uint8Array>, path, {
      checksum,
      signal,
    });
    const got = checksum === null ? undefined : digests.get(checksum.split(':', 1)[0]!);
    if (checksum !== null && `${checksum.split(':', 1)[0]}:${got}` !== checksum) {
      throw failed(
        shown,
        `its checksum is ${checksum.split(':', 1)[0]}:${got}`,
        'correct --checksum, if that is what you want',
      );
    }
    const name = posix.basename(decodeURIComponent(new URL(url).pathname)) || 'index';
    const read = () => createReadStream(path, { highWaterMark: 1 << 20 });
    return { name, path, digest: digests.get('sha256')!, size, read, discard };
  } catch (error) {
    await discard();
    if (error instanceof BerthError) throw error;
    if (signal.aborted) throw new BerthError('ABORTED', 'interrupted');
    const cause = error instanceof Error ? error.cause : undefined;
    const why = cause instanceof Error ? cause.message : error instanceof Error ? error.message : String(error);
    throw failed(shown, why);
  }
}

type Receiving = { readonly checksum: string | null; readonly signal: AbortSignal };

async function receive(body: AsyncIterable<Uint8Array>, path: string, { checksum, signal }: Receiving) {
  const names = new Set(['sha256', ...(checksum === null ? [] : [checksum.split(':', 1)[0]!])]);
  const hashes = new Map([...names].map((name) => [name, createHash(name)]));
  const { bavail, bsize } = await statfs(join(path, '..'));
  let size = 0;
  const count = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size > bavail * bsize * SHARE_OF_FREE) throw new BerthError('BUILD_FAILED', 'it would fill the disk');
      for (const hash of hashes.values()) hash.update(chunk);
      yield chunk;
    }
  };
  await pipeline(Readable.from(body), count, await openWriteStream(path, 0o600), { signal });
  return { size, digests: new Map([...hashes].map(([name, hash]) => [name, hash.digest('hex')])) };
}

export function withoutPassword(url: string): string {
  return url.replace(/^(\w+:\/\/)[^/@\s]*@/, '$1***@');
}

function failed(url: string, why: string, hint?: string): BerthError {
  return new BerthError('BUILD_FAILED', `${url} can not be fetched: ${why}`, { hint });
}
