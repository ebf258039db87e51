/**
 * The one interface to berth's engine.
 *
 * `engine/local.ts` implements it in the engine's process, `api/client.ts`
 * over the unix socket; a command cannot tell them apart. Everything is plain
 * data but for callbacks, signals and streams.
 */
import type { Readable } from 'node:stream';
import type { Diagnostic, ErrorData } from '../base/errors.ts';
import type { BuildEvent, BuildRequest, BuildResult } from '../build/build.ts';
import type { CacheEntry } from '../build/solve/build-cache.ts';
import type { ImageSummary, RemovedImage } from '../image/image.ts';
import type { Provider } from '../model/provider.ts';
import type { PullPolicy } from '../model/pull-policy.ts';
import type { Resources } from '../model/resources.ts';
import type { Positions, RestartPolicy, SecretValues, Stack } from '../model/stack.ts';
import type { UserEnvironment } from '../registry/docker-config.ts';
import type {
  ContainerFilter,
  ContainerInspect,
  ContainerProcesses,
  ContainerSummary,
  DoctorReport,
  EndedContainer,
  EngineStatus,
  RootChange,
  StackSummary,
  UsageSample,
} from './answers.ts';
import type { CopyCalls, VolumeCalls } from './copy-calls.ts';
import type { Desired } from './desired.ts';
import type { Caller, HistoryEvent } from './history/event.ts';
import type { WhyLink } from './history/why.ts';
import type { ImageCalls, ImportRequest, InspectedImage, PullEvent } from './image-calls.ts';
import type { LogPruneRequest, LogsPruned } from './logs/retain.ts';
import type { NetworkCalls } from './networks/network-requests.ts';
import type { Plan, Step } from './plan.ts';
import type { Receipt } from './receipts.ts';
import type { WatchCalls } from './watching/watch-calls.ts';

export type Engine = StackCalls & ImageCalls & NetworkCalls & VolumeCalls & CopyCalls & WatchCalls;

