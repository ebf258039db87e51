/**
 * What the engine holds in its hands: drivers, records, and the live side of each container.
 *
 * Data and the drivers' faces only; every rule about them lives in a file of
 * its own. One World an engine process.
 */

import type { Limiter } from '../base/limiter.ts';
import type { Roots } from '../base/roots.ts';
import type { ProbeHandle } from '../health/probe.ts';
import type { ImageDriver } from '../image/image.ts';
import type { NetworkDriver } from '../network/network.ts';
import type { RunningContainer, Runtime } from '../runtime/runtime.ts';
import type { VolumeDriver } from '../volume/volume.ts';
import type { Builds } from './builds/builds.ts';
import type { ChangeHub } from './changes.ts';
import type { EventLog } from './history/event-log.ts';
import type { RecordStore } from './record-store.ts';
import type { ContainerRecord } from './records.ts';
import type { SecretStore } from './secret-store.ts';

export type World = {
  readonly roots: Roots;
  /** Name of the cgroup below which all of ours are. */
  readonly parentCgroup: string;
  readonly store: RecordStore;
  readonly runtime: Runtime;
  readonly network: NetworkDriver;
  readonly images: ImageDriver;
  readonly volumes: VolumeDriver;
  readonly secrets: SecretStore;
  readonly builds: Builds;
  readonly live: Map<string, LiveContainer>;
  readonly changes: ChangeHub;
  /** What happened and why, on disk. */
  readonly history: EventLog;
  /** Makes the kernel's network agree with the records; coalesced. */
  readonly syncNetwork: () => Promise<void>;
  /** Starts a container anew on behalf of its restart policy. */
  readonly startAgain: (id: string) => Promise<void>;
  /** Restarts what follows a restart of that service; `cause` is the event of it. */
  readonly restartFollowers: (of: { readonly stack: string; readonly service: string }, cause: number) => Promise<void>;
  /** Starts containers a few at a time: a hundred at once would keep the engine from answering. */
  readonly startInTurn: Limiter;
  /** What is done with a container just before it is started; never rejects. */
  readonly beforeStart: Set<(record: ContainerRecord) => Promise<void>>;
  /** Runs of pre_start hooks that are under way. */
  readonly startHooks: Map<string, Promise<void>>;
  /** Whether a command is at work on that stack. */
  readonly isBusy: (stack: string) => boolean;
  readonly log: (line: string) => void;
  /** Aborted when the engine ends. */
  readonly closing: AbortSignal;
};

/** Cause and words of a start, for its event. */
export type StartReason = { readonly why: string; readonly cause: number | null; readonly after?: readonly number[] };

export type LiveContainer = {
  readonly id: string;
  state: 'created' | 'starting' | 'running' | 'paused' | 'restarting' | 'exited';
  running: RunningContainer | null;
  health: '' | 'starting' | 'healthy' | 'unhealthy';
  probe: ProbeHandle | null;
  /** Descriptor of its network namespace, so that a restart keeps address and interfaces. */
  netns: number | null;
  /** It is being ended because its health check failed. */
  unhealthy: boolean;
  restartTimer: NodeJS.Timeout | null;
  /** A stop is under way: its end is no accident. */
  stopping: boolean;
  /** Counts starts: part of the host interface's name, which must be unique per start. */
  generation: number;
  /** Event of its creation by this engine. */
  createEvent: number | null;
  /** Why the next start happens; null: somebody asked for it. */
  startReason: StartReason | null;
  /** The last event about it. */
  lastEvent: number | null;
  /** Event of its last start by this engine. */
  startEvent: number | null;
  /** Event that is bringing its end about: a stop, a kill. */
  endCause: number | null;
};

/** A container that has a record and has not been started by this engine. */
export function newLive(id: string, state: LiveContainer['state']): LiveContainer {
  return {
    id,
    state,
    running: null,
    health: '',
    probe: null,
    netns: null,
    unhealthy: false,
    restartTimer: null,
    stopping: false,
    generation: 0,
    createEvent: null,
    startReason: null,
    startEvent: null,
    lastEvent: null,
    endCause: null,
  };
}

/** The live side of a container that must exist. */
export function liveOf(world: World, id: string): LiveContainer {
  const live = world.live.get(id);
  if (!live) throw new Error(`container ${id} has no live side`);
  return live;
}
