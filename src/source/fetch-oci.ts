/**
 * An artifact of `docker compose publish` as plain files: what has no file name of its own makes `compose.yaml`.
 *
 * Media types and annotations are those of docker compose (pkg/compose/publish).
 */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BerthError, errnoOf } from '../base/errors.ts';
import { bytesOf } from '../registry/authorize.ts';
import type { RegistryClient } from '../registry/client.ts';
import { OCI_MANIFEST } from '../registry/media-types.ts';
import { duplicateName } from '../registry/refuse-duplicate-names.ts';
import { openRegistry } from '../registry/registry.ts';
import { userEnvironment } from '../registry/user-environment.ts';
import type { OciSource } from './source-reference.ts';

export type Asking = { readonly source: OciSource; readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal };

const PROJECT = 'application/vnd.docker.compose.project';
const EMPTY_CONFIG = 'application/vnd.docker.compose.config.empty.v1+json';
const STACK_FILE = 'application/vnd.docker.compose.file+yaml';
const ENV_FILE = 'application/vnd.docker.compose.envfile';
const MAX_BYTES = 2 * 1024 * 1024;
const MAX_LAYERS = 100;

type Layer = {
  readonly mediaType: string;
  readonly digest: string;
  readonly annotations: Readonly<Record<string, unknown>>;
};

/** What the tag means now. */
export async function findDigest(asking: Asking): Promise<string> {
  return await withRegistry(asking, async (client) =>
    sha256(await manifestBytes(client, asking, asking.source.name.tag!)),
  );
}

/** SOURCE_FAILED for what is no artifact of stack files, and the registry's own errors. */
export async function fetchArtifact(asking: Asking, digest: string, folder: string): Promise<void> {
  await withRegistry(asking, async (client) => {
    const bytes = await manifestBytes(client, asking, digest);
    if (sha256(bytes) !== digest) throw failed(asking, `what came has the digest ${sha256(bytes)}`);
    const documents: Buffer[] = [];
    for (const layer of layersOf(bytes, asking)) {
      const content = await blob(client, asking, layer.digest);
      const name = fileOf(layer, asking);
      if (name === undefined) documents.push(content);
      else await writeNew(join(folder, name), content, asking);
    }
    if (documents.length === 0) throw failed(asking, 'it has no stack file');
    await writeNew(join(folder, 'compose.yaml'), Buffer.from(documents.map(String).join('\n---\n')), asking);
  });
}

/** The files' names are the publisher's: a name of a file beside compose.yaml, nothing else. undefined: a part of it. */
function fileOf({ mediaType, annotations }: Layer, asking: Asking): string | undefined {
  const isEnv = mediaType === ENV_FILE;
  if (!isEnv && annotations['com.docker.compose.extends'] === undefined) return undefined;
  const name = annotations[isEnv ? 'com.docker.compose.envfile' : 'com.docker.compose.file'];
  const parts = typeof name === 'string' ? name.split('/') : [];
  const isFine = parts.length > 0 && parts.every((part) => !['', '.', '..'].includes(part) && !/\p{Cc}/u.test(part));
  if (typeof name !== 'string' || !isFine || name === 'compose.yaml') {
    throw failed(asking, `one of its files is called ${JSON.stringify(name)?.slice(0, 100)}`);
  }
  return name;
}

function layersOf(bytes: Buffer, asking: Asking): readonly Layer[] {
  const manifest = objectOf(bytes, asking);
  const config = (manifest.config ?? {}) as Record<string, unknown>;
  const type = manifest.artifactType ?? (config.mediaType === EMPTY_CONFIG ? PROJECT : config.mediaType);
  if (type !== PROJECT) throw failed(asking, `it is ${JSON.stringify(type)?.slice(0, 100)}, not ${PROJECT}`);
  const layers: unknown = manifest.layers;
  if (!Array.isArray(layers) || layers.length > MAX_LAYERS) throw failed(asking, 'its layers are no list, or too many');
  return (layers as Partial<Layer>[])
    .filter((layer) => layer?.mediaType === STACK_FILE || layer?.mediaType === ENV_FILE)
    .map(({ mediaType, digest, annotations }) => {
      if (!/^sha256:[0-9a-f]{64}$/.test(String(digest))) throw failed(asking, 'a layer has no digest of SHA-256');
      return { mediaType: mediaType!, digest: digest!, annotations: annotations ?? {} };
    });
}

function objectOf(bytes: Buffer, asking: Asking): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    const isFine = typeof value === 'object' && value !== null && duplicateName(bytes.toString()) === undefined;
    if (isFine) return value as Record<string, unknown>;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  throw failed(asking, 'its manifest is no JSON object, or says something twice');
}

async function manifestBytes(client: RegistryClient, asking: Asking, reference: string): Promise<Buffer> {
  return await get(client, asking, `manifests/${reference}`);
}

async function blob(client: RegistryClient, asking: Asking, digest: string): Promise<Buffer> {
  const bytes = await get(client, asking, `blobs/${digest}`);
  if (sha256(bytes) === digest) return bytes;
  throw failed(asking, `a file has the digest ${sha256(bytes)} and not ${digest}`);
}

async function get(client: RegistryClient, { source, signal }: Asking, what: string): Promise<Buffer> {
  const answer = await client.ask({
    method: 'GET',
    path: `/v2/${source.name.path}/${what}`,
    headers: { accept: what.startsWith('manifests/') ? OCI_MANIFEST : '*/*' },
    scope: `repository:${source.name.path}:pull`,
    signal,
  });
  return await bytesOf(answer.body, MAX_BYTES);
}

async function withRegistry<T>({ source, env, signal }: Asking, work: (client: RegistryClient) => Promise<T>) {
  const registry = await openRegistry(source.name.domain, { env: userEnvironment(env), signal });
  try {
    return await work(registry.main);
  } finally {
    registry.close();
  }
}

async function writeNew(path: string, content: Buffer, asking: Asking): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content, { flag: 'wx' });
  } catch (error) {
    if (['EEXIST', 'ENOTDIR', 'EISDIR'].includes(errnoOf(error) ?? '')) throw failed(asking, 'two files have one name');
    throw error;
  }
}

function sha256(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function failed({ source }: Asking, why: string): BerthError {
  return new BerthError('SOURCE_FAILED', `${source.title} can not be used: ${why}`, {
    hint: 'an artifact of stack files is made by `docker compose publish`',
  });
}
