/**
 * From a reference to the manifest of one platform, checked against every digest that is known.
 */
import { createHash } from 'node:crypto';
import { BerthError } from '../base/errors.ts';
import { bytesOf } from './authorize.ts';
import type { RegistryClient } from './client.ts';
import { ACCEPTED } from './media-types.ts';
import { contentInvalid, type ParsedIndex, type ParsedManifest, parseManifest } from './parse-manifest.ts';
import { chooseManifest, type Platform, printPlatform } from './platform.ts';

/** A place in a registry; `reference` is a tag or a digest. */
export type Place = { readonly repository: string; readonly reference: string };

export type FetchedManifest = {
  readonly bytes: Buffer;
  readonly digest: string;
  readonly manifest: ParsedManifest;
  /** Digest of what the reference means: of the index, where there is one. */
  readonly sourceDigest: string;
  /** Whether an index chose it. */
  readonly isOfIndex: boolean;
};

const MAX_BYTES = 4 * 1024 * 1024;
const MAX_DEPTH = 3;

/** IMAGE_NOT_FOUND, IMAGE_PLATFORM_MISSING, IMAGE_CONTENT_INVALID and the client's own. */
export async function fetchManifest(
  client: RegistryClient,
  place: Place,
  { platform, signal }: { readonly platform: Platform; readonly signal?: AbortSignal },
): Promise<FetchedManifest> {
  const top = await fetchDocument(client, place, signal);
  let { bytes, digest, document } = top;
  for (let depth = 0; document.kind === 'index'; depth++) {
    if (depth >= MAX_DEPTH) throw contentInvalid(nameOf(place), `its indexes are nested deeper than ${MAX_DEPTH}`);
    const entry = chooseManifest(document.manifests, platform);
    if (!entry) throw platformMissing(place, document, platform);
    ({ bytes, digest, document } = await fetchDocument(
      client,
      { ...place, reference: entry.digest },
      signal,
      entry.mediaType,
    ));
  }
  return { bytes, digest, manifest: document, sourceDigest: top.digest, isOfIndex: top.document.kind === 'index' };
}

type Fetched = { readonly bytes: Buffer; readonly digest: string; readonly document: ParsedManifest | ParsedIndex };

async function fetchDocument(
  client: RegistryClient,
  place: Place,
  signal?: AbortSignal,
  expectedType?: string,
): Promise<Fetched> {
  const answer = await client.ask(manifestAsk(place, signal));
  const bytes = await bytesOf(answer.body, MAX_BYTES);
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const what = `image ${nameOf(place)}`;
  const told = answer.headers['docker-content-digest'];
  if (place.reference.startsWith('sha256:') && place.reference !== digest)
    throw contentInvalid(what, `what came has the digest ${digest}`);
  if (typeof told === 'string' && told.startsWith('sha256:') && told !== digest)
    throw contentInvalid(
      what,
      `what came has the digest ${digest}, and not ${told.slice(0, 100)} as the registry says`,
    );
  const document = parseManifest(bytes, answer.headers['content-type'], what);
  if (expectedType !== undefined && document.mediaType !== expectedType)
    throw contentInvalid(what, `its index calls it ${expectedType}, it is ${document.mediaType}`);
  return { bytes, digest, document };
}

function manifestAsk({ repository, reference }: Place, signal: AbortSignal | undefined) {
  return {
    method: 'GET' as const,
    path: `/v2/${repository}/manifests/${reference}`,
    headers: { accept: ACCEPTED },
    scope: `repository:${repository}:pull`,
    signal,
  };
}

function nameOf({ repository, reference }: Place): string {
  return `${repository}${reference.includes(':') ? '@' : ':'}${reference}`;
}

function platformMissing(place: Place, { manifests }: ParsedIndex, platform: Platform): BerthError {
  const there = manifests
    .map((entry) => entry.platform)
    .filter((one) => one?.os !== undefined && one.os !== 'unknown' && one.architecture !== undefined)
    .map((one) => printPlatform(one as Platform));
  return new BerthError('IMAGE_PLATFORM_MISSING', `image ${nameOf(place)} is not made for ${printPlatform(platform)}`, {
    hint:
      there.length === 0
        ? 'it names no platform at all'
        : `it is made for ${[...new Set(there)].slice(0, 20).join(', ')}`,
  });
}
