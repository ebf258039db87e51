/**
 * A reference to stack files of another machine -> a folder of this one, fetched once for each commit or digest.
 *
 * Nothing is asked of a server that the person has not agreed to: before the
 * first contact, and again when a known repository has something new.
 */
import { BerthError } from '../base/errors.ts';
import { fetchCommit, findCommit } from './fetch-git.ts';
import { fetchArtifact, findDigest } from './fetch-oci.ts';
import { type SourceCache, sourceCache } from './source-cache.ts';
import { type GitSource, type OciSource, parseSource } from './source-reference.ts';

export type SourceOptions = {
  readonly dataRoot: string;
  /** Of the person who asks: keys, proxies, credentials. */
  readonly env: NodeJS.ProcessEnv;
  /** Throws when the person does not want it. `version` is the new commit or digest, where it is known. */
  readonly consent: (title: string, version: string | undefined) => Promise<void>;
  /** What the reference meant the last time is enough: nothing is asked of a server then. */
  readonly lastIsEnough?: boolean;
  readonly limitMs?: number;
};

/** `path` is the file or folder of `root` that was asked for; nothing outside of `root` is meant to be read. */
export type FetchedSource = { readonly root: string; readonly path: string; readonly title: string };

const LIMIT_MS = 120_000;

/** SOURCE_FAILED, IMAGE_REFERENCE_INVALID, those of registries, and what `consent` throws. */
export async function fetchSource(reference: string, options: SourceOptions): Promise<FetchedSource> {
  const source = parseSource(reference);
  const cache = sourceCache(options.dataRoot);
  const way = source.kind === 'git' ? gitWay(source, options) : ociWay(source, options);
  const found = (root: string): FetchedSource => ({
    root,
    path: source.kind === 'git' ? source.path : '',
    title: source.title,
  });

  const before = await versionAtHand(reference, way, cache, options.lastIsEnough === true);
  const kept = before === undefined ? undefined : cache.find(way.folders, before);
  if (kept !== undefined) return found(kept);
  const isKnown = cache.knows(way.folders);
  if (!isKnown) await options.consent(source.title, way.fixed);
  const version = way.fixed ?? (await versionNow(reference, way, cache));
  const old = cache.find(way.folders, version);
  if (old === undefined && isKnown) await options.consent(source.title, version);
  const root = old ?? (await cache.add(way.folders, version, (work) => way.fetch(version, work)));
  await cache.remember(reference, version);
  return found(root);
}

/** Without the other machine there is still what was fetched, by its own name: the hint says so. */
async function versionNow(reference: string, way: Way, cache: SourceCache): Promise<string> {
  try {
    return await way.ask();
  } catch (error) {
    const last = await cache.last(reference);
    const isKept = last !== undefined && cache.find(way.folders, last) !== undefined;
    throw error instanceof BerthError && isKept ? withLast(error, last) : error;
  }
}

function withLast(error: BerthError, last: string): BerthError {
  const name = last.length === 40 ? `#${last}` : `@sha256:${last}`;
  return new BerthError(error.code, error.message, {
    cause: error,
    hint: `it was at ${last} the last time: with ${name} instead of the branch or tag, that is used without the network`,
  });
}

type Way = {
  readonly folders: readonly string[];
  /** The reference itself says the commit or digest. */
  readonly fixed: string | undefined;
  ask(): Promise<string>;
  fetch(version: string, work: { readonly files: string; readonly scratch: string }): Promise<void>;
};

function gitWay(source: GitSource, { env, limitMs }: SourceOptions): Way {
  const run = () => ({ source, env, signal: limit(limitMs) });
  return {
    folders: ['git', ...source.folders],
    fixed: /^[0-9a-f]{40}$/.test(source.ref) ? source.ref : undefined,
    ask: async () => await findCommit(run()),
    fetch: async (commit, work) => await fetchCommit(run(), commit, work),
  };
}

function ociWay(source: OciSource, { env, limitMs }: SourceOptions): Way {
  const asking = () => ({ source, env, signal: limit(limitMs) });
  const { domain, path, digest } = source.name;
  const versionOf = (text: string) => text.replace('sha256:', '');
  return {
    folders: ['oci', ...[domain, ...path.split('/')].map(encodeURIComponent)],
    fixed: digest === undefined ? undefined : versionOf(digest),
    ask: async () => versionOf(await findDigest(asking())),
    fetch: async (version, { files }) => await fetchArtifact(asking(), `sha256:${version}`, files),
  };
}

/** From now on: not while a person thinks about the question. */
function limit(limitMs = LIMIT_MS): AbortSignal {
  return AbortSignal.timeout(limitMs);
}

async function versionAtHand(reference: string, way: Way, cache: SourceCache, lastIsEnough: boolean) {
  return way.fixed ?? (lastIsEnough ? await cache.last(reference) : undefined);
}
