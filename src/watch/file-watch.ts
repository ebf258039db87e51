/**
 * All files that the rules of one stack mean, watched: the one face of this room.
 *
 * Folders are watched through inotify; where the kernel gives no further watch
 * they are polled. The folder above each path is watched as well, so that a
 * path may go and come again.
 */
import { readFileSync, type watch } from 'node:fs';
import { dirname } from 'node:path';
import type { FileChange } from './file-change.ts';
import { type FolderWatch, folderWatch } from './folder-watch.ts';
import { type FolderPoll, folderPoll } from './poll-folder.ts';
import { seenFiles } from './seen-files.ts';

/** Of a rule, or of a single file. */
export type PathFilter = {
  readonly path: string;
  isWanted(path: string): boolean;
  prunes(folder: string): boolean;
};

export type FileWatchOptions = {
  readonly filters: readonly PathFilter[];
  readonly onTouched: (path: string) => void;
  /** Told once: folders are polled from now on. */
  readonly onPolling: (text: string) => void;
  /** Of node:fs; for tests. */
  readonly watch?: typeof watch;
};

export type FileWatch = {
  /** All that is there is known, and no change from now on is missed. */
  readonly ready: Promise<void>;
  /** Filters want more than they did: these folders have to be watched, outermost first. */
  extend(folders: readonly string[]): Promise<void>;
  /** What became of paths that were touched, and of others when the kernel could not tell all. */
  settle(paths: ReadonlySet<string>, sinceMs: number): Promise<FileChange[]>;
  /** Of all known paths, those that have changed since then; 0: all. */
  changedSince(momentMs: number): Promise<FileChange[]>;
  counts(): { readonly folders: number; readonly paths: number; readonly polled: number };
  close(): Promise<void>;
};

/** The clock of files is a little behind. */
const CLOCK_SLACK_MS = 50;

export function fileWatch({ filters, onTouched, onPolling, watch }: FileWatchOptions): FileWatch {
  const bases = new Set(filters.map(({ path }) => dirname(path)));
  const seen = seenFiles();
  const polled = new Set<string>();
  const isWanted = (path: string) => filters.some((filter) => filter.isWanted(path));
  const descends = (folder: string) => bases.has(folder) || filters.some((filter) => !filter.prunes(folder));
  const onFound = (path: string) => seen.note(path);
  let poll: FolderPoll | undefined;
  const polling: Promise<void>[] = [];

  const folders: FolderWatch = folderWatch({
    descends,
    isWanted,
    onTouched,
    onFound,
    onReplaced: (folder) => seen.below(folder).forEach(onTouched),
    onRefused(folder, error) {
      if (polled.size === 0) onPolling(refusalText(folder, error));
      if (polled.has(folder)) return;
      polled.add(folder);
      poll ??= folderPoll({ descends, isWanted, onTouched, onFound });
      polling.push(poll.add(folder));
    },
    ...(watch ? { watch } : {}),
  });
  const start = async () => {
    await Promise.all([...bases].map((base) => folders.add(base)));
    await Promise.all(polling);
  };

  const most = mostQueued() / 2;
  let heard = 0;
  return {
    ready: start(),
    async extend(more) {
      for (const folder of more) await folders.add(folder);
      await Promise.all(polling);
    },
    async settle(paths, sinceMs) {
      const news = folders.heard() - heard;
      heard = folders.heard();
      const changes = await seen.settle(paths);
      if (news < most) return changes;
      folders.forget();
      await start();
      const all = new Map([...changes, ...(await seen.changedSince(sinceMs - CLOCK_SLACK_MS))].map((c) => [c.path, c]));
      return [...all.values()];
    },
    changedSince: seen.changedSince,
    counts: () => ({ folders: folders.count(), paths: seen.count(), polled: polled.size }),
    async close() {
      folders.close();
      await poll?.close();
    },
  };
}

/** A filter for one file. */
export function onlyFile(path: string): PathFilter {
  return { path, isWanted: (other) => other === path, prunes: () => true };
}

/** Events the kernel keeps for us before it drops some. inotify(7). */
function mostQueued(): number {
  try {
    return Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
  } catch {
    return 16_384;
  }
}

function refusalText(folder: string, { code }: NodeJS.ErrnoException): string {
  const [what, setting] =
    code === 'ENOSPC'
      ? ['file watches (inotify) left', 'fs.inotify.max_user_watches=524288']
      : ['inotify instances left', 'fs.inotify.max_user_instances=1024'];
  return `the kernel has no ${what}: ${folder} and what follows is looked at every second instead; \`sysctl ${setting}\` gives more`;
}
