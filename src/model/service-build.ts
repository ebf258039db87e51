/**
 * How a service's image is built: `build:` of the Compose Specification, complete.
 */
import type { CacheFrom, CacheTo } from './cache-place.ts';

export type ServiceBuild = {
  /** Absolute folder, or the URL of a repository. */
  readonly context: string;
  /** Relative to the context, or absolute; null: it is written in the file itself. */
  readonly dockerfile: string | null;
  readonly inline: string | null;
  readonly args: Readonly<Record<string, string>>;
  readonly target: string | null;
  /** Absolute folders, URLs, `docker-image://IMAGE`, `service:NAME`. */
  readonly contexts: Readonly<Record<string, string>>;
  readonly noCache: boolean;
  readonly noCacheFilter: readonly string[];
  readonly pull: boolean;
  readonly network: 'default' | 'none' | 'host';
  readonly labels: Readonly<Record<string, string>>;
  /** Names beside the service's image. */
  readonly tags: readonly string[];
  readonly platforms: readonly string[];
  /** Their values are read when it is built: they are never part of the stack. */
  readonly secrets: readonly BuildSecretSource[];
  /** `default`, or ID=SOCKET. */
  readonly agents: readonly string[];
  readonly shmBytes: number | null;
  readonly extraHosts: Readonly<Record<string, readonly string[]>>;
  readonly ulimits: Readonly<Record<string, { readonly soft: number; readonly hard: number }>>;
  readonly cacheFrom: readonly CacheFrom[];
  readonly cacheTo: readonly CacheTo[];
};

export type BuildSecretSource = {
  readonly id: string;
  readonly from:
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'variable'; readonly name: string }
    | { readonly kind: 'text'; readonly text: string };
};
