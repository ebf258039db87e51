/**
 * A cache's folder on disk: an OCI image layout with one artifact a tag. OCI image-spec, image-layout.md.
 *
 * Nothing in it is believed without its digest, and nothing but ordinary files is read.
 */
import { createHash } from 'node:crypto';
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BerthError, errnoOf } from '../../base/errors.ts';
import { invalid } from './cache-contents.ts';

export const REF_NAME = 'org.opencontainers.image.ref.name';
const MAX_JSON = 64 * 1024 * 1024;

export type LayoutDescriptor = {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
};

export type CacheManifest = { readonly config: LayoutDescriptor; readonly layers: readonly LayoutDescriptor[] };

/** IMAGE_CONTENT_INVALID when there is none, or it can not be read. */
export async function readLayoutIndex(path: string, title: string): Promise<LayoutDescriptor[]> {
  try {
    const value = JSON.parse(await smallText(join(path, 'index.json'))) as { readonly manifests?: unknown } | null;
    if (Array.isArray(value?.manifests)) return value.manifests.filter(isDescriptor);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') throw invalid(title, 'there is none yet');
    throw invalid(title, error instanceof Error ? error.message.slice(0, 100) : 'its index can not be read');
  }
  throw invalid(title, 'its index has no manifests');
}

function isDescriptor(value: unknown): value is LayoutDescriptor {
  return typeof value === 'object' && value !== null && 'digest' in value && typeof value.digest === 'string';
}

/** IMAGE_CONTENT_INVALID when the blob is not what its digest says. */
export async function readLayoutBlob(path: string, digest: string, title: string): Promise<string> {
  const text = await smallText(layoutBlobPath(path, digest)).catch(() => '');
  if (textDigest(text) === digest) return text;
  throw invalid(title, `its blob ${digest.slice(0, 80)} is damaged or missing`);
}

/** The manifest's parts, as far as it has them. */
export async function readLayoutManifest(path: string, digest: string, title: string): Promise<Partial<CacheManifest>> {
  const value: unknown = JSON.parse(await readLayoutBlob(path, digest, title));
  return typeof value === 'object' && value !== null ? value : {};
}

async function smallText(path: string): Promise<string> {
  const stats = await lstat(path);
  if (!stats.isFile() || stats.size > MAX_JSON) throw new Error(`${path} is no ordinary file of at most 64 MiB`);
  return await readFile(path, 'utf8');
}

export function layoutBlobPath(path: string, digest: string): string {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
  if (hex !== undefined) return join(path, 'blobs/sha256', hex);
  throw new BerthError('IMAGE_CONTENT_INVALID', `${JSON.stringify(digest).slice(0, 100)} is no digest`);
}

export function textDigest(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
