/**
 * What the steps of one build share, and what the engine lends to it.
 */
import type { ImageDriver, ImageParts } from '../../image/image.ts';
import type { UserEnvironment } from '../../registry/docker-config.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { InterfaceSpec, OciNamespace, OciProcess } from '../../runtime/spec.ts';
import type { BuildEvent } from '../build.ts';
import type { FileDigests } from '../context/file-digests.ts';
import type { FolderContext } from '../context/folder-context.ts';
import type { PlatformNames } from '../graph/arguments.ts';
import type { VertexId } from '../graph/op.ts';
import type { ProvenanceStore } from '../provenance.ts';
import type { BuildCache } from './build-cache.ts';
import type { Rootfs } from './rootfs.ts';

/** Lent by the engine for as long as it lives. */
export type BuildHost = {
  /** Below the data root, on the file system of the layers. */
  readonly folder: string;
  /** Below the run root, on tmpfs: state folders, secrets. */
  readonly runDir: string;
  readonly executor: string;
  readonly images: ImageDriver;
  readonly runtime: Runtime;
  readonly parentCgroup: string;
  readonly cache: BuildCache;
  readonly digests: FileDigests;
  readonly provenance: ProvenanceStore;
  readonly platform: PlatformNames;
  /** A folder without anything in it. */
  readonly emptyFolder: string;
  /** Config and layers of an image, pulled when it is not here. undefined: there is none. */
  findImage(reference: string, finding: ImageFinding): Promise<ImageParts | undefined>;
  /** Lets a step out into the world; released when it has ended. */
  attach(mode: 'default' | 'none' | 'host', id: string): Promise<StepNetwork>;
  /** Only so many steps run at a time. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
};

export type ImageFinding = {
  /** Ask its registry even when it is here. */
  readonly pull: boolean;
  readonly env: UserEnvironment;
  readonly signal: AbortSignal;
};

export type StepNetwork = {
  readonly namespaces: readonly OciNamespace[];
  readonly interfaces: readonly InterfaceSpec[];
  readonly resolvConf: string;
  /** Address that stands for this machine, for `host-gateway`. */
  readonly gateway: string | null;
  readonly address: string | null;
  release(): Promise<void>;
};

export type BuildSecret = { readonly id: string; readonly value: Buffer };
export type BuildAgent = { readonly id: string; readonly socket: string };

/** One build under way. */
export type Solving = {
  readonly host: BuildHost;
  readonly signal: AbortSignal;
  /** Time of everything that is made. */
  readonly epochS: number;
  /** Empty: the build's own. */
  readonly contexts: ReadonlyMap<string, () => Promise<FolderContext>>;
  readonly secrets: readonly BuildSecret[];
  readonly agents: readonly BuildAgent[];
  readonly extraHosts: Readonly<Record<string, readonly string[]>>;
  readonly shmBytes: number | null;
  readonly memoryBytes: number | null;
  readonly rlimits: OciProcess['rlimits'];
  readonly rootOf: (vertex: VertexId) => Promise<Rootfs>;
  readonly onEvent: (event: BuildEvent) => void;
  /** A folder without anything in it. */
  readonly emptyFolder: string;
};
