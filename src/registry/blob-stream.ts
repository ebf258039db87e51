/**
 * The bytes of a blob, whatever happens to the connections that bring them.
 *
 * A stretch that breaks off goes on from where it was with a Range request;
 * only bytes that bring nothing new use the patience up. When one source
 * (a mirror) has no patience left, the next one goes on. RFC 9110, section 14.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { BerthError } from '../base/errors.ts';
import type { RegistryClient } from './client.ts';
import type { ContentDescriptor } from './media-types.ts';
import { networkError } from './network-error.ts';
import { contentInvalid } from './parse-manifest.ts';
import type { HttpAnswer } from './transport.ts';

export type BlobRequest = {
  /** Tried in this order. */
  readonly sources: readonly RegistryClient[];
  readonly repository: string;
  readonly blob: ContentDescriptor;
  /** Bytes that are there already. */
  readonly from: number;
  readonly signal?: AbortSignal;
};

/** Ends after exactly the blob's size; its digest is the caller's to check. */
export async function* blobBytes({ sources, repository, blob, from, signal }: BlobRequest): AsyncGenerator<Buffer> {
  let at = from;
  let failures = 0;
  let source = 0;
  while (at < blob.size) {
    const client = sources[source]!;
    const before = at;
    try {
      for await (const chunk of stretch(client, { repository, blob, at, signal })) {
        at += chunk.length;
        yield chunk;
      }
    } catch (error) {
      if (signal?.aborted) throw new BerthError('ABORTED', 'interrupted', { cause: error });
      /* A trickle is no progress: it would go on for ever. */
      failures = at - before >= client.patience.slowBytes ? 1 : failures + 1;
      if (!isPassing(error) || failures >= client.patience.attempts) {
        source += 1;
        failures = 0;
        if (source >= sources.length) throw error;
      } else await wait(client.patience.backoffMs, undefined, { signal }).catch(() => {});
    }
  }
}

type Stretch = {
  readonly repository: string;
  readonly blob: ContentDescriptor;
  readonly at: number;
  readonly signal?: AbortSignal;
};

async function* stretch(client: RegistryClient, { repository, blob, at, signal }: Stretch): AsyncGenerator<Buffer> {
  const answer = await client.ask({
    method: 'GET',
    path: `/v2/${repository}/blobs/${blob.digest}`,
    headers: at > 0 ? { range: `bytes=${at}-` } : {},
    scope: `repository:${repository}:pull`,
    accept: [416],
    signal,
  });
  const what = `layer ${blob.digest.slice(0, 19)} of ${repository}`;
  let skip = startOf(answer, { at, blob, what });
  let left = blob.size - at;
  try {
    for await (const chunk of inTime(answer, client, what)) {
      const part = skip > 0 ? chunk.subarray(Math.min(skip, chunk.length)) : chunk;
      skip -= chunk.length - part.length;
      if (part.length > left) throw contentInvalid(what, `it is longer than the ${blob.size} bytes of its manifest`);
      left -= part.length;
      if (part.length > 0) yield part;
    }
  } catch (cause) {
    throw networkError(new URL(client.endpoint.base), cause);
  } finally {
    answer.body.destroy();
  }
  if (left > 0)
    throw new BerthError('REGISTRY_UNREACHABLE', `${what} ended ${left} bytes too early`, {
      hint: 'pull again: it goes on from there',
    });
}

/** How many of the coming bytes are there already: a registry need not know Range. */
function startOf(
  { status, headers, body }: HttpAnswer,
  { at, blob, what }: { at: number; blob: ContentDescriptor; what: string },
): number {
  const refuse = (why: string) => {
    body.destroy();
    return contentInvalid(what, why);
  };
  if (status === 416) throw refuse(`the registry has no more than ${at} bytes of ${blob.size}`);
  const length = Number(headers['content-length'] ?? Number.NaN);
  const isEncoded = headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity';
  if (headers['content-type']?.startsWith('text/html')) throw refuse('a web page came instead');
  if (isEncoded) throw refuse(`it came with the content encoding ${headers['content-encoding']}`);
  if (status === 206) {
    const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers['content-range'] ?? '');
    if (!range || Number(range[1]) !== at)
      throw refuse(`bytes from ${at} on were asked for, ${headers['content-range'] ?? 'others'} came`);
    if (range[3] !== '*' && Number(range[3]) !== blob.size)
      throw refuse(`the registry has ${range[3]} bytes of it, its manifest says ${blob.size}`);
    return 0;
  }
  if (!Number.isNaN(length) && length !== blob.size)
    throw refuse(`the registry has ${length} bytes of it, its manifest says ${blob.size}`);
  return at;
}

/** Chunks as they come; a connection that brings next to nothing counts as broken. */
async function* inTime({ body }: HttpAnswer, { patience }: RegistryClient, what: string): AsyncGenerator<Buffer> {
  let fresh = 0;
  let isWaiting = true;
  const timer = setInterval(() => {
    const tooSlow = `${what} came with less than ${patience.slowBytes} bytes in ${patience.slowMs / 1000} s`;
    if (isWaiting && fresh < patience.slowBytes) body.destroy(new Error(tooSlow));
    fresh = 0;
  }, patience.slowMs);
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      fresh += chunk.length;
      /* The time that the taker takes is not the registry's. */
      isWaiting = false;
      yield chunk;
      isWaiting = true;
    }
  } finally {
    clearInterval(timer);
  }
}

/** 4xx is the registry's last word; what is broken may be whole next time. */
function isPassing(error: unknown): boolean {
  return error instanceof BerthError && error.code === 'REGISTRY_UNREACHABLE';
}
