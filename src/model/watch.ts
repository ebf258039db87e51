/**
 * What is to happen when files of this machine change: `develop.watch` of a service, complete.
 */
import type { Hook } from './stack.ts';

export type WatchAction = 'rebuild' | 'restart' | 'sync' | 'sync+restart' | 'sync+exec';

export type WatchRule = {
  /** Absolute; links on the way are resolved where it exists. */
  readonly path: string;
  readonly action: WatchAction;
  /** Where files go in the container; null: nowhere (rebuild, restart). */
  readonly target: string | null;
  /** Patterns as in .dockerignore, from `path` on; beside what is left out anyway. */
  readonly ignore: readonly string[];
  /** Patterns of the same kind that alone count; empty: everything does. */
  readonly include: readonly string[];
  /** Bring everything there when watching begins. */
  readonly initialSync: boolean;
  /** Of `sync+exec`: what runs in the container after a sync. */
  readonly exec: Hook | null;
};

export type ServiceWatch = {
  /** An action begins when for so long no further file has changed. */
  readonly quietMs: number;
  readonly rules: readonly WatchRule[];
  /** x-berth.watch: a change of a file in a bind mount that the service has opened starts it again. */
  readonly auto?: true;
};
