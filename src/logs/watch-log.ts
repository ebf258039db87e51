/**
 * Wakes who follows a log: when something is written, when it is woken, when it gives up.
 */
import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf } from '../base/errors.ts';

export type Follow = {
  readonly signal: AbortSignal;
  readonly done: () => boolean;
  readonly onWake: (wake: () => void) => () => void;
  /** Tell by an empty piece when all that is there has been given out. */
  readonly pauses?: boolean;
  /** A file of the folder was made, renamed or removed. */
  readonly onRename?: () => Promise<void>;
};

export type Alarm = { rung(): Promise<void>; close(): void };

/** Rings when the log's folder changes, when it is woken, or when the reader gives up. */
export function openAlarm(path: string, follow: Follow): Alarm {
  let rang = true;
  let wake: (() => void) | undefined;
  const ring = () => {
    rang = true;
    wake?.();
  };
  const watcher = watchFolder(dirname(path), (event) => {
    /* Its failure is met again by the reader itself. */
    if (event === 'rename') follow.onRename?.().catch(() => {});
    ring();
  });
  const unhook = follow.onWake(ring);
  follow.signal.addEventListener('abort', ring);
  return {
    async rung() {
      if (!rang) await new Promise<void>((resolve) => (wake = resolve));
      rang = false;
      wake = undefined;
    },
    close() {
      watcher?.close();
      unhook();
      follow.signal.removeEventListener('abort', ring);
    },
  };
}

/** undefined when the folder is gone with its container: then nothing more comes. */
function watchFolder(folder: string, onEvent: (event: string) => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, onEvent);
    watcher.on('error', () => onEvent('error'));
    return watcher;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