type StackCalls = {
  status(): Promise<EngineStatus>;
  /** Ends the engine's process; containers, logs and published IPv4 ports go on. */
  stop(): Promise<void>;
  doctor(): Promise<DoctorReport>;

  /** What up() would do now; changes nothing. */
  plan(request: UpRequest): Promise<Plan>;
  up(request: UpRequest, watch?: Watch): Promise<UpResult>;
  /** The same `up` once more, when that changes nothing and is known by its key; else null, and nothing was done. */
  upAgain(request: UpAgainRequest): Promise<UpResult | null>;
  down(request: DownRequest, watch?: Watch): Promise<DownResult>;
  start(request: StartRequest, watch?: Watch): Promise<StackActionResult>;
  stopServices(request: StopRequest, watch?: Watch): Promise<StackActionResult>;
  restart(request: RestartRequest, watch?: Watch): Promise<StackActionResult>;
  kill(request: KillRequest): Promise<StackActionResult>;
  pause(request: ServicesRequest, watch?: Watch): Promise<StackActionResult>;
  unpause(request: ServicesRequest, watch?: Watch): Promise<StackActionResult>;
  /** Removes containers that do not run (with `stop`: all) and keeps networks and named volumes. */
  remove(request: RemoveRequest, watch?: Watch): Promise<StackActionResult>;

  /** Running and stopped stacks known to the engine. */
  stacks(): Promise<StackSummary[]>;
  /** Containers of one stack, or of all; exited ones only with `all`. */
  containers(filter: ContainerFilter): Promise<ContainerSummary[]>;
  /** Resolves when containers have ended for good. */
  waitExit(request: WaitExitRequest, signal: AbortSignal): Promise<EndedContainer[]>;
  processes(request: ContainersRequest): Promise<ContainerProcesses[]>;
  usage(request: ContainersRequest): Promise<UsageSample>;
  /** Resolves when no container of these services runs any more; used by attached up. */
  waitStopped(request: ServicesRequest, signal: AbortSignal): Promise<ContainerSummary[]>;

  /**
   * Whole CRI log lines in order of time for each container, after what there is to read of; with `follow` it ends
   * when nothing is left to follow.
   */
  logs(request: LogsRequest, signal: AbortSignal): AsyncIterable<LogItem>;
  /** Removes logs of containers that are gone. */
  logsPrune(request: LogPruneRequest): Promise<LogsPruned>;
  /** What happened, oldest first; with `follow` also what happens from now on, until the signal. */
  events(request: EventsRequest, signal: AbortSignal): AsyncIterable<HistoryEvent>;
  /** Why a service is as it is: the last thing that happened to it, and what led to that. */
  why(request: WhyRequest): Promise<WhyAnswer>;
  exec(request: ExecRequest): Promise<Session>;
  run(request: RunRequest): Promise<Session>;
  /** The terminal or pipes of a container that runs; the end of the session ends nothing. */
  attach(request: AttachRequest): Promise<Session>;
  /** Starts a container that exists, with a session on it from its first byte on. */
  startAttached(request: StartAttachedRequest): Promise<Session>;

  /** In docker's shape; CONTAINER_NOT_FOUND. */
  inspectContainers(names: readonly string[]): Promise<ContainerInspect[]>;
  renameContainer(request: RenameRequest): Promise<void>;
  updateContainers(request: UpdateRequest): Promise<void>;
  commitContainer(request: CommitRequest): Promise<{ readonly id: string }>;
  containerChanges(name: string): Promise<RootChange[]>;
  /** Bytes that containers wrote into their roots, by id. */
  containerSizes(names: readonly string[]): Promise<Readonly<Record<string, number>>>;

  /** Makes an image of a Dockerfile. DOCKERFILE_INVALID, BUILD_FAILED, IMAGE_NOT_FOUND. */
  build(request: BuildRequest, watch?: Watch): Promise<BuildResult>;
  /** What is doubtful about a Dockerfile; runs nothing. */
  buildCheck(request: BuildRequest): Promise<Diagnostic[]>;
  /** Steps that builds need not repeat, last used first. */
  buildCache(): Promise<CacheEntry[]>;
  /** Forgets the least recently used until at most that many bytes are kept; bytes that were freed. */
  buildPrune(keepBytes: number): Promise<number>;

  images(): Promise<ImageSummary[]>;
  imageInspect(reference: string): Promise<InspectedImage>;
  imageRemove(reference: string): Promise<RemovedImage>;
  imageImport(archive: Readable, request: ImportRequest, watch?: Watch): Promise<ImageSummary>;
};

/** Progress out, Ctrl-C in. An abort lets running steps end, starts no further one and rejects with ABORTED. */
export type Watch = { readonly signal?: AbortSignal; readonly onEvent?: (event: EngineEvent) => void };

export type EngineEvent =
  | { readonly type: 'plan'; readonly plan: Plan }
  | { readonly type: 'step-started'; readonly step: number; readonly atMs: number }
  | { readonly type: 'step-progress'; readonly step: number; readonly text: string }
  | { readonly type: 'step-done'; readonly step: number; readonly ms: number; readonly note?: string }
  | { readonly type: 'step-failed'; readonly step: number; readonly ms: number; readonly error: ErrorData }
  | { readonly type: 'step-skipped'; readonly step: number; readonly because: string }
  | { readonly type: 'notice'; readonly level: 'info' | 'warning'; readonly text: string }
  | PullEvent
  | { readonly type: 'import-progress'; readonly bytes: number }
  | { readonly type: 'build'; readonly event: BuildEvent };

/** Who asks; the client fills it in. */
type Asked = { readonly by?: Caller };

/** Of the person who asks: how registries are reached. */
type AsUser = { readonly env?: UserEnvironment };

type HowToAct = {
  /** Answer with the plan and change nothing. */
  readonly dryRun?: boolean;
  /** Steps at a time; undefined: as many as the plan's order allows. */
  readonly parallel?: number;
};

