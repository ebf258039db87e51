/**
 * The engine's calls that concern images and registries; part of `Engine`.
 */
import type { PulledImage } from '../image/pull.ts';
import type { LayerProgress } from '../image/pull-layer.ts';
import type { UserEnvironment } from '../registry/docker-config.ts';
import type { Watch } from './engine.ts';

export type ImageCalls = {
  /** Fetches an image; what is there already is not fetched again. */
  imagePull(request: PullRequest, watch?: Watch): Promise<PulledImage>;
};

/** `env`: of the person who asks: proxies, Docker's configuration, credential helpers. */
type AsUser = { readonly env: UserEnvironment };

export type PullRequest = AsUser & { readonly image: string; readonly platform?: string };

export type PullEvent = LayerProgress & {
  readonly type: 'layer-progress';
  readonly image: string;
  /** Digest of its blob. */
  readonly layer: string;
  readonly total: number;
};
