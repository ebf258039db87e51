/**
 * Folders looked at again and again, for where the kernel gives no watch: the only place that knows chokidar.
 */
import { type FSWatcher, watch } from 'chokidar';

export type FolderPoll = {
  /** Resolves when FOLDER and all below it have been read once. */
  add(folder: string): Promise<void>;
  close(): Promise<void>;
};

export type FolderPollOptions = {
  readonly descends: (folder: string) => boolean;
  readonly isWanted: (path: string) => boolean;
  readonly onTouched: (path: string) => void;
  readonly onFound: (path: string) => void;
};

const INTERVAL_MS = 1_000;

export function folderPoll({ descends, isWanted, onTouched, onFound }: FolderPollOptions): FolderPoll {
  const polls: FSWatcher[] = [];
  return {
    add(folder) {
      const poll = watch(folder, {
        usePolling: true,
        interval: INTERVAL_MS,
        binaryInterval: INTERVAL_MS,
        persistent: true,
        followSymlinks: false,
        ignored: (path, stats) =>
          path !== folder && (stats?.isDirectory() ? !descends(path) : !!stats && !isWanted(path)),
      });
      polls.push(poll);
      return new Promise((resolve) => {
        let isRead = false;
        poll.on('all', (_event, path) => {
          if (isWanted(path)) (isRead ? onTouched : onFound)(path);
        });
        /* Of what vanishes while it is read; the next look tells. */
        poll.on('error', () => {});
        poll.once('ready', () => {
          isRead = true;
          resolve();
        });
      });
    },
    async close() {
      await Promise.all(polls.map((poll) => poll.close()));
    },
  };
}
