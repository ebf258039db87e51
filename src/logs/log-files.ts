/**
 * The files of one container's log: `log`, and the rotated `log.1`, `log.2` (older ones have higher numbers).
 *
 * Opens them so that a rotation in between can neither lose nor repeat one:
 * a file is known by its inode, and an open file stays readable when it is
 * renamed or removed.
 */
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errnoOf } from '../base/errors.ts';

export type LogFile = {
  readonly inode: number;
  size(): Promise<number>;
  /** When something was last written into it, in milliseconds since 1970. */
  changedMs(): Promise<number>;
  /** Fills `buffer` with what lies at `position`; fewer bytes at the end of the file only. */
  read(buffer: Buffer, position: number): Promise<number>;
  close(): Promise<void>;
};

/** Hears how many bytes each read has taken from the disk. */
export type OnRead = (bytes: number) => void;

/** Open files, oldest first; none when the container has not written yet. The caller closes them. */
export async function openLogFiles(path: string, onRead?: OnRead): Promise<LogFile[]> {
  const found = new Map<number, LogFile>();
  /* Newest first: a file that is renamed meanwhile is met again under its next name, and known by its inode. */
  for (const name of await namesOf(path)) {
    const file = await openLogFile(name, onRead);
    if (!file) continue;
    if (found.has(file.inode)) await file.close();
    else found.set(file.inode, file);
  }
  return [...found.values()].reverse();
}

/** undefined when there is no such file. */
export async function openLogFile(path: string, onRead?: OnRead): Promise<LogFile | undefined> {
  try {
    const handle = await open(path, 'r');
    return overHandle(handle, (await handle.stat()).ino, onRead);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

export async function closeLogFiles(files: readonly LogFile[]): Promise<void> {
  await Promise.all(files.map((file) => file.close()));
}

function overHandle(handle: FileHandle, inode: number, onRead: OnRead | undefined): LogFile {
  return {
    inode,
    size: async () => (await handle.stat()).size,
    changedMs: async () => (await handle.stat()).mtimeMs,
    async read(buffer, position) {
      let done = 0;
      while (done < buffer.length) {
        const { bytesRead } = await handle.read(buffer, done, buffer.length - done, position + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      onRead?.(done);
      return done;
    },
    close: () => handle.close(),
  };
}

/** Paths, newest first. */
async function namesOf(path: string): Promise<string[]> {
  const prefix = `${basename(path)}.`;
  const entries = await readdir(dirname(path)).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  });
  const numbers = entries
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)))
    .sort((a, b) => a - b);
  return [path, ...numbers.map((n) => join(dirname(path), `${prefix}${n}`))];
}
