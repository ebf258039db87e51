/**
 * The image driver's face towards the engine.
 *
 * Owns the types of what is stored; store.ts and host-image.ts implement them.
 * Names and meaning: OCI image-spec (config), Docker's reference grammar.
 */
import type { Readable } from 'node:stream';
import type { FinishedLayer } from './adopt-layer.ts';
import type { OciHealthcheck, OciImage } from './image-config.ts';
import type { Leases } from './leases.ts';
import type { LoadedImage, LoadOptions } from './load.ts';
import type { AddLayerOptions, MadeImage, MakeImage } from './make-image.ts';
import type { PrunedImages, PruneOptions } from './prune.ts';
import type { PulledImage, PullOptions } from './pull.ts';
import type { PushedImage, PushOptions } from './push.ts';
import type { Artifact } from './push-artifact.ts';
import type { StoredLayer } from './stage-layer.ts';

export type ImageDriver = {
  open(): Promise<void>;
  /** The image of a reference, ready to be mounted; undefined when it is not in the store. `host` is made on the spot. */
  resolve(reference: string): Promise<ResolvedImage | undefined>;
  /** Makes a one-layer image of a root filesystem tar (plain, gzip or zstd). IMAGE_ARCHIVE_INVALID leaves nothing behind. */
  importRootfs(archive: Readable, name: string, options?: ImportOptions): Promise<ImageSummary>;
  list(): Promise<ImageSummary[]>;
  /** IMAGE_NOT_FOUND with did-you-mean. Manifest, config and paths as data. */
  inspect(reference: string): Promise<ImageInspect>;
  /** Removes content that no name leads to and no lease holds. */
  sweep(): Promise<void>;
  /** Drops the name, and content that no other name needs. `inUse` are image ids of containers: IMAGE_IN_USE. */
  remove(reference: string, inUse: ReadonlySet<string>): Promise<RemovedImage>;
  /** Keeps these names from prune() and remove() until what it returns is called: no container has them yet. */
  hold(references: readonly string[]): () => void;
  /** Content that no name leads to and nobody holds. */
  removeUnnamed(): Promise<void>;

  /** Stores and unpacks a tar, kept by a lease. See make-image.ts. */
  addLayer(tar: Readable, options: AddLayerOptions): Promise<StoredLayer>;
  /** The same for a layer that lies ready: moved in, not copied. */
  adoptLayer(layer: FinishedLayer): Promise<StoredLayer>;
  /** Where the tar of a layer is written before adoptLayer(). */
  newLayerPath(): string;
  /** Folder and archive are both there. */
  hasLayer(layer: StoredLayer): boolean;
  blobPath(digest: string): string;
  /** An image of layers that are there. IMAGE_REFERENCE_INVALID for a name that can not be given. */
  makeImage(request: MakeImage): Promise<MadeImage>;
  /** Config and layers of an image, for one that is made of it; undefined when it is not in the store. Not for `host`. */
  parts(reference: string): Promise<ImageParts | undefined>;
  /** Folders of layers for overlayfs, topmost first; the layers are given lowest first. */
  lowersOf(layers: readonly StoredLayer[]): readonly string[];
  readonly leases: Leases;

  /** Gives an image another name, which may have meant another image before. */
  tag(source: string, target: string): Promise<ImageSummary>;
  /** How it was made, newest step first. */
  history(reference: string): Promise<HistoryEntry[]>;
  /** An archive for docker, podman, skopeo and berth. */
  save(references: readonly string[]): Promise<Readable>;
  load(archive: Readable, options: LoadOptions): Promise<LoadedImage[]>;
  push(reference: string, options: PushOptions): Promise<PushedImage>;
  /** Sends something that is no image; the layers are of this store. */
  pushArtifact(reference: string, artifact: Artifact, options: PushOptions): Promise<void>;
  prune(options: Omit<PruneOptions, 'running' | 'isHeld'>): Promise<PrunedImages>;
  /** Bytes on disk of all images together. */
  diskBytes(): Promise<number>;
  /** When an image was last compared with its registry; undefined when it is not in the store, or only for another platform. */
  stored(reference: string, platform?: string): Promise<StoredState | undefined>;
  /** Fetches an image of a registry. IMAGE_NOT_FOUND, IMAGE_PLATFORM_MISSING, IMAGE_CONTENT_INVALID, REGISTRY_*, DISK_FULL. */
  pull(reference: string, options: PullOptions): Promise<PulledImage>;
};

export type HistoryEntry = {
  readonly createdAt: string;
  readonly createdBy: string;
  readonly comment: string;
  /** Of its layer as it is stored; null: it made none. */
  readonly layer: string | null;
  readonly sizeBytes: number;
  /** Of a step that was built here. `cached`: null when nothing was run for it. */
  readonly origin?: { readonly dockerfile: string; readonly line: number; readonly cached: boolean | null };
};

/** null: it never came from a registry. */
export type StoredState = { readonly pulledAtMs: number | null };

export type ImageParts = { readonly id: string; readonly image: OciImage; readonly layers: readonly StoredLayer[] };

export type ImportOptions = {
  readonly signal?: AbortSignal;
  readonly onProgress?: (bytes: number) => void;
  readonly config?: Partial<ImageConfig>;
  /** Dockerfile instructions; see change-config.ts. */
  readonly changes?: readonly string[];
  readonly message?: string;
  /** `linux/arm64`; undefined: this machine's. */
  readonly platform?: string;
};

export type ResolvedImage = {
  /** Digest of the config, `sha256:...`; for `host` a digest of what it is made of. */
  readonly id: string;
  /** Canonical: `docker.io/library/redis:7`, or `host`. */
  readonly reference: string;
  readonly config: ImageConfig;
  /** Unpacked layers, topmost first. */
  readonly lowers: readonly string[];
  /** Folders of this machine that are bound read-only into the root (`host` only). */
  readonly binds: readonly { readonly source: string; readonly target: string }[];
};

export type ImageConfig = {
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly workingDir: string;
  readonly user: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly exposedPorts: readonly string[];
  readonly volumes: readonly string[];
  readonly stopSignal: string | null;
  readonly healthcheck: OciHealthcheck | null;
};

export type ImageSummary = {
  readonly id: string;
  /** As people write it: `redis:7`, `host`. */
  readonly names: readonly string[];
  /** What the registry it came from means by the name; null: it came from none. */
  readonly sourceDigest: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdAt: string;
  readonly sizeBytes: number;
};

export type ImageInspect = ImageSummary & {
  readonly config: ImageConfig;
  readonly architecture: string;
  readonly os: string;
  /** Of the manifest: what a registry knows it by. Not of `host`. */
  readonly digest?: string;
  /** `host`: it stands on this machine's own root, which no archive and no registry gets. */
  readonly base?: string;
  readonly layers: readonly { readonly digest: string; readonly diffId: string; readonly sizeBytes: number }[];
};

export type RemovedImage = { readonly untagged: readonly string[]; readonly deleted: readonly string[] };
