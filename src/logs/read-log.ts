/**
 * Reads a container's log: what is there, and (to follow) what comes.
 *
 * Yields whole records only, and reads on past whatever is damaged. A
 * follower keeps every file open that it has not read to the end, so that
 * rotation, even past the number of kept files, takes nothing from it however
 * slow it is. Memory is bounded, whatever the file holds.
 */
import { findStamp } from './find-stamp.ts';
import { findTail, type LogPosition, type Tail } from './find-tail.ts';
import { closeLogFiles, type LogFile, type OnRead, openLogFiles } from './log-files.ts';
import { markRecord, STAMP_LENGTH, stampAt, stampOf, wholeRecords } from './log-line.ts';
import type { LogPlace } from './log-place.ts';
import { type Mender, mender } from './mend-records.ts';
import { newerFiles } from './newer-files.ts';
import { inWindow, sinceStamp, type TimeWindow, untilStamp } from './time-window.ts';
import { type Follow, openAlarm } from './watch-log.ts';

const CHUNK_BYTES = 256 * 1024;

export type ReadLogOptions = {
  /** The last n lines of what is there; undefined: all. */
  readonly tail?: number;
  /** Only what lies in it; the tail is counted inside of it. */
  readonly window?: TimeWindow;
  /** Given: goes on after the end of what is there, until `done` says that nothing more comes. */
  readonly follow?: Follow;
  /** Nobody writes it any more: half a line at its end is given out too. */
  readonly ended?: boolean;
  readonly onRead?: OnRead;
  /** Where to begin instead; afterwards, and before each piece is taken, where it has come to. */
  readonly place?: LogPlace;
};

/** Pieces of whole records, oldest first; with `follow.pauses` an empty one when all that was there has been given out. */
export async function* readLog(path: string, options: ReadLogOptions = {}): AsyncGenerator<Buffer> {
  const { follow, window = {} } = options;
  const files: LogFile[] = [];
  /* Also while a slow taker holds this up: what is rotated away meanwhile would be lost. */
  const newer = newerFiles(path, files, options);
  const alarm = follow ? openAlarm(path, { ...follow, onRename: newer.look }) : undefined;
  const reading: Reading = { mend: mender(), scratch: Buffer.allocUnsafe(CHUNK_BYTES), options, offset: 0 };
  try {
    await newer.look();
    const position = options.place ? positionOf(files, options.place) : (await startOf(files, options)).position;
    await closeLogFiles(files.splice(0, position.file));
    reading.offset = position.offset;
    for (;;) {
      const finished = follow === undefined || follow.signal.aborted || follow.done();
      if (alarm) await newer.look();
      while (files.length > 0) {
        /* Before it is read: what comes into it until it is rotated must be read too. */
        const isLast = files.length === 1;
        for await (const records of readOn(reading, files[0]!)) {
          if (!follow && stampAt(records, 0) > untilStamp(window.untilMs)) return;
          const wanted = inWindow(records, window);
          notePlace(reading, files[0]!);
          if (wanted.length > 0) yield wanted;
        }
        if (!isLast || options.ended) yield* endOfFile(reading, files[0]!);
        if (isLast) break;
        if (newer.isGapAfter(files[0]!)) yield missing(reading);
        await closeLogFiles(files.splice(0, 1));
        reading.offset = 0;
      }
      if (follow?.pauses) yield Buffer.alloc(0);
      if (finished || !alarm) return;
      await alarm.rung();
    }
  } finally {
    alarm?.close();
    await newer.close();
  }
}

/** How many of the last `wanted` lines inside of the window this log has. */
export async function countTail(path: string, wanted: number, window: TimeWindow): Promise<number> {
  const files = await openLogFiles(path);
  try {
    return (await startOf(files, { tail: wanted, window })).lines;
  } finally {
    await closeLogFiles(files);
  }
}

/** Where to begin: at the time, or at the tail when that is later. */
async function startOf(files: readonly LogFile[], { tail, window = {} }: ReadLogOptions): Promise<Tail> {
  const since = window.sinceMs === undefined ? BEGINNING : await findStamp(files, sinceStamp(window.sinceMs));
  if (tail === undefined) return { position: since, lines: 0 };
  /* Longer than any equal time: the first record after all of that instant. */
  const end = window.untilMs === undefined ? undefined : await findStamp(files, `${untilStamp(window.untilMs)}~`);
  return await findTail(files, tail, { start: since, end });
}

/** Of a file that has been rotated away meanwhile: the oldest there is. */
function positionOf(files: readonly LogFile[], { inode, offset }: LogPlace): LogPosition {
  const file = files.findIndex((one) => one.inode === inode);
  return file < 0 ? BEGINNING : { file, offset };
}

function notePlace({ options, offset }: Reading, file: LogFile): void {
  if (options.place) Object.assign(options.place, { inode: file.inode, offset });
}

const BEGINNING: LogPosition = { file: 0, offset: 0 };

type Reading = {
  readonly mend: Mender;
  readonly scratch: Buffer;
  readonly options: ReadLogOptions;
  /** In the file that is being read: all before it has been given out. */
  offset: number;
};

/** What the file holds beyond the offset, without a last record that is being written. */
async function* readOn(reading: Reading, file: LogFile): AsyncGenerator<Buffer> {
  const { mend, scratch } = reading;
  for (;;) {
    const bytes = scratch.subarray(0, await file.read(scratch, reading.offset));
    const whole = wholeRecords(bytes);
    if (whole > 0) {
      reading.offset += whole;
      const records = mend.mend(bytes.subarray(0, whole));
      /* The taker may keep it, and the scratch is read into again. */
      if (records.length > 0) yield Buffer.from(records);
    } else if (bytes.length === scratch.length) {
      reading.offset += mend.skip(bytes);
    } else {
      const size = bytes.length > 0 ? Number.POSITIVE_INFINITY : await file.size();
      if (size >= reading.offset) return;
      reading.offset = await afterCut(file, size, mend);
      yield mend.cut(await file.changedMs());
    }
  }
}

/** Emptied and written anew, or only made shorter: its first record tells. */
async function afterCut(file: LogFile, size: number, mend: Mender): Promise<number> {
  const head = Buffer.alloc(STAMP_LENGTH);
  const length = await file.read(head, 0);
  return length === STAMP_LENGTH && stampAt(head, 0) <= (mend.lastStamp() ?? '') ? size : 0;
}

/** Nobody writes this file any more. */
async function* endOfFile({ mend, scratch, options, offset }: Reading, file: LogFile): AsyncGenerator<Buffer> {
  const rest = scratch.subarray(0, await file.read(scratch, offset));
  const records = mend.end(rest, await file.changedMs());
  const wanted = inWindow(records, options.window ?? {});
  if (wanted.length > 0) yield wanted;
}

function missing({ mend }: Reading): Buffer {
  const text = 'lines may be missing here: their files were rotated away before they were read';
  return markRecord(mend.lastStamp() ?? stampOf(Date.now()), text);
}
