/**
 * What a cache says that leaves this machine: which step gave which layer. Written and read, and believed only in part.
 *
 * Pure. Keys are digests of all that a result depends on, so that a record of
 * another machine means the same here. What a record names is checked by its
 * digest when it comes; that the key belongs to it is the word of whoever
 * made the cache.
 */
import { BerthError } from '../../base/errors.ts';
import type { CacheRecord } from '../solve/build-cache.ts';

export type CacheContents = {
  /** Tars of layers, each once. */
  readonly layers: readonly { readonly diffId: string; readonly size: number }[];
  readonly records: readonly ContentsRecord[];
};

export type ContentsRecord =
  /** `layer`: number of a layer; null: the step has changed nothing. */
  | { readonly key: string; readonly title: string; readonly layer: number | null }
  | { readonly key: string; readonly digest: string; readonly matches: number };

export const CACHE_TYPE = 'application/vnd.berth.buildcache.v1+json';

/** Which records: of every step, or of those whose layers the result has (diff ids). */
export type Chosen = { readonly mode: 'max' } | { readonly mode: 'min'; readonly result: ReadonlySet<string> };

/** Sorted by key: the same cache is the same text. */
export function contentsOf(used: ReadonlyMap<string, CacheRecord>, chosen: Chosen): CacheContents {
  const layers = new Map<string, { readonly index: number; readonly size: number }>();
  const sorted = [...used].filter(([, record]) => isChosen(record, chosen)).sort(([a], [b]) => (a < b ? -1 : 1));
  const records = sorted.map(([key, record]): ContentsRecord => {
    if (record.kind === 'digest') return { key, digest: record.digest, matches: record.matches };
    const { layer, title } = record;
    if (layer === null) return { key, title, layer: null };
    const known = layers.get(layer.diffId) ?? { index: layers.size, size: layer.descriptor.size };
    layers.set(layer.diffId, known);
    return { key, title, layer: known.index };
  });
  return { layers: [...layers].map(([diffId, { size }]) => ({ diffId, size })), records };
}

function isChosen(record: CacheRecord, chosen: Chosen): boolean {
  if (chosen.mode === 'max' || record.kind === 'digest' || record.layer === null) return true;
  return chosen.result.has(record.layer.diffId);
}

const HEX = /^[0-9a-f]{64}$/;
const DIFF_ID = /^sha256:[0-9a-f]{64}$/;
const MAX_RECORDS = 200_000;

/** IMAGE_CONTENT_INVALID when it is not what berth writes. */
export function readContents(text: string, what: string): CacheContents {
  const value = parsed(text, what);
  const layers = listOf(value.layers, what).map((one) => {
    const { diffId, size } = one;
    if (typeof diffId !== 'string' || !DIFF_ID.test(diffId)) throw invalid(what, 'a layer has no digest');
    if (!isCount(size)) throw invalid(what, 'a layer has no size');
    return { diffId, size };
  });
  const records = listOf(value.records, what).map((one) => recordOf(one, layers.length, what));
  return { layers, records };
}

type Json = Readonly<Record<string, unknown>>;

function parsed(text: string, what: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Json;
  } catch {
    /* Said below. */
  }
  throw invalid(what, 'it is no JSON object');
}

function listOf(value: unknown, what: string): Json[] {
  if (!Array.isArray(value) || value.length > MAX_RECORDS) throw invalid(what, 'a list is missing or too long');
  if (!value.every((one) => typeof one === 'object' && one !== null))
    throw invalid(what, 'a list has what is no object');
  return value as Json[];
}

function recordOf({ key, title, layer, digest, matches }: Json, count: number, what: string): ContentsRecord {
  if (typeof key !== 'string' || !HEX.test(key)) throw invalid(what, 'a record has no key');
  if (typeof digest === 'string' && HEX.test(digest) && isCount(matches)) return { key, digest, matches };
  if (typeof title !== 'string') throw invalid(what, 'a record has no title');
  if (layer !== null && !(isCount(layer) && layer < count))
    throw invalid(what, 'a record names a layer that is not there');
  return { key, title: title.slice(0, 400), layer };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

export function invalid(what: string, why: string): BerthError {
  return new BerthError('IMAGE_CONTENT_INVALID', `${what} is no cache of berth: ${why}`, {
    hint: 'write it with --cache-to',
  });
}
