/**
 * The logs of a stack's services: what is there in order of time, then what comes.
 *
 * Follows containers that appear later too, and ends when nothing of the
 * selection runs any more (or, with `keepOpen`, when the caller gives up).
 */
import { mergeLogs, type Piece } from '../logs/merge-logs.ts';
import { readLog } from '../logs/read-log.ts';
import { inWindow } from '../logs/time-window.ts';
import { logPath } from './container-paths.ts';
import type { LogCaughtUp, LogItem, LogSource, LogsRequest } from './engine.ts';
import { knownServices, refuseUnknownServices } from './known-services.ts';
import { recordsOf } from './observe.ts';
import { outbox } from './outbox.ts';
import type { ContainerRecord } from './records.ts';
import type { World } from './world.ts';

/** SERVICE_NOT_FOUND, at the first batch, when a service asked for is none of the stack's. */
export async function* streamLogs(world: World, request: LogsRequest, signal: AbortSignal): AsyncGenerator<LogItem> {
  refuseUnknownServices(world, request.stack, request.services);
  const sources = selected(world, request).map(sourceOf);
  yield { kind: 'sources', sources, services: [...knownServices(world, request.stack)] };
  const items = request.follow ? follow(world, request, signal) : readAll(world, request);
  for await (const item of items) {
    if ('kind' in item) {
      yield item;
      continue;
    }
    const lines = inWindow(item.lines, request);
    if (lines.length > 0) yield { kind: 'lines', source: item.source, lines };
  }
}

function readAll(world: World, request: LogsRequest): AsyncGenerator<Piece<LogSource>> {
  const records = selected(world, request);
  return mergeLogs(
    records.map((r) => [sourceOf(r), readLog(logPath(world.roots, r.id), { tail: request.tail })] as const),
  );
}

/** One reader a container, all into one outbox: a slow taker slows the readers, never a container. */
async function* follow(
  world: World,
  request: LogsRequest,
  signal: AbortSignal,
): AsyncGenerator<Piece<LogSource> | LogCaughtUp> {
  const box = outbox<Piece<LogSource> | LogCaughtUp>();
  const stop = new AbortController();
  const ended = AbortSignal.any([signal, world.closing, stop.signal]);
  const readers = new Map<string, Promise<void>>();

  const readOne = async (record: ContainerRecord, tail: number | undefined, onCaughtUp?: () => void) => {
    const follow = { signal: ended, done: () => isOver(world, request, record.id), onWake: world.changes.listen };
    for await (const lines of readLog(logPath(world.roots, record.id), { tail, follow, onCaughtUp })) {
      if (!(await box.put({ source: sourceOf(record), lines }))) return;
    }
  };
  const look = () => {
    for (const record of selected(world, request)) {
      if (!readers.has(record.id)) readers.set(record.id, readOne(record, undefined).catch(box.fail));
    }
  };
  const begin = (records: readonly ContainerRecord[]) => {
    const behind = new Set(records);
    const caughtUp = (record: ContainerRecord) => () => {
      if (behind.delete(record) && behind.size === 0) void box.put({ kind: 'caught-up' });
    };
    if (behind.size === 0) void box.put({ kind: 'caught-up' });
    for (const record of records) {
      readers.set(record.id, readOne(record, request.tail, caughtUp(record)).catch(box.fail));
    }
  };
  const settle = async () => {
    if (request.keepOpen) await aborted(ended);
    for (let count = -1; count !== readers.size; ) {
      count = readers.size;
      await Promise.all(readers.values());
    }
    box.end();
  };
  const unhook = world.changes.listen(look);
  begin(selected(world, request));
  void settle();
  try {
    yield* box.items();
  } finally {
    unhook();
    stop.abort();
    box.end();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Nothing more comes: the container is gone, or nothing of the selection runs, is about to, or will be restarted. */
function isOver(world: World, request: LogsRequest, id: string): boolean {
  if (!world.live.has(id)) return true;
  return request.keepOpen !== true && !selected(world, request).some((record) => isUp(world, record.id));
}

function isUp(world: World, id: string): boolean {
  const live = world.live.get(id);
  return live !== undefined && (live.running !== null || live.state === 'starting' || live.state === 'restarting');
}

function selected(world: World, { stack, services, index, containers }: LogsRequest): ContainerRecord[] {
  if (containers) return recordsOf(world, stack).filter((r) => containers.includes(r.id));
  return recordsOf(world, stack)
    .filter((r) => (services.length === 0 ? !r.oneOff : services.includes(r.service) && !r.oneOff))
    .filter((r) => index === undefined || r.replica === index);
}

function sourceOf(record: ContainerRecord): LogSource {
  return { container: record.name, service: record.service, replica: record.replica };
}
