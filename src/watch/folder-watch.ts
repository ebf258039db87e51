/**
 * Folders watched through inotify: one watch a folder, none for files, none in what is ignored.
 *
 * A folder is watched before it is read, so nothing made meanwhile is missed;
 * one that is replaced by another of its name is watched anew. Tells which
 * paths were touched, never what became of them (seen-files.ts).
 */
import { type FSWatcher, watch } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../base/errors.ts';

export type FolderWatchOptions = {
  /** Whether a folder is to be watched and read. */
  readonly descends: (folder: string) => boolean;
  /** Whether anybody wants to know of a path. */
  readonly isWanted: (path: string) => boolean;
  readonly onTouched: (path: string) => void;
  /** A file, link or folder that was there when its folder was first read. */
  readonly onFound: (path: string) => void;
  /** A folder went, or another one has its name: all that was in it is in doubt. */
  readonly onReplaced: (folder: string) => void;
  /** The kernel gives no further watch: somebody else has to look after that folder and all below. */
  readonly onRefused: (folder: string, error: NodeJS.ErrnoException) => void;
  /** Of node:fs; for tests. */
  readonly watch?: typeof watch;
};

export type FolderWatch = {
  /** Resolves when FOLDER and all below it are watched; not there: nothing happens. */
  add(folder: string): Promise<void>;
  /** Forgets all folders: for when events were lost, before they are added again. */
  forget(): void;
  /** Events heard so far, also of what nobody wants: the kernel drops some when it has too many to tell. */
  heard(): number;
  count(): number;
  close(): void;
};

/** No further inotify watch, instance or descriptor. */
const REFUSALS: ReadonlySet<string> = new Set(['ENOSPC', 'EMFILE', 'ENFILE']);

export function folderWatch(options: FolderWatchOptions): FolderWatch {
  const { descends, isWanted, onTouched, onFound, onReplaced, onRefused } = options;
  const openOne = options.watch ?? watch;
  const folders = new Map<string, FSWatcher>();
  let heard = 0;
  let closed = false;

  const drop = (folder: string) => {
    folders.get(folder)?.close();
    folders.delete(folder);
  };
  const dropTree = (folder: string) => {
    drop(folder);
    for (const other of [...folders.keys()]) if (other.startsWith(`${folder}/`)) drop(other);
  };

  const onEvent = (folder: string, kind: string, name: string | null) => {
    heard += 1;
    const path = name === null ? folder : join(folder, name);
    /* Made, moved or removed: a folder of that name is another one now. */
    if (kind === 'rename' && (folders.has(path) || descends(path))) void renew(path);
    if (isWanted(path)) onTouched(path);
  };

  const renew = async (path: string): Promise<void> => {
    if (folders.has(path)) {
      dropTree(path);
      onReplaced(path);
    }
    const stats = await lstat(path).catch(() => undefined);
    if (folders.has(path)) dropTree(path);
    if (stats?.isDirectory()) await addTree(path, onTouched);
  };

  /** False when it can not be watched. */
  const isOpened = (folder: string): boolean => {
    try {
      const watcher = openOne(folder, { persistent: false }, (kind, name) => onEvent(folder, kind, name));
      watcher.on('error', () => drop(folder));
      folders.set(folder, watcher);
      return true;
    } catch (error) {
      if (REFUSALS.has(errnoOf(error) ?? '')) onRefused(folder, error as NodeJS.ErrnoException);
      /* Gone again, or not ours to read: then there is nothing to be seen in it. */
      return false;
    }
  };

  const addTree = async (folder: string, found: (path: string) => void): Promise<void> => {
    if (closed || folders.has(folder) || !descends(folder) || !isOpened(folder)) return;
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    const below: Promise<void>[] = [];
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (isWanted(path)) found(path);
      if (entry.isDirectory()) below.push(addTree(path, found));
    }
    await Promise.all(below);
  };

  return {
    add: (folder) => addTree(folder, onFound),
    forget() {
      for (const folder of [...folders.keys()]) drop(folder);
    },
    heard: () => heard,
    count: () => folders.size,
    close() {
      closed = true;
      for (const folder of [...folders.keys()]) drop(folder);
    },
  };
}
