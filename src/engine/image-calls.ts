/**
 * The engine's calls that concern images and registries; part of `Engine`.
 */
import type { Readable } from 'node:stream';
import type { Provenance } from '../build/provenance.ts';
import type { HistoryEntry, ImageInspect, ImageSummary, ImportOptions } from '../image/image.ts';
import type { LoadedImage } from '../image/load.ts';
import type { PrunedImages } from '../image/prune.ts';
import type { PulledImage } from '../image/pull.ts';
import type { LayerProgress } from '../image/pull-layer.ts';
import type { PushedImage, PushProgress } from '../image/push.ts';
import type { UserEnvironment } from '../registry/docker-config.ts';
import type { Watch } from './engine.ts';

/** `build`: how it was built, when that was here. */
export type InspectedImage = ImageInspect & { readonly build?: Provenance };

export type ImageCalls = {
  /** Fetches an image; what is there already is not fetched again. */
  imagePull(request: PullRequest, watch?: Watch): Promise<PulledImage>;
  imagePush(request: PushRequest, watch?: Watch): Promise<PushedImage>;
  imageTag(request: { readonly source: string; readonly target: string }): Promise<ImageSummary>;
  imageHistory(reference: string): Promise<HistoryEntry[]>;
  /** One archive of several images. */
  imageSave(references: readonly string[], signal?: AbortSignal): Promise<Readable>;
  imageLoad(archive: Readable, request: LoadRequest, watch?: Watch): Promise<LoadedImage[]>;
  /** Images that containers were made of always stay. */
  imagePrune(request: ImagePruneRequest): Promise<PrunedImages>;
  diskUsage(): Promise<DiskUsage>;
  /** The same one by one. */
  diskDetails(): Promise<DiskDetails>;
};

/** `env`: of the person who asks: proxies, Docker's configuration, credential helpers. */
type AsUser = { readonly env: UserEnvironment };

export type PullRequest = AsUser & { readonly image: string; readonly platform?: string };
export type PushRequest = AsUser & { readonly image: string };
export type LoadRequest = { readonly name?: string; readonly replace?: boolean };

export type ImportRequest = Pick<ImportOptions, 'changes' | 'message' | 'platform'> & { readonly name: string };

export type ImagePruneRequest = {
  /** Also images with a name that no container uses. */
  readonly all: boolean;
  readonly untilMs?: number;
  readonly labels?: readonly string[];
  readonly withoutLabels?: readonly string[];
};

export type DiskUsage = {
  readonly images: {
    readonly total: number;
    readonly active: number;
    readonly bytes: number;
    readonly reclaimableBytes: number;
  };
  readonly containers: {
    readonly total: number;
    readonly active: number;
    readonly bytes: number;
    readonly reclaimableBytes: number;
  };
  /** Of stacks; what could be freed is that of containers that are gone. */
  readonly logs: {
    readonly total: number;
    readonly active: number;
    readonly bytes: number;
    readonly reclaimableBytes: number;
  };
  readonly volumes: {
    readonly total: number;
    readonly active: number;
    readonly bytes: number;
    readonly reclaimableBytes: number;
  };
};

/** Layers that images share count for each of them. */
export type DiskDetails = {
  readonly images: readonly {
    readonly names: readonly string[];
    readonly id: string;
    readonly createdAt: string;
    readonly bytes: number;
    /** How many containers were made of it. */
    readonly containers: number;
  }[];
  readonly containers: readonly {
    readonly name: string;
    readonly image: string;
    readonly isRunning: boolean;
    readonly bytes: number;
  }[];
  readonly volumes: readonly { readonly name: string; readonly bytes: number; readonly users: number }[];
};

export type PullEvent = (LayerProgress | PushProgress) & {
  readonly type: 'layer-progress';
  readonly image: string;
  /** Digest of its blob. */
  readonly layer: string;
  readonly total: number;
};
