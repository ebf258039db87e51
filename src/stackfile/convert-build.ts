/**
 * `build:` of a service -> how its image is built.
 */
import { BerthError } from '../base/errors.ts';
import { parseCacheFrom, parseCacheTo } from '../model/cache-place.ts';
import type { BuildSecretSource, ServiceBuild } from '../model/service-build.ts';
import {
  absolutePath,
  booleanOr,
  bytesOr,
  type Conversion,
  itemsOf,
  labelsOf,
  mappingOf,
  type Raw,
  rawOf,
  textList,
  textOr,
} from './conversion.ts';
import { convertUlimits } from './convert-resources.ts';

export type BuildSource = {
  readonly raw: Raw;
  readonly top: Raw;
  readonly path: string;
  readonly hostsOf: (raw: Raw, path: string) => Record<string, string[]>;
};

/** null: the service has none. */
export function convertBuild(conversion: Conversion, source: BuildSource): ServiceBuild | null {
  const { build } = source.raw;
  if (build === undefined || build === null) return null;
  const raw: Raw = typeof build === 'object' ? (build as Raw) : { context: build };
  const path = `${source.path}.build`;
  return {
    ...filesOf(raw),
    args: definedOf(raw.args),
    target: textOr(raw.target, null),
    noCache: booleanOr(raw.no_cache, false),
    noCacheFilter: textList(raw.no_cache_filter),
    pull: booleanOr(raw.pull, false),
    network: networkOf(conversion, raw, path),
    labels: labelsOf(raw.labels),
    tags: textList(raw.tags),
    platforms: platformsOf(raw, source.raw),
    secrets: secretsOf(conversion, raw, { top: source.top, path }),
    agents: mappingOf(raw.ssh).map(([id, socket]) => (socket ? `${id}=${socket}` : id)),
    shmBytes: bytesOr(raw.shm_size, null),
    extraHosts: source.hostsOf(raw, path),
    ulimits: convertUlimits(raw),
    cacheFrom: cachesOf(conversion, raw, { path, key: 'cache_from', parse: parseCacheFrom }),
    cacheTo: cachesOf(conversion, raw, { path, key: 'cache_to', parse: parseCacheTo }),
  };
}

/** Paths are absolute already; see resolve-paths.ts. */
function filesOf(raw: Raw): Pick<ServiceBuild, 'context' | 'dockerfile' | 'inline' | 'contexts'> {
  const inline = textOr(raw.dockerfile_inline, null);
  return {
    context: textOr(raw.context, '.'),
    dockerfile: inline === null ? textOr(raw.dockerfile, 'Dockerfile') : null,
    inline,
    contexts: definedOf(raw.additional_contexts),
  };
}

/** A key without a value has found none in the environment. */
function definedOf(value: unknown): Record<string, string> {
  return Object.fromEntries(mappingOf(value).flatMap(([key, inner]) => (inner === null ? [] : [[key, inner]])));
}

function networkOf({ report }: Conversion, raw: Raw, path: string): ServiceBuild['network'] {
  const network = textOr(raw.network, 'default');
  if (network === 'default' || network === 'none' || network === 'host') return network;
  report.error(
    `${path}.network`,
    `"${network}" is no network of a build`,
    'write default, none or host: networks of the stack may not be there yet when its images are built',
  );
  return 'default';
}

function platformsOf(raw: Raw, service: Raw): string[] {
  const own = textList(raw.platforms);
  const wanted = textOr(service.platform, null);
  return own.length > 0 || wanted === null ? own : [wanted];
}

type SecretPlace = { readonly top: Raw; readonly path: string };

function secretsOf(conversion: Conversion, raw: Raw, { top, path }: SecretPlace): BuildSecretSource[] {
  return itemsOf(raw.secrets).flatMap(([index, item]): BuildSecretSource[] => {
    const use = rawOf(typeof item === 'object' ? item : { source: item });
    const name = String(use.source);
    const { file, environment, content } = rawOf(rawOf(top.secrets)[name]);
    const id = textOr(use.target, name);
    if (file !== undefined) return [{ id, from: { kind: 'file', path: absolutePath(conversion, String(file)) } }];
    if (environment !== undefined) return [{ id, from: { kind: 'variable', name: String(environment) } }];
    if (content !== undefined) return [{ id, from: { kind: 'text', text: String(content) } }];
    conversion.report.error(
      `${path}.secrets[${index}]`,
      `the secret ${name} has no value for a build`,
      'give it `file:` or `environment:` at the top',
    );
    return [];
  });
}

type Caches<T> = {
  readonly path: string;
  readonly key: 'cache_from' | 'cache_to';
  readonly parse: (text: string, resolvePath: (path: string) => string) => T;
};

/** Folders are relative to the project. */
function cachesOf<T>(conversion: Conversion, raw: Raw, { path, key, parse }: Caches<T>): T[] {
  return textList(raw[key]).flatMap((text, index) => {
    try {
      return [parse(text, (folder) => absolutePath(conversion, folder))];
    } catch (error) {
      if (!(error instanceof BerthError)) throw error;
      conversion.report.error(`${path}.${key}[${index}]`, error.message, error.hint);
      return [];
    }
  });
}
