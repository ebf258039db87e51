/**
 * The files that a reader has still to read: opens what rotation brings, before it is gone again.
 *
 * Only so many: a reader that stands still for ever must not fill the disk
 * with files that rotation has removed.
 */
import { closeLogFiles, type LogFile, type OnRead, openLogFile, openLogFiles } from './log-files.ts';

const MOST_OPEN = 16;

export type NewerFiles = {
  /** Adds what is new; one look at a time. */
  look(): Promise<void>;
  /** Files that followed this one may be gone unread. */
  isGapAfter(file: LogFile): boolean;
  /** Closes all that are open. */
  close(): Promise<void>;
};

/** Over `files`, oldest first, of which the reader takes away what it has read. */
export function newerFiles(path: string, files: LogFile[], { onRead }: { readonly onRead?: OnRead }): NewerFiles {
  const gaps = new WeakSet<LogFile>();
  let looking: Promise<void> = Promise.resolve();
  let isClosed = false;

  const lookNow = async () => {
    if (isClosed || files.length >= MOST_OPEN) return;
    const newest = files.at(-1);
    if (newest && (await isCurrent(path, newest))) return;
    const all = await openLogFiles(path, onRead);
    const known = all.findIndex((file) => file.inode === newest?.inode);
    await closeLogFiles(all.slice(0, known + 1));
    const found = all.slice(known + 1);
    /* A log of one file is never kept beside the next: that says nothing. */
    if (newest && known < 0 && found.length > 1) gaps.add(newest);
    files.push(...found);
  };
  return {
    look() {
      looking = looking.then(lookNow, lookNow);
      return looking;
    },
    isGapAfter: (file) => gaps.has(file),
    async close() {
      isClosed = true;
      await looking.catch(() => {});
      await closeLogFiles(files);
    },
  };
}

/** Nothing has been rotated since; or there is no file any more. */
async function isCurrent(path: string, newest: LogFile): Promise<boolean> {
  const current = await openLogFile(path);
  if (!current) return true;
  await current.close();
  return current.inode === newest.inode;
}
