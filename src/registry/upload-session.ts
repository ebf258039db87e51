/**
 * What whole uploads and those in chunks share: where they go, what is sent, and when to try again.
 */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { BerthError } from '../base/errors.ts';
import type { RegistryClient } from './client.ts';

export type Session = {
  readonly scope: string;
  readonly location: URL;
  /** Chunks but the last one are not to be smaller. */
  readonly leastChunk: number;
};

/** In a row, without a byte that came through. */
export const MAX_BROKEN = 5;

/** The connection or the registry failed in the middle: a part may have come through. */
export function isBroken(error: unknown): boolean {
  return error instanceof BerthError && (error.code === 'REGISTRY_UNREACHABLE' || error.code === 'REGISTRY_FAILED');
}

/** ABORTED when it is interrupted. */
export async function pause({ patience }: RegistryClient, broken: number, signal?: AbortSignal): Promise<void> {
  await wait(patience.backoffMs * 2 ** (broken - 1), undefined, { signal }).catch((cause: unknown) => {
    throw new BerthError('ABORTED', 'interrupted', { cause });
  });
}

/** Refuses a place that is less safe than the registry. */
export function locationOf(client: RegistryClient, text: string | undefined, from: URL): URL {
  if (text === undefined) return from;
  const isUrl = URL.canParse(text, from.href);
  const url = isUrl ? new URL(text, from) : from;
  const base = client.urlOf('/');
  const isSafe = isUrl && (url.protocol === 'https:' || (url.protocol === 'http:' && base.protocol === 'http:'));
  if (isSafe) return url;
  throw new BerthError('REGISTRY_FAILED', `${base.host} wants the upload at a place that is less safe than itself`, {
    hint: 'nothing was sent there',
  });
}

export function withDigest(location: URL, digest: string): URL {
  const url = new URL(location);
  url.searchParams.set('digest', digest);
  return url;
}

type Part = { readonly from: number; readonly end: number };

/** Bytes `from` to `end`, both sent; `onProgress` hears of all that went before too. */
export function partOf(
  { path }: { readonly path: string },
  { from, end }: Part,
  onProgress: (bytes: number) => void,
): Readable {
  return Readable.from(
    (async function* () {
      let bytes = from;
      if (end < from) return;
      for await (const chunk of createReadStream(path, { start: from, end }) as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        onProgress(bytes);
        yield chunk;
      }
    })(),
    { objectMode: false },
  );
}
