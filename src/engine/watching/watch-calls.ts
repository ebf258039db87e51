/**
 * The engine's calls that concern watched files; part of `Engine`.
 */
import type { BuildRequest } from '../../build/build.ts';
import type { Positions, SecretValues, Stack } from '../../model/stack.ts';
import type { WatchAction } from '../../model/watch.ts';
import type { Caller, HistoryEvent } from '../history/event.ts';

export type WatchCalls = {
  /** Goes on until watchEnd() or `down`, over restarts of the engine; what was watched of the stack before is no more. */
  watchStart(request: WatchRequest): Promise<WatchStatus>;
  /** False: nothing of it was watched. */
  watchEnd(stack: string): Promise<boolean>;
  /** Of all stacks, or of one. */
  watchStatus(stack?: string): Promise<WatchStatus[]>;
};

export type WatchRequest = {
  readonly stack: Stack;
  readonly positions: Positions;
  /** Empty: all that have rules. */
  readonly services: readonly string[];
  /** How the images of services with `rebuild` are made. */
  readonly builds: Readonly<Record<string, BuildRequest>>;
  readonly secrets?: SecretValues;
  /** Images that were replaced go. */
  readonly prune: boolean;
  /** Files that say what the stack is: a change is told, not acted on. */
  readonly sources: readonly string[];
  readonly by?: Caller;
};

export type WatchStatus = {
  readonly stack: string;
  readonly since: string;
  readonly services: readonly WatchedService[];
  readonly folders: number;
  readonly paths: number;
  /** Folders that are looked at every second, because the kernel gives no further watch. */
  readonly polled: number;
  /** The last things that were done, oldest first. */
  readonly done: readonly HistoryEvent[];
};

export type WatchedService = {
  readonly service: string;
  readonly rules: readonly {
    readonly path: string;
    readonly action: WatchAction;
    /** Why it is no longer watched; null: it is. */
    readonly ended: string | null;
  }[];
};
