/**
 * The part of the Engine that is about volumes, and about files of containers.
 */
import type { Readable } from 'node:stream';
import type { PathStat } from '../runtime/file-trees.ts';

export type VolumeCalls = {
  /** All volumes of this machine, by name. */
  volumes(): Promise<VolumeSummary[]>;
  /** VOLUME_NOT_FOUND with did-you-mean. */
  volumeInspect(name: string): Promise<VolumeInspect>;
  /** One that is there already is returned as it is, unless it has other options: VOLUME_FAILED. */
  volumeCreate(request: VolumeCreateRequest): Promise<VolumeSummary>;
  /** VOLUME_IN_USE names the containers. */
  volumeRemove(name: string): Promise<void>;
  volumePrune(request: VolumePruneRequest): Promise<VolumePruned>;
  /** A tar stream of all that is in it. */
  volumeExport(name: string, signal?: AbortSignal): Promise<Readable>;
  /** Makes the volume when it is not there. VOLUME_FAILED when it is not empty, VOLUME_IN_USE while containers run with it. */
  volumeImport(
    name: string,
    tar: Readable,
    options: { readonly replace: boolean; readonly signal?: AbortSignal },
  ): Promise<VolumeSummary>;
};

export type CopyCalls = {
  /** What a path of a container is; `follow`: when it is a link, what that leads to. `container`: id or name. */
  pathStat(container: string, path: string, follow: boolean): Promise<PathStat>;
  /** A tar stream of its root, without what is mounted there. */
  containerExport(container: string, signal?: AbortSignal): Promise<Readable>;
  copyOut(container: string, request: CopyOutRequest): Promise<Readable>;
  /** Into a folder that is there. */
  copyIn(container: string, request: CopyInRequest): Promise<void>;
};

export type CopyOutRequest = {
  readonly path: string;
  /** First part of all names in the tar stream. */
  readonly name: string;
  readonly follow: boolean;
  readonly signal?: AbortSignal;
};

export type CopyInRequest = {
  readonly path: string;
  readonly tar: Readable;
  /** Owners as the tar stream has them; else all is root's. */
  readonly archive: boolean;
  readonly signal?: AbortSignal;
};

/** Field names of `docker volume inspect`, and who has it. */
export type VolumeSummary = {
  readonly Name: string;
  readonly Driver: 'local';
  readonly Scope: 'local';
  readonly Mountpoint: string;
  readonly CreatedAt: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Options: Readonly<Record<string, string>>;
  /** Names of the containers that have it, running or not. */
  readonly UsedBy: readonly string[];
};

export type VolumeInspect = VolumeSummary & { readonly SizeBytes: number };

export type VolumeCreateRequest = {
  /** Absent: a name is made up. */
  readonly name?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
};

export type VolumePruneRequest = {
  /** Named ones too, not only anonymous. */
  readonly all: boolean;
  /** KEY or KEY=VALUE, all of which it must have, and none of which it may. */
  readonly labels: readonly string[];
  readonly withoutLabels: readonly string[];
};

export type VolumePruned = { readonly VolumesDeleted: readonly string[]; readonly SpaceReclaimed: number };
