/**
 * The logs of a stack's services: what is there in order of time, then what comes.
 *
 * What is there includes the logs of containers that are gone. Follows
 * containers that appear later too, and ends when nothing of the selection
 * runs or is about to (or, with `keepOpen`, when the caller gives up).
 */
import { mergeLogs, type Piece } from '../logs/merge-logs.ts';
import type { LogCaughtUp, LogItem, LogSource, LogsRequest } from './engine.ts';
import { knownServices, refuseServicesBut } from './known-services.ts';
import { type LogRun, lanesOf, selectLive, selectRecords, selectRuns } from './logs/log-lanes.ts';
import { readLane } from './logs/read-lane.ts';
import { type Outbox, outbox } from './outbox.ts';
import type { World } from './world.ts';

/** SERVICE_NOT_FOUND, at the first batch, when a service asked for is none of the stack's and nothing is kept of it. */
export async function* streamLogs(world: World, request: LogsRequest, signal: AbortSignal): AsyncGenerator<LogItem> {
  const runs = await selectRuns(world, request);
  const known = new Set([...knownServices(world, request.stack), ...runs.map((run) => run.source.service)]);
  refuseServicesBut(known, request.stack, request.services);
  yield { kind: 'sources', sources: runs.map((run) => run.source), services: [...known] };
  const items = request.follow ? follow(world, request, { runs, signal }) : readAll(request, runs);
  for await (const item of items) yield 'kind' in item ? item : { kind: 'lines', ...item };
}

function readAll(request: LogsRequest, runs: readonly LogRun[]): AsyncGenerator<Piece<LogSource>> {
  return mergeLogs(lanesOf(runs).map((lane) => readLane(lane, { tail: request.tail, window: request })));
}

type Following = { readonly runs: readonly LogRun[]; readonly signal: AbortSignal };

type Pieces = AsyncGenerator<Piece<LogSource>>;

/** One reader a lane, all into one outbox: a slow taker slows the readers, never a container. */
async function* follow(
  world: World,
  request: LogsRequest,
  { runs, signal }: Following,
): AsyncGenerator<Piece<LogSource> | LogCaughtUp> {
  const stop = new AbortController();
  const ended = AbortSignal.any([signal, world.closing, stop.signal]);
  const read = (lane: readonly LogRun[], tail?: number) => {
    const done = () => !world.live.has(lane.at(-1)!.id) || isQuiet(world, request);
    const options = { signal: ended, done, onWake: world.changes.listen, pauses: true };
    return readLane(lane, { tail, window: request, follow: options });
  };
  const lanes = lanesOf(runs).map((lane) => read(lane, request.tail));
  const box = outbox<Piece<LogSource>>();
  const readers = new Map<string, Promise<void>>();
  try {
    yield* mergeLogs(lanes);
    yield { kind: 'caught-up' };
    for (const [index, lane] of lanes.entries()) readers.set(String(index), pump(lane, box));
    const known = new Set(runs.map((run) => run.id));
    const join = (found: readonly LogRun[]) => {
      for (const run of found) {
        if (!known.has(run.id)) readers.set(run.id, pump(read([run]), box));
        known.add(run.id);
      }
    };
    /* Those that came and went while the past was given out. */
    join(await selectRuns(world, request));
    const unhook = world.changes.listen(() => join(selectLive(world, request)));
    join(selectLive(world, request));
    void untilQuiet(world, request, ended).then(() => settle(readers, box), box.fail);
    try {
      yield* box.items();
    } finally {
      unhook();
    }
  } finally {
    stop.abort();
    box.end();
    for (const lane of lanes) void lane.return(undefined);
  }
}

async function pump(pieces: Pieces, box: Outbox<Piece<LogSource>>): Promise<void> {
  try {
    for await (const piece of pieces) {
      if (piece.lines.length > 0 && !(await box.put(piece))) return;
    }
  } catch (error) {
    box.fail(error);
  }
}

/** Ends the box when all have given out what there is; what joins meanwhile too. */
async function settle(readers: ReadonlyMap<string, Promise<void>>, box: Outbox<Piece<LogSource>>): Promise<void> {
  for (let count = -1; count !== readers.size; ) {
    count = readers.size;
    await Promise.all(readers.values());
  }
  box.end();
}

/** Resolves too when the caller gives up. */
async function untilQuiet(world: World, request: LogsRequest, ended: AbortSignal): Promise<void> {
  const isOver = () => (ended.aborted || isQuiet(world, request) ? true : undefined);
  await world.changes.until(isOver, ended).catch((error: unknown) => {
    if (!ended.aborted) throw error;
  });
}

/** Nothing of the selection runs, is about to, or will be restarted; and nobody is at work on the stack who may start it. */
function isQuiet(world: World, request: LogsRequest): boolean {
  if (request.keepOpen || world.isBusy(request.stack)) return false;
  return !selectRecords(world, request).some((record) => isUp(world, record.id));
}

function isUp(world: World, id: string): boolean {
  const live = world.live.get(id);
  return live !== undefined && (live.running !== null || live.state === 'starting' || live.state === 'restarting');
}
