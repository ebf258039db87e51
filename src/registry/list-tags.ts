/**
 * What a registry has: the tags of a repository, its repositories, what Docker Hub finds for a word.
 *
 * OCI distribution-spec, "Listing Tags"; Docker's _catalog; Docker Hub's search.
 */
import { BerthError } from '../base/errors.ts';
import { textOf } from './authorize.ts';
import type { RegistryClient } from './client.ts';
import { openRegistry, type RegistryOptions } from './registry.ts';

export type FoundImage = {
  readonly name: string;
  readonly description: string;
  readonly stars: number;
  readonly official: boolean;
};

const MAX_BYTES = 8 * 1024 * 1024;
const MAX_PAGES = 1000;
const HUB_SEARCH = 'index.docker.io';

/** All tags, in the registry's order. */
export async function listTags(domain: string, repository: string, options: RegistryOptions): Promise<string[]> {
  return await withRegistry(domain, options, (client) =>
    pages(client, { path: `/v2/${repository}/tags/list`, scope: `repository:${repository}:pull`, key: 'tags' }),
  );
}

/** Repositories whose name has the word in it; most public registries do not tell them. */
export async function searchCatalog(domain: string, word: string, options: RegistryOptions): Promise<FoundImage[]> {
  const names = await withRegistry(domain, options, (client) =>
    pages(client, { path: '/v2/_catalog', scope: 'registry:catalog:*', key: 'repositories' }),
  );
  return names
    .filter((name) => name.includes(word))
    .map((name) => ({ name: `${domain}/${name}`, description: '', stars: 0, official: false }));
}

/** Docker Hub's answer, best first. */
export async function searchHub(word: string, limit: number, options: RegistryOptions): Promise<FoundImage[]> {
  return await withRegistry(HUB_SEARCH, options, async (client) => {
    const query = new URLSearchParams({ q: word, n: String(limit) });
    const answer = await client.ask({ method: 'GET', path: `/v1/search?${query}`, scope: '' });
    const { results } = parsed(await textOf(answer, MAX_BYTES), HUB_SEARCH) as { results?: unknown };
    return (Array.isArray(results) ? results : []).flatMap(foundImage);
  });
}

function foundImage(value: Readonly<Record<string, unknown>> | null): FoundImage[] {
  if (typeof value?.name !== 'string') return [];
  return [
    {
      name: value.name.replace(/[^\x20-\x7e]+/g, ' '),
      description: String(value.description ?? '').replace(/[^\x20-\x7e]+/g, ' '),
      stars: Number(value.star_count ?? 0),
      official: value.is_official === true,
    },
  ];
}

async function withRegistry<T>(
  domain: string,
  options: RegistryOptions,
  ask: (client: RegistryClient) => Promise<T>,
): Promise<T> {
  const registry = await openRegistry(domain, options);
  try {
    return await ask(registry.main);
  } finally {
    registry.close();
  }
}

type Pages = { readonly path: string; readonly scope: string; readonly key: 'tags' | 'repositories' };

async function pages(client: RegistryClient, { path, scope, key }: Pages): Promise<string[]> {
  const all: string[] = [];
  let next: string | undefined = `${path}?n=1000`;
  for (let page = 0; next !== undefined; page++) {
    if (page >= MAX_PAGES) throw endless(client);
    const answer = await client.ask({ method: 'GET', path: next, scope });
    const value = parsed(await textOf(answer, MAX_BYTES), client.endpoint.base) as Readonly<Record<string, unknown>>;
    const names = value[key];
    if (Array.isArray(names)) all.push(...names.filter((name) => typeof name === 'string'));
    const asked: string = next;
    next = nextPath(answer.headers.link, client, path);
    if (next === asked) throw endless(client);
  }
  return all;
}

function endless({ endpoint }: RegistryClient): BerthError {
  return new BerthError('REGISTRY_FAILED', `${endpoint.base} lists without an end`);
}

/** `Link: </v2/...?last=x&n=1000>; rel="next"`, of the same registry and list only. */
function nextPath(link: string | string[] | undefined, client: RegistryClient, path: string): string | undefined {
  const target = /<([^>]*)>\s*;\s*rel="?next"?/.exec(String(link ?? ''))?.[1];
  if (target === undefined) return undefined;
  const base = client.urlOf(path);
  if (!URL.canParse(target, base.href)) return undefined;
  const url = new URL(target, base.href);
  return url.origin === base.origin && url.pathname === base.pathname ? `${path}${url.search}` : undefined;
}

function parsed(text: string, who: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    /* Said below. */
  }
  throw new BerthError('REGISTRY_FAILED', `${who} answered with something that is no JSON object`);
}
