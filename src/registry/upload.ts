/**
 * Blobs and manifests into a registry. OCI distribution-spec, "Push".
 *
 * What is there is not sent; what another repository of the same registry has
 * is mounted; the rest goes in one piece, or in chunks where it is large, and
 * a chunk that breaks off goes on from where the registry says it is.
 */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { BerthError } from '../base/errors.ts';
import type { RegistryClient } from './client.ts';
import type { ContentDescriptor } from './media-types.ts';

export type UploadBlob = {
  readonly client: RegistryClient;
  readonly repository: string;
  readonly blob: ContentDescriptor;
  /** File that has it. */
  readonly path: string;
  /** Other repositories of this registry that are likely to have it. */
  readonly mountFrom: readonly string[];
  readonly signal?: AbortSignal;
  readonly onProgress: (bytes: number) => void;
};

export type Uploaded = 'there' | 'mounted' | 'sent';

/** Above it a blob goes in chunks of this size. */
const CHUNK = 16 * 1024 * 1024;
const MAX_BROKEN = 5;

export async function uploadBlob(upload: UploadBlob): Promise<Uploaded> {
  const { client, repository, blob, signal, mountFrom } = upload;
  const scope = scopeOf(repository, mountFrom);
  const known = await client.ask({
    method: 'HEAD',
    path: `/v2/${repository}/blobs/${blob.digest}`,
    scope,
    signal,
    accept: [404],
  });
  known.body.destroy();
  if (known.status === 200) return 'there';
  const begun = await begin(upload, scope);
  if (begun === 'mounted') return 'mounted';
  if (blob.size > CHUNK) await sendChunks(upload, { scope, location: begun });
  else await sendWhole(upload, { scope, location: begun });
  return 'sent';
}

export type UploadManifest = {
  readonly client: RegistryClient;
  readonly repository: string;
  /** Tag or digest. */
  readonly reference: string;
  readonly bytes: Buffer;
  readonly mediaType: string;
  readonly signal?: AbortSignal;
};

export async function uploadManifest({
  client,
  repository,
  reference,
  bytes,
  mediaType,
  signal,
}: UploadManifest): Promise<void> {
  const answer = await client.ask({
    method: 'PUT',
    path: `/v2/${repository}/manifests/${reference}`,
    headers: { 'content-type': mediaType },
    body: () => bytes,
    scope: scopeOf(repository, []),
    signal,
  });
  answer.body.destroy();
}

/** One token for all requests of a push. */
function scopeOf(repository: string, mountFrom: readonly string[]): string {
  return [`repository:${repository}:pull,push`, ...mountFrom.map((one) => `repository:${one}:pull`)].join(' ');
}

/** Where the bytes go; a registry that can mount needs none. */
async function begin(
  { client, repository, blob, mountFrom, signal }: UploadBlob,
  scope: string,
): Promise<'mounted' | URL> {
  for (const from of [...mountFrom, undefined]) {
    const query = from === undefined ? '' : `?${new URLSearchParams({ mount: blob.digest, from })}`;
    const path = `/v2/${repository}/blobs/uploads/${query}`;
    const answer = await client.ask({ method: 'POST', path, headers: { 'content-length': '0' }, scope, signal });
    answer.body.destroy();
    if (answer.status === 201) return 'mounted';
    const location = locationOf(client, answer.headers.location, client.urlOf(path));
    const isLast = from === undefined || from === mountFrom.at(-1);
    if (isLast) return location;
  }
  throw new Error('an upload that was never begun');
}

type Session = { readonly scope: string; readonly location: URL };

async function sendWhole(
  { client, blob, path, signal, onProgress }: UploadBlob,
  { scope, location }: Session,
): Promise<void> {
  const answer = await client.ask({
    method: 'PUT',
    path: withDigest(location, blob.digest),
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(blob.size) },
    body: () => counted(createReadStream(path), onProgress),
    scope,
    signal,
  });
  answer.body.destroy();
}

async function sendChunks(upload: UploadBlob, { scope, location: first }: Session): Promise<void> {
  const { client, blob, path, signal, onProgress } = upload;
  let location = first;
  let broken = 0;
  for (let at = 0; at < blob.size; ) {
    const end = Math.min(at + CHUNK, blob.size) - 1;
    const from = at;
    try {
      const answer = await client.ask({
        method: 'PATCH',
        path: location,
        headers: {
          'content-type': 'application/octet-stream',
          'content-length': String(end - from + 1),
          'content-range': `${from}-${end}`,
        },
        body: () => counted(createReadStream(path, { start: from, end }), (bytes) => onProgress(from + bytes)),
        scope,
        signal,
        accept: [416],
      });
      answer.body.destroy();
      location = locationOf(client, answer.headers.location, location);
      at = nextByte(answer.headers.range, answer.status === 416 ? from : end + 1);
      if (answer.status === 416 && ++broken > MAX_BROKEN) throw stuck(client);
    } catch (error) {
      if (!(error instanceof BerthError) || error.code !== 'REGISTRY_UNREACHABLE' || ++broken > MAX_BROKEN) throw error;
      ({ at, location } = await whereIsIt(client, { location, scope, signal }));
    }
  }
  const answer = await client.ask({
    method: 'PUT',
    path: withDigest(location, blob.digest),
    headers: { 'content-length': '0' },
    scope,
    signal,
  });
  answer.body.destroy();
}

async function whereIsIt(
  client: RegistryClient,
  { location, scope, signal }: Session & { readonly signal?: AbortSignal },
) {
  const answer = await client.ask({ method: 'GET', path: location, scope, signal });
  answer.body.destroy();
  return { at: nextByte(answer.headers.range, 0), location: locationOf(client, answer.headers.location, location) };
}

/** `Range: 0-1023`: the next is 1024. A registry that has nothing yet says `0-0`. */
function nextByte(range: string | string[] | undefined, otherwise: number): number {
  const last = /^(?:bytes=)?0-(\d+)$/.exec(String(range ?? ''))?.[1];
  if (last === undefined) return otherwise;
  return Number(last) === 0 ? 0 : Number(last) + 1;
}

function locationOf(client: RegistryClient, text: string | undefined, from: URL): URL {
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

function withDigest(location: URL, digest: string): URL {
  const url = new URL(location);
  url.searchParams.set('digest', digest);
  return url;
}

function counted(source: Readable, onProgress: (bytes: number) => void): Readable {
  let bytes = 0;
  return Readable.from(
    (async function* () {
      for await (const chunk of source as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        onProgress(bytes);
        yield chunk;
      }
    })(),
    { objectMode: false },
  );
}

function stuck(client: RegistryClient): BerthError {
  return new BerthError('REGISTRY_FAILED', `${client.endpoint.base} takes no more of the upload`, {
    hint: 'try again',
  });
}
