/**
 * Reads the runs of a lane as if they were one log.
 */
import { markRecord, stampOf } from '../../logs/log-line.ts';
import type { Piece } from '../../logs/merge-logs.ts';
import { countTail, readLog } from '../../logs/read-log.ts';
import type { TimeWindow } from '../../logs/time-window.ts';
import type { Follow } from '../../logs/watch-log.ts';
import type { LogSource } from '../engine.ts';
import type { LogRun } from './log-lanes.ts';

export type ReadLaneOptions = {
  /** The last n lines of the lane. */
  readonly tail?: number;
  readonly window: TimeWindow;
  /** For the last run, when it may be written to. */
  readonly follow?: Follow;
};

export async function* readLane(lane: readonly LogRun[], options: ReadLaneOptions): AsyncGenerator<Piece<LogSource>> {
  const { tail, window } = options;
  const inTime = lane.filter(({ endedAt }) => !isBefore(endedAt, window.sinceMs));
  const first = await findFirst(inTime, options);
  for (const [index, run] of inTime.slice(first.index).entries()) {
    if (run.isOff) yield { source: run.source, lines: noLog(run) };
    const isOver = run.endedAt !== null;
    const pieces = readLog(run.path, {
      tail: index === 0 && tail !== undefined ? first.tail : undefined,
      window,
      follow: isOver ? undefined : options.follow,
      ended: isOver,
    });
    for await (const lines of pieces) yield { source: run.source, lines };
  }
}

function noLog({ source, createdAt }: LogRun): Buffer {
  return markRecord(stampOf(Date.parse(createdAt)), `${source.service} keeps no log: its logging driver is none`);
}

/** The run in which the last n lines begin, and how many of them are in it. */
async function findFirst(lane: readonly LogRun[], { tail, window }: ReadLaneOptions) {
  if (tail === undefined) return { index: 0, tail: 0 };
  let left = tail;
  let index = lane.length - 1;
  for (; index > 0; index--) {
    const lines = await countTail(lane[index]!.path, left, window);
    if (lines >= left) break;
    left -= lines;
  }
  return { index: Math.max(0, index), tail: left };
}

function isBefore(endedAt: string | null, sinceMs: number | undefined): boolean {
  return endedAt !== null && sinceMs !== undefined && Date.parse(endedAt) < sinceMs;
}
