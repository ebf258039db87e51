/**
 * What the engine answers with about containers, stacks and itself: plain data.
 */
import type { ProcessRow } from '../runtime/process-list.ts';
import type { ContainerUsage } from '../runtime/runtime.ts';

export type ContainerFilter = {
  readonly stack?: string;
  readonly services?: readonly string[];
  readonly all: boolean;
  /** Leaves out containers of services that the stack no longer has. */
  readonly withoutOrphans?: boolean;
  /** Of these containers only, by name or id, in this order, whatever else the filter says; CONTAINER_NOT_FOUND. */
  readonly names?: readonly string[];
};

export type ContainerState = 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'dead';

/** Field names of `docker compose ps --format json`, plus Pid. */
export type ContainerSummary = {
  readonly ID: string;
  readonly Name: string;
  readonly Project: string;
  readonly Service: string;
  readonly Image: string;
  /** `sha256:...` */
  readonly ImageID: string;
  readonly Command: string;
  readonly State: ContainerState;
  /** For people: `Up 3 minutes (healthy)`, `Exited (137) 2 seconds ago`. */
  readonly Status: string;
  readonly Health: '' | 'starting' | 'healthy' | 'unhealthy';
  readonly ExitCode: number;
  readonly Publishers: readonly Publisher[];
  /** `127.0.0.1:8080->80/tcp, [::1]:8080->80/tcp`. */
  readonly Ports: string;
  readonly Networks: string;
  readonly Labels: string;
  readonly Mounts: string;
  /** Unix seconds. */
  readonly Created: number;
  readonly CreatedAt: string;
  readonly RunningFor: string;
  readonly Replica: number;
  readonly Restarts: number;
  readonly OOMKilled: boolean;
  /** 0 when it does not run. */
  readonly Pid: number;
};

export type Publisher = {
  readonly URL: string;
  readonly TargetPort: number;
  readonly PublishedPort: number;
  readonly Protocol: 'tcp' | 'udp';
};

export type StackSummary = {
  readonly Name: string;
  /** `running(3), exited(1)`. */
  readonly Status: string;
  readonly ConfigFiles: string;
};

export type EngineStatus = {
  readonly Pid: number;
  readonly Version: string;
  readonly ApiVersion: string;
  readonly StartedAt: string;
  readonly DataRoot: string;
  readonly RunRoot: string;
  readonly Stacks: number;
  readonly Containers: number;
  readonly ContainersRunning: number;
  readonly MemoryBytes: number;
};

export type DoctorReport = { readonly ok: boolean; readonly checks: readonly DoctorCheck[] };

export type DoctorCheck = {
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'missing';
  /** What was found: `cgroup v1 (hybrid): cpu, memory, pids`. */
  readonly found: string;
  readonly remedy?: string;
};

export type ContainerProcesses = {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  readonly replica: number;
  readonly processes: readonly ProcessRow[];
};

export type UsageSample = {
  /** Of a clock that only goes forward. */
  readonly atNs: number;
  readonly cpus: number;
  readonly containers: readonly {
    readonly id: string;
    readonly name: string;
    readonly service: string;
    readonly running: boolean;
    readonly usage: ContainerUsage;
  }[];
};

export type EndedContainer = {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  readonly code: number;
  readonly endedAtMs: number;
};

/** Fields and their meaning are docker's. */
export type ContainerInspect = { readonly Id: string; readonly Name: string; readonly [field: string]: unknown };

export type RootChange = { readonly kind: 'added' | 'changed' | 'deleted'; readonly path: string };
