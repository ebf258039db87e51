/**
 * Logs that go on when the engine was killed: asks the next one for what has not been given out yet.
 *
 * Knows of each container how far it was read: the time of its last record,
 * and how many records have just that time (those of one read share it).
 */
import { BerthError } from '../base/errors.ts';
import type { Engine, LogBatch, LogItem, LogsRequest } from '../engine/engine.ts';
import { splitRecords, stampAt } from '../logs/log-line.ts';

export type Resuming = {
  /** An engine that answers; it is started when there is none. */
  readonly reconnect: () => Promise<Engine>;
  readonly signal: AbortSignal;
};

/** This often in a row an engine may go away before it has sent a line. */
const MOST_FAILURES = 5;

/** As the engine's `logs`. */
export async function* resumingLogs(
  engine: Engine,
  request: LogsRequest,
  { reconnect, signal }: Resuming,
): AsyncGenerator<LogItem> {
  const begunMs = Date.now();
  const seen = new Map<string, Position>();
  let isCaughtUp = false;
  let current = engine;
  let wanted = request;
  for (let failures = 0; ; ) {
    const resumedAt = new Map(seen);
    try {
      for await (const item of current.logs(wanted, signal)) {
        if (item.kind === 'caught-up' && isCaughtUp) continue;
        isCaughtUp ||= item.kind === 'caught-up';
        const fresh = item.kind === 'lines' ? unseenOf(item, resumedAt) : item;
        if (!fresh) continue;
        if (fresh.kind === 'lines') {
          notePosition(fresh, seen);
          failures = 0;
        }
        yield fresh;
      }
      return;
    } catch (error) {
      if (!isGone(error) || signal.aborted || ++failures > MOST_FAILURES) throw error;
      current = await reconnect();
      /* Once all that was there at the beginning has been given out, what has not is younger. */
      if (isCaughtUp) wanted = { ...request, tail: undefined, sinceMs: Math.max(begunMs, request.sinceMs ?? 0) };
    }
  }
}

type Position = { readonly stamp: string; readonly count: number };

function isGone(error: unknown): boolean {
  return error instanceof BerthError && error.code === 'ENGINE_UNREACHABLE';
}

/** The records behind what was given out before; undefined when there are none. */
function unseenOf(batch: LogBatch, resumedAt: Map<string, Position>): LogBatch | undefined {
  const { container } = batch.source;
  const position = resumedAt.get(container);
  if (!position) return batch;
  let { count } = position;
  let start = 0;
  for (const record of splitRecords(batch.lines)) {
    const stamp = stampAt(record, 0);
    if (stamp > position.stamp || (stamp === position.stamp && count === 0)) break;
    if (stamp === position.stamp) count -= 1;
    start += record.length + 1;
  }
  if (start < batch.lines.length) resumedAt.delete(container);
  else resumedAt.set(container, { stamp: position.stamp, count });
  return start < batch.lines.length ? { ...batch, lines: batch.lines.subarray(start) } : undefined;
}

/** Looks backwards, at the records of the last time only. */
function notePosition({ source, lines }: LogBatch, seen: Map<string, Position>): void {
  const before = seen.get(source.container);
  let end = lines.length;
  let start = lines.lastIndexOf(NEWLINE, end - 2) + 1;
  const stamp = stampAt(lines, start);
  let count = 0;
  while (end > 0 && stampAt(lines, start) === stamp) {
    count += 1;
    end = start;
    start = end < 2 ? 0 : lines.lastIndexOf(NEWLINE, end - 2) + 1;
  }
  seen.set(source.container, { stamp, count: count + (end === 0 && before?.stamp === stamp ? before.count : 0) });
}

const NEWLINE = 0x0a;
