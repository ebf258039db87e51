/**
 * Blobs and manifests into a registry. OCI distribution-spec, "Push".
 *
 * What is there is not sent; what another repository of the same registry has
 * is mounted; the rest goes in one piece, or in chunks (send-chunks.ts) where
 * it is large or the registry takes no more at a time.
 */
import type { RegistryClient } from './client.ts';
import { letGo } from './let-go.ts';
import type { ContentDescriptor } from './media-types.ts';
import { sendChunks } from './send-chunks.ts';
import { isBroken, locationOf, MAX_BROKEN, partOf, pause, type Session, withDigest } from './upload-session.ts';

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
  /** Above it a blob goes in chunks of this size. */
  readonly chunkBytes?: number;
};

export type Uploaded = 'there' | 'mounted' | 'sent';

const CHUNK = 16 * 1024 * 1024;

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
  await letGo(known);
  if (known.status === 200) return 'there';
  const chunkBytes = upload.chunkBytes ?? CHUNK;
  if (blob.size > chunkBytes) return await inChunks(upload, scope, chunkBytes);
  return await sendWhole(upload, scope, chunkBytes);
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
  await letGo(answer);
}

/** One token for all requests of a push. */
function scopeOf(repository: string, mountFrom: readonly string[]): string {
  return [`repository:${repository}:pull,push`, ...mountFrom.map((one) => `repository:${one}:pull`)].join(' ');
}

/** Where the bytes go; a registry that can mount needs none. */
async function begin(
  { client, repository, blob, mountFrom, signal }: UploadBlob,
  scope: string,
): Promise<'mounted' | Session> {
  for (const from of [...mountFrom, undefined]) {
    const query = from === undefined ? '' : `?${new URLSearchParams({ mount: blob.digest, from })}`;
    const path = `/v2/${repository}/blobs/uploads/${query}`;
    const answer = await client.ask({ method: 'POST', path, headers: { 'content-length': '0' }, scope, signal });
    await letGo(answer);
    if (answer.status === 201) return 'mounted';
    const location = locationOf(client, answer.headers.location, client.urlOf(path));
    const least = Number(answer.headers['oci-chunk-min-length'] ?? 0);
    const isLast = from === undefined || from === mountFrom.at(-1);
    if (isLast) return { scope, location, leastChunk: Number.isSafeInteger(least) ? least : 0 };
  }
  throw new Error('an upload that was never begun');
}

async function inChunks(upload: UploadBlob, scope: string, chunkBytes: number): Promise<Uploaded> {
  const session = await begin(upload, scope);
  if (session === 'mounted') return session;
  /* A new one has nothing to mount: that was tried. */
  const anew = async () => (await begin({ ...upload, mountFrom: [] }, scope)) as Session;
  await sendChunks(upload, { session, chunkBytes, anew });
  return 'sent';
}

/** One that broke off is begun anew: what the registry has of it, it would add the next try to. */
async function sendWhole(upload: UploadBlob, scope: string, chunkBytes: number): Promise<Uploaded> {
  const { client, blob, signal, onProgress } = upload;
  for (let broken = 0; ; ) {
    const session = await begin(upload, scope);
    if (session === 'mounted') return session;
    try {
      const answer = await client.ask({
        method: 'PUT',
        path: withDigest(session.location, blob.digest),
        headers: { 'content-type': 'application/octet-stream', 'content-length': String(blob.size) },
        body: () => partOf(upload, { from: 0, end: blob.size - 1 }, onProgress),
        scope,
        signal,
        isOnce: true,
        accept: [413],
      });
      await letGo(answer);
      if (answer.status !== 413) return 'sent';
      return await inChunks(upload, scope, Math.ceil(Math.min(blob.size, chunkBytes) / 2));
    } catch (error) {
      if (!isBroken(error) || ++broken > MAX_BROKEN) throw error;
      await pause(client, broken, signal);
    }
  }
}
