/**
 * The runs that a request for logs is about, in lanes: each lane is in order of time by itself.
 *
 * A lane is what one replica's containers wrote, one after the other, as if it
 * were one log. Where two of them ran at the same time (the new one is started
 * before the old one is stopped), there are two lanes.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { firstStamp } from '../../logs/first-stamp.ts';
import type { LogSource, LogsRequest } from '../engine.ts';
import { recordsOf } from '../observe.ts';
import type { ContainerRecord } from '../records.ts';
import type { World } from '../world.ts';
import { type KeptRun, keptRuns } from './kept-runs.ts';
import { logPath } from './run-folder.ts';

export type LogRun = {
  readonly id: string;
  readonly source: LogSource;
  readonly path: string;
  readonly createdAt: string;
  /** null: it may be written to. */
  readonly endedAt: string | null;
  /** Its service keeps no log (logging.driver none). */
  readonly isOff?: boolean;
  /** Of its first record, as the record has it; undefined: it has none yet. */
  readonly startedAt: string | undefined;
};

/** Oldest first; of containers that are gone only when none is named. */
export async function selectRuns(world: World, request: LogsRequest): Promise<LogRun[]> {
  const kept = request.containers ? [] : await keptRuns(world, request.stack);
  const wanted = kept.filter((run) => isWanted(request, { ...run, oneOff: run.replica === 0 }));
  const runs = [...wanted.map(runOfKept), ...selectLive(world, request)];
  const started = await Promise.all(runs.map(async (run) => ({ ...run, startedAt: await firstStamp(run.path) })));
  return started.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
}

/** Runs of the containers there are. */
export function selectLive(world: World, request: LogsRequest): LogRun[] {
  return selectRecords(world, request)
    .map((record) => runOfRecord(world, record))
    .filter((run) => existsSync(dirname(run.path)));
}

export function selectRecords(world: World, request: LogsRequest): ContainerRecord[] {
  const records = recordsOf(world, request.stack);
  if (request.containers) return records.filter((r) => request.containers?.includes(r.id));
  return records.filter((record) => isWanted(request, record));
}

type Wanted = { readonly service: string; readonly replica: number; readonly oneOff: boolean };

function isWanted({ services, index, oneOff }: LogsRequest, run: Wanted): boolean {
  if (services.length > 0 && !services.includes(run.service)) return false;
  if (run.oneOff) return oneOff === true && index === undefined;
  return index === undefined || run.replica === index;
}

/** One-off runs have a lane each. */
export function lanesOf(runs: readonly LogRun[]): LogRun[][] {
  const lanes: LogRun[][] = [];
  for (const run of runs) {
    const lane = lanes.find((other) => follows(other.at(-1)!, run));
    if (lane) lane.push(run);
    else lanes.push([run]);
  }
  return lanes;
}

function follows(before: LogRun, run: LogRun): boolean {
  const isSame = before.source.service === run.source.service && before.source.replica === run.source.replica;
  if (!isSame || run.source.oneOff || before.endedAt === null) return false;
  return run.startedAt === undefined || before.endedAt <= run.startedAt;
}

function runOfKept({ id, name, service, replica, folder, createdAt, endedAt }: KeptRun): LogRun {
  const source = { container: name, service, replica, oneOff: replica === 0 };
  return { id, source, path: join(folder, 'log'), createdAt, endedAt, startedAt: undefined };
}

function runOfRecord(world: World, record: ContainerRecord): LogRun {
  const { id, name, service, replica, oneOff, createdAt } = record;
  const source = { container: name, service, replica, oneOff };
  const isOff = record.definition.logging?.driver === 'none';
  return { id, source, path: logPath(world.roots, record), createdAt, endedAt: null, isOff, startedAt: undefined };
}
