/**
 * A blob into a registry piece by piece. OCI distribution-spec, "Pushing a blob in chunks".
 *
 * A chunk is never sent blindly again: registries add what comes to what they
 * have, whatever range it names. After a break the registry is asked where it
 * is, and chunks get smaller: whoever stands between may take only small ones.
 */
import { BerthError } from '../base/errors.ts';
import type { RegistryClient } from './client.ts';
import { letGo } from './let-go.ts';
import type { UploadBlob } from './upload.ts';
import { isBroken, locationOf, MAX_BROKEN, partOf, pause, type Session, withDigest } from './upload-session.ts';

export type Chunks = {
  readonly session: Session;
  readonly chunkBytes: number;
  /** Another session, for when the registry has forgotten this one. */
  readonly anew: () => Promise<Session>;
};

const SMALLEST = 64 * 1024;

type Place = { readonly session: Session; readonly at: number };

/** REGISTRY_FAILED when the registry takes no more. */
export async function sendChunks(upload: UploadBlob, { session, chunkBytes, anew }: Chunks): Promise<void> {
  const { client, blob, signal } = upload;
  let place: Place = { session, at: 0 };
  let size = Math.max(chunkBytes, session.leastChunk);
  for (let broken = 0; place.at < blob.size; ) {
    const before = place.at;
    const after = await sendOne(upload, place, size);
    if ('session' in after && after.at > before) broken = 0;
    else {
      if (++broken > MAX_BROKEN) throw after instanceof Error ? after : stuck(client);
      size = Math.max(Math.min(size, SMALLEST), session.leastChunk, Math.ceil(size / 2));
      await pause(client, broken, signal);
    }
    place = 'session' in after ? after : await whereIsIt(upload, place.session, anew);
  }
  await finish(upload, place.session);
}

/** Where it goes on; the error, when that has to be asked. */
async function sendOne(upload: UploadBlob, { session, at }: Place, size: number): Promise<Place | BerthError> {
  const { client, blob, signal, onProgress } = upload;
  const end = Math.min(at + size, blob.size) - 1;
  try {
    const answer = await client.ask({
      method: 'PATCH',
      path: session.location,
      headers: {
        'content-type': 'application/octet-stream',
        'content-length': String(end - at + 1),
        'content-range': `${at}-${end}`,
      },
      body: () => partOf(upload, { from: at, end }, onProgress),
      scope: session.scope,
      signal,
      isOnce: true,
      accept: [404, 413, 416],
    });
    await letGo(answer);
    if (answer.status >= 400) return stuck(client);
    return placeOf(upload, session, { headers: answer.headers, otherwise: end + 1 });
  } catch (error) {
    if (isBroken(error)) return error as BerthError;
    throw error;
  }
}

async function whereIsIt(upload: UploadBlob, session: Session, anew: () => Promise<Session>): Promise<Place> {
  const { client, signal } = upload;
  const { location: path, scope } = session;
  const answer = await client.ask({ method: 'GET', path, scope, signal, accept: [404] });
  await letGo(answer);
  const place = placeOf(upload, session, { headers: answer.headers, otherwise: 0 });
  /* `0-0` means nothing, or one byte. */
  return answer.status === 404 || place.at === 0 ? { session: await anew(), at: 0 } : place;
}

type Told = {
  readonly headers: { readonly location?: string; readonly range?: string };
  readonly otherwise: number;
};

function placeOf({ client }: UploadBlob, session: Session, { headers, otherwise }: Told): Place {
  const location = locationOf(client, headers.location, session.location);
  return { session: { ...session, location }, at: nextByte(headers.range, otherwise) };
}

/** `Range: 0-1023`: the next is 1024. A registry that has nothing yet says `0-0`. */
function nextByte(range: string | undefined, otherwise: number): number {
  const last = /^(?:bytes=)?0-(\d+)$/.exec(range ?? '')?.[1];
  if (last === undefined) return otherwise;
  return Number(last) === 0 ? 0 : Number(last) + 1;
}

async function finish({ client, blob, signal }: UploadBlob, { location, scope }: Session): Promise<void> {
  const path = withDigest(location, blob.digest);
  void letGo(await client.ask({ method: 'PUT', path, headers: { 'content-length': '0' }, scope, signal }));
}

function stuck(client: RegistryClient): BerthError {
  return new BerthError('REGISTRY_FAILED', `${client.endpoint.base} takes no more of the upload`, {
    hint: 'try again; whoever stands before the registry may limit the size of a request',
  });
}