export type UpRequest = Asked &
  AsUser &
  Pick<HowToAct, 'parallel'> & {
    readonly stack: Stack;
    readonly positions: Positions;
    /** Beside the stack, which is kept on disk. */
    readonly secrets?: SecretValues;
    /** Those that have not been asked: their variables are as the containers have them. */
    readonly providers?: readonly Provider[];
    /** Only these services and what they depend on; empty: all. */
    readonly services: readonly string[];
    readonly noDeps?: boolean;
    readonly forceRecreate?: boolean;
    /** What the services depend on is made anew too, changed or not. */
    readonly alwaysRecreateDeps?: boolean;
    readonly noRecreate?: boolean;
    /** Services that run again although they have completed. */
    readonly rerun?: readonly string[];
    /** Remove containers of services that the stack no longer has. */
    readonly removeOrphans?: boolean;
    /** Say nothing of such containers. */
    readonly ignoreOrphans?: boolean;
    /** Make networks and volumes that no service uses, too. */
    readonly allResources?: boolean;
    /** Replicas by service, instead of the file's. */
    readonly scale?: Readonly<Record<string, number>>;
    readonly noStart?: boolean;
    readonly renewVolumes?: boolean;
    /** What a one-off run of `service` waits for. */
    readonly needs?: Desired['needs'];
    /** Wait until every service runs, is healthy, or has completed with 0. */
    readonly wait?: boolean;
    readonly waitTimeoutMs?: number;
    /** Instead of each service's stop_grace_period. */
    readonly graceMs?: number;
    /** The containers made by this go by themselves when they have ended. */
    readonly autoRemove?: boolean;
    /** Instead of each service's pull_policy. */
    readonly pull?: PullPolicy;
    /** What this request was made of: the same may be asked for again by its key. */
    readonly receipt?: Receipt;
    /** Steps of a plan made earlier: carried out as they are, or PLAN_STALE. */
    readonly expected?: readonly Step[];
  };

export type UpAgainRequest = Asked & { readonly key: string };

export type UpResult = { readonly plan: Plan; readonly containers: readonly ContainerSummary[] };

export type DownRequest = Asked &
  HowToAct & {
    readonly stack: string;
    readonly removeVolumes: boolean;
    /** Folder of the stack file by which it was found; absent when the stack was named. */
    readonly folder?: string;
    readonly graceMs?: number;
    readonly removeOrphans?: boolean;
  };

export type DownResult = { readonly plan: Plan; readonly keptVolumes: readonly string[] };

export type ServicesRequest = Asked &
  HowToAct & {
    readonly stack: string;
    /** Empty: all. */
    readonly services: readonly string[];
    /** Ids: of these containers only, one-off ones too. */
    readonly containers?: readonly string[];
  };
/** `stop`: running ones are stopped and go too; `volumes`: their anonymous volumes go with them. */
export type RemoveRequest = StopRequest & { readonly stop: boolean; readonly volumes: boolean };
/** `signal`: instead of each container's own. */
export type StopRequest = ServicesRequest & { readonly graceMs?: number; readonly signal?: string };
export type StartRequest = ServicesRequest & { readonly wait?: boolean; readonly waitTimeoutMs?: number };
/** `noDeps`: services that follow a restart of these (depends_on.restart) are left alone. */
export type RestartRequest = StopRequest & { readonly noDeps?: boolean };
export type KillRequest = ServicesRequest & { readonly signal: string };
export type StackActionResult = { readonly plan: Plan; readonly containers: readonly ContainerSummary[] };

/** `services` and `names` empty: all of the stack, all there are. */
export type ContainersRequest =
  | { readonly kind: 'stack'; readonly stack: string; readonly services: readonly string[]; readonly index?: number }
  | { readonly kind: 'names'; readonly names: readonly string[] };

export type ContainerRef =
  /** `index` undefined: the first replica there is. */
  | { readonly kind: 'service'; readonly stack: string; readonly service: string; readonly index?: number }
  /** A name, an id, or the beginning of an id. */
  | { readonly kind: 'name'; readonly name: string };

export type AttachRequest = { readonly container: ContainerRef };

export type StartAttachedRequest = Asked & {
  /** Name or id. */
  readonly container: string;
  readonly terminal: { readonly rows: number; readonly cols: number } | null;
};

export type CommitRequest = {
  /** Name or id. */
  readonly container: string;
  /** null: an image without a name. */
  readonly reference: string | null;
  readonly author?: string;
  readonly message?: string;
  /** Dockerfile instructions. */
  readonly changes: readonly string[];
  /** The container stands still meanwhile. */
  readonly pause: boolean;
};

export type RenameRequest = { readonly container: string; readonly to: string };

