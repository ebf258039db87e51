/**
 * The runtime's face towards the engine.
 *
 * Owns the types of what runs; the bundled runtime (bundled.ts) implements
 * them with the executor. Nothing here knows what a service is.
 */
import { BerthError, type ErrorCode } from '../base/errors.ts';
import type { FileTrees } from './file-trees.ts';
import type { Replugging } from './network-ops.ts';
import type { OpenedOptions } from './opened.ts';
import type { ProcessRow } from './process-list.ts';
import type { ContainerSpec, ExecSpec, ExitRecord, InterfaceSpec, OciResources } from './spec.ts';

export type Runtime = {
  /** Starts the launcher and makes the parent cgroups; ENGINE_BUSY when another engine holds the lock file. */
  open(): Promise<void>;
  /** Ends the launcher; containers run on. */
  close(): Promise<void>;
  /**
   * Starts a container: resolves when its program has been exec'd (with `awaitAttach`: when an attach may be made;
   * `started` resolves later). Rejects with ContainerStartError, everything undone.
   */
  start(spec: ContainerSpec): Promise<RunningContainer>;
  /** Finds out what became of a container whose state folder is given: after a restart of the engine. */
  adopt(stateDir: string, cgroup: string): Promise<Adopted>;
  exec(container: RunningContainer, spec: ExecSpec): Promise<RunningExec>;
  /** Takes interfaces from a living network namespace, gives it others, and sets its default routes. */
  replug(netnsPath: string, replugging: Replugging): Promise<void>;
  /**
   * Gives interfaces to a network namespace that lives, in place of any of the same name there; the file of the
   * namespace is `netnsPath`. Rejects with ContainerStartError.
   */
  connect(netnsPath: string, interfaces: readonly InterfaceSpec[]): Promise<void>;
  /** Resolves once something in its network namespace listens on each TCP port; rejects with ABORTED. */
  untilListening(container: RunningContainer, ports: readonly number[], signal: AbortSignal): Promise<void>;
  /**
   * Which files a container that was started with `noteOpens` opens and writes below those mounts, from its start on.
   * Resolves when it has ended, or the signal came; a text: why nothing can be told.
   */
  readOpened(options: OpenedOptions): Promise<string | undefined>;
  /** Copies of files in and out of a root. */
  readonly trees: FileTrees;
  pause(cgroup: string): Promise<void>;
  unpause(cgroup: string): Promise<void>;
  /** Does it stand still? false for a group that is gone. */
  isPaused(cgroup: string): Promise<boolean>;
  /** New limits for a running container's group. */
  limit(cgroup: string, resources: OciResources): Promise<void>;
  processes(cgroup: string): Promise<ProcessRow[]>;
  /** Counters of a group; `pid` is one of its processes, for its network's. */
  usage(cgroup: string, pid: number): Promise<ContainerUsage>;
  /** Kills what is left in the cgroup and removes it in every hierarchy; nothing to do is fine. */
  removeCgroup(cgroup: string): Promise<void>;
  /** Cgroups of this engine that exist below its parent: what recovery compares with its records. */
  listCgroups(): Promise<string[]>;
};

/** Counters since the container's start; rates are the difference of two. */
export type ContainerUsage = {
  readonly cpuNs: number;
  readonly memoryBytes: number;
  /** The machine's memory when there is no limit. */
  readonly memoryLimitBytes: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly pids: number;
};

export type RunningContainer = {
  /** PID 1 in the host's pid namespace; never signalled by number, only through the monitor's pidfd. */
  readonly pid: number;
  readonly startTime: number;
  readonly startedAt: string;
  /** Resolves once: with the exit record, or code null when the monitor was killed. */
  readonly exited: Promise<ExitRecord>;
  /** With awaitAttach: resolves when the program has been exec'd, rejects as start() does. */
  readonly started: Promise<void>;
  onOom(listener: () => void): void;
  signal(signal: number): Promise<void>;
  signalAll(signal: number): Promise<void>;
  resize(rows: number, cols: number): Promise<void>;
  /** stdin to write; output as Docker's 8-byte-header stream (types 1, 2), then type 3 = exit record text. */
  attach(): Promise<AttachStream>;
};

/** Raw frames of docs/executor.md ("ctl.sock: frames"). */
export type AttachStream = {
  readonly onFrame: (listener: (frame: AttachFrame) => void) => void;
  write(data: Buffer): void;
  endStdin(): void;
  resize(rows: number, cols: number): void;
  signal(signal: number): void;
  /** Output waits in the monitor until resume(); past its bound the program waits too. */
  pause(): void;
  resume(): void;
  close(): void;
};

export type AttachFrame =
  | { readonly kind: 'stdout' | 'stderr'; readonly data: Buffer }
  | { readonly kind: 'exit'; readonly exit: ExitRecord }
  | { readonly kind: 'closed' };

export type RunningExec = {
  readonly attach: AttachStream | null;
  readonly exited: Promise<ExitRecord>;
  /** Rejects with COMMAND_NOT_FOUND and the like. */
  readonly started: Promise<void>;
};

export type Adopted =
  | { readonly kind: 'running'; readonly container: RunningContainer }
  | { readonly kind: 'exited'; readonly exit: ExitRecord }
  /** Never started, or the monitor was killed: what it ran is gone or must be killed by its cgroup. */
  | { readonly kind: 'lost' };

/** A start that failed at one op; `origin` is that of the spec's part the op was made for. */
export class ContainerStartError extends BerthError {
  readonly origin: string | undefined;
  readonly errno: string;

  constructor(
    code: ErrorCode,
    message: string,
    options: { origin?: string; errno: string; hint?: string; cause?: unknown },
  ) {
    super(code, message, { hint: options.hint, cause: options.cause });
    this.origin = options.origin;
    this.errno = options.errno;
  }
}
