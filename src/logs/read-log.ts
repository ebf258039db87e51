/**
 * Reads a container's log: what is there, and (to follow) what comes.
 *
 * Yields whole records only. A follower keeps every file open that it has not
 * read to the end, so that rotation, even past the number of kept files,
 * takes nothing from it however slow it is.
 */
import { watch } from 'node:fs';
import { dirname } from 'node:path';
import { findTail } from './find-tail.ts';
import { closeLogFiles, type LogFile, openLogFile, openLogFiles } from './log-files.ts';
import { wholeRecords } from './log-line.ts';

const CHUNK_BYTES = 256 * 1024;

export type ReadLogOptions = {
  /** The last n lines of what is there; undefined: all. */
  readonly tail?: number;
  /** Given: goes on after the end of what is there, until `done` says that nothing more comes. */
  readonly follow?: {
    readonly signal: AbortSignal;
    readonly done: () => boolean;
    readonly onWake: (wake: () => void) => () => void;
  };
  /** Called when all that was there at the beginning has been given out. */
  readonly onCaughtUp?: () => void;
};

/** Pieces of whole records, oldest first. */
export async function* readLog(path: string, options: ReadLogOptions = {}): AsyncGenerator<Buffer> {
  const alarm = options.follow ? openAlarm(path, options.follow) : undefined;
  const files = await openLogFiles(path);
  try {
    const start = options.tail === undefined ? { file: 0, offset: 0 } : await findTail(files, options.tail);
    const passed = files.splice(0, start.file);
    await closeLogFiles(passed);
    let offset = start.offset;
    for (;;) {
      const finished = options.follow === undefined || options.follow.signal.aborted || options.follow.done();
      if (alarm) await openNewer(path, files);
      while (files.length > 0) {
        offset = yield* readOn(files[0]!, offset);
        if (files.length === 1) break;
        await closeLogFiles(files.splice(0, 1));
        offset = 0;
      }
      options.onCaughtUp?.();
      if (finished || !alarm) return;
      await alarm.rung();
    }
  } finally {
    alarm?.close();
    await closeLogFiles(files);
  }
}

/** What the file holds beyond `offset`, without a last record that is being written. Returns the new offset. */
async function* readOn({ handle }: LogFile, offset: number): AsyncGenerator<Buffer, number> {
  let position = offset;
  for (;;) {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, position);
    const whole = wholeRecords(buffer.subarray(0, bytesRead));
    if (whole === 0) return position;
    position += whole;
    yield buffer.subarray(0, whole);
  }
}

/** Adds the files that rotation has brought since the last look. */
async function openNewer(path: string, files: LogFile[]): Promise<void> {
  const newest = files.at(-1);
  const current = await openLogFile(path);
  if (!current) return;
  if (current.inode === newest?.inode) return await current.handle.close();
  await current.handle.close();
  const all = await openLogFiles(path);
  const known = all.findIndex((file) => file.inode === newest?.inode);
  await closeLogFiles(all.slice(0, known + 1));
  files.push(...all.slice(known + 1));
}

type Alarm = { rung(): Promise<void>; close(): void };

/** Rings when the log's folder changes, when it is woken, or when the reader gives up. */
function openAlarm(path: string, follow: NonNullable<ReadLogOptions['follow']>): Alarm {
  let rang = true;
  let wake: (() => void) | undefined;
  const ring = () => {
    rang = true;
    wake?.();
  };
  const watcher = watch(dirname(path), ring);
  /* The folder was removed with its container. */
  watcher.on('error', ring);
  const unhook = follow.onWake(ring);
  follow.signal.addEventListener('abort', ring);
  return {
    async rung() {
      if (!rang) await new Promise<void>((resolve) => (wake = resolve));
      rang = false;
      wake = undefined;
    },
    close() {
      watcher.close();
      unhook();
      follow.signal.removeEventListener('abort', ring);
    },
  };
}