export type UpdateRequest = Asked & {
  /** Names or ids. */
  readonly containers: readonly string[];
  /** Only what is to change. */
  readonly resources: Partial<Resources>;
  readonly restart?: RestartPolicy;
};

export type WaitExitRequest = {
  /** Ids. */
  readonly containers: readonly string[];
  /** `first`, `first-failure`: any one is enough; resolves too when none is left. */
  readonly until: 'all' | 'first' | 'first-failure';
  /** `first`, `first-failure`: ends before this do not count. */
  readonly sinceMs?: number;
};

export type LogsRequest = ServicesRequest & {
  readonly follow: boolean;
  /** Last n lines of each container; undefined: all. */
  readonly tail?: number;
  readonly sinceMs?: number;
  readonly untilMs?: number;
  /** Replica index. */
  readonly index?: number;
  /** What `berth run` ran of the services, too. */
  readonly oneOff?: boolean;
  /** Goes on when nothing runs (any more, or yet); ends with the signal only. */
  readonly keepOpen?: boolean;
};

export type LogSource = {
  readonly container: string;
  readonly service: string;
  readonly replica: number;
  /** It is a run of `berth run`. */
  readonly oneOff?: boolean;
};

export type WhyRequest = { readonly stack: string; readonly service: string; readonly replica?: number };

export type WhyAnswer = {
  readonly service: string;
  /** null: it has no container now. */
  readonly container: ContainerSummary | null;
  /** The fact first, then what led to it. */
  readonly chain: readonly WhyLink[];
  readonly lastLines: readonly string[];
};

export type EventsRequest = {
  readonly stack?: string;
  readonly services?: readonly string[];
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly follow: boolean;
};

export type LogItem = LogSources | LogBatch | LogCaughtUp;

/** Comes first: what is there to be read of, and the names of all services of the stack. */
export type LogSources = {
  readonly kind: 'sources';
  readonly sources: readonly LogSource[];
  readonly services: readonly string[];
};

/** `lines`: whole CRI records, each ended by a newline (docs/executor.md). */
export type LogBatch = { readonly kind: 'lines'; readonly source: LogSource; readonly lines: Buffer };

/** All that was there at the beginning has been given out; without `follow` the end says that. */
export type LogCaughtUp = { readonly kind: 'caught-up' };

export type ExecRequest = {
  readonly stack: string;
  readonly service: string;
  readonly index: number;
  /** Name or id, instead of stack, service and index. */
  readonly container?: string;
  readonly command: readonly string[];
  readonly env: readonly string[];
  readonly user?: string;
  readonly workingDir?: string;
  readonly privileged?: boolean;
  readonly terminal: { readonly rows: number; readonly cols: number } | null;
  readonly stdin: boolean;
  readonly detach: boolean;
};

export type RunRequest = Asked &
  AsUser & {
    readonly stack: Stack;
    readonly positions: Positions;
    readonly secrets?: SecretValues;
    readonly service: string;
    /** null: the service's own. */
    readonly command: readonly string[] | null;
    readonly entrypoint: readonly string[] | null;
    readonly name?: string;
    readonly removeOrphans?: boolean;
    readonly noDeps: boolean;
    readonly remove: boolean;
    readonly servicePorts: boolean;
    readonly useAliases: boolean;
    readonly terminal: { readonly rows: number; readonly cols: number } | null;
    readonly stdin: boolean;
    readonly detach: boolean;
  };

/** One running exec or one-off container, seen from a terminal. */
export type Session = {
  /** Container or exec id. */
  readonly id: string;
  readonly name: string;
  /** Does the program take input, and does it have a terminal? */
  readonly stdin: boolean;
  readonly terminal: boolean;
  onOutput(listener: (stream: 'stdout' | 'stderr', data: Buffer) => void): void;
  write(data: Buffer): void;
  endStdin(): void;
  resize(rows: number, cols: number): void;
  signal(signal: number): void;
  /** For a taker that is slower than the program: output waits until resume(), and in the end so does the program. */
  pause(): void;
  resume(): void;
  /** Lets go of the program, which runs on; `exited` resolves with 0. */
  detach(): void;
  /** Exit code 0..255. Rejects with COMMAND_NOT_FOUND and the like when it could not be started. With `detach`: 0 at once. */
  readonly exited: Promise<number>;
};
