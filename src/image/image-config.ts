/**
 * The OCI image config <-> what the engine needs of it.
 *
 * OCI image-spec, config.md. Unknown parts of a config are kept in its blob
 * and never interpreted.
 */
import type { ImageConfig } from './image.ts';

/** Property of a config whose image stands on `host`; image-spec: readers ignore what they do not know. */
export const HOST_BASE = 'dev.berth.base';

/** Property of a config that says which build steps its layers are of (`cache_to: type=inline`). */
export const CACHE_IN_CONFIG = 'dev.berth.build-cache';

export type OciImage = {
  readonly [HOST_BASE]?: string;
  readonly [CACHE_IN_CONFIG]?: unknown;
  readonly created?: string;
  readonly author?: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly os: string;
  readonly config?: {
    readonly Env?: readonly string[] | null;
    readonly Entrypoint?: readonly string[] | null;
    readonly Cmd?: readonly string[] | null;
    readonly WorkingDir?: string;
    readonly User?: string;
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly ExposedPorts?: Readonly<Record<string, unknown>> | null;
    readonly Volumes?: Readonly<Record<string, unknown>> | null;
    readonly StopSignal?: string;
    readonly Healthcheck?: OciHealthcheck | null;
    readonly OnBuild?: readonly string[] | null;
    readonly Shell?: readonly string[] | null;
  };
  readonly history?: readonly OciHistory[];
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly string[] };
};

/** Times in nanoseconds; 0 and absent mean the default. `Test` empty: that of the image below. */
export type OciHealthcheck = {
  readonly Test?: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  readonly Retries?: number;
};

/** One step that made an image; `empty_layer`: it made no layer. */
export type OciHistory = {
  readonly created?: string;
  readonly created_by?: string;
  readonly author?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
};

export function readImageConfig({ config = {} }: OciImage): ImageConfig {
  return {
    env: config.Env ?? [],
    entrypoint: config.Entrypoint ?? [],
    cmd: config.Cmd ?? [],
    workingDir: config.WorkingDir || '/',
    user: config.User ?? '',
    labels: config.Labels ?? {},
    exposedPorts: Object.keys(config.ExposedPorts ?? {}),
    volumes: Object.keys(config.Volumes ?? {}),
    stopSignal: config.StopSignal ?? null,
    healthcheck: config.Healthcheck ?? null,
  };
}

/** The config of an image that is made of a root filesystem. */
export function ociImageOf(config: Partial<ImageConfig>, created: string): Omit<OciImage, 'rootfs'> {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  return {
    created,
    architecture,
    os: 'linux',
    config: {
      Env: config.env ?? ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      Entrypoint: config.entrypoint ?? [],
      Cmd: config.cmd ?? ['/bin/sh'],
      WorkingDir: config.workingDir ?? '/',
      User: config.user ?? '',
      Labels: config.labels ?? {},
    },
  };
}
