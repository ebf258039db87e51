/**
 * Records on disk and in memory: containers, networks, stacks, and what is watched.
 *
 * Memory is the index, rebuilt from the files at start; every change is on
 * disk before the call returns. A damaged file is set aside and named; one of
 * another version is left as it is, and nothing is opened.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { otherVersion, readState, removeUnfinished, writeState } from '../base/atomic-file.ts';
import { type DiskReserve, diskReserve } from '../base/disk-reserve.ts';
import { BerthError } from '../base/errors.ts';
import { failpoint } from '../base/failpoint.ts';
import { missingIn, type RecordKind } from './record-shape.ts';
import {
  type ContainerRecord,
  type NetworkRecord,
  RECORD_SCHEMA,
  type StackRecord,
  type WatchRecord,
  type WatchState,
} from './records.ts';

export type RecordStore = {
  readonly containers: RecordTable<ContainerRecord>;
  readonly networks: RecordTable<NetworkRecord>;
  readonly stacks: RecordTable<StackRecord>;
  /** By stack. */
  readonly watches: RecordTable<WatchRecord>;
  readonly watchStates: RecordTable<WatchState>;
};

export type RecordTable<T> = {
  get(key: string): T | undefined;
  all(): T[];
  put(key: string, value: T): Promise<void>;
  /** Memory only: an object in the making, whose leases others must see. A crash forgets it. */
  hold(key: string, value: T): void;
  /** Changes memory at once and the disk without waiting for the platters: for facts that can be found out again. */
  putSoon(key: string, value: T): void;
  delete(key: string): Promise<void>;
  /** The file of a record, or the folder that holds it. */
  pathOf(key: string): string;
};

/** Opens all tables below `dataDir`; `log` hears of records that were set aside. STATE_VERSION. */
export async function openRecordStore(dataDir: string, log: (line: string) => void): Promise<RecordStore> {
  const containers = join(dataDir, 'containers');
  const networks = join(dataDir, 'networks');
  const stacks = join(dataDir, 'stacks');
  const watches = join(dataDir, 'watches');
  const watchStates = join(dataDir, 'watch-states');
  const reserve = diskReserve(join(dataDir, 'reserve'));
  const store = {
    containers: await openTable<ContainerRecord>(containers, (key) => join(containers, key, 'record.json'), {
      kind: 'container',
      log,
      reserve,
    }),
    networks: await openTable<NetworkRecord>(networks, (key) => join(networks, `${key}.json`), {
      kind: 'network',
      log,
    }),
    stacks: await openTable<StackRecord>(stacks, (key) => join(stacks, `${key}.json`), { kind: 'stack', log }),
    watches: await openTable<WatchRecord>(watches, (key) => join(watches, `${key}.json`), { log }),
    watchStates: await openTable<WatchState>(watchStates, (key) => join(watchStates, `${key}.json`), { log }),
  };
  await reserve.fill();
  return store;
}

/** `reserve`: on a full disk what is there can still be ended and removed; `kind`: whose shape is looked at. */
type TableOptions = {
  readonly log: (line: string) => void;
  readonly reserve?: DiskReserve;
  readonly kind?: RecordKind;
};

async function openTable<T>(folder: string, pathOf: (key: string) => string, options: TableOptions) {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await removeUnfinished(folder);
  const memory = new Map<string, T>();
  for (const entry of await readdir(folder)) {
    const key = entry.endsWith('.json') ? entry.slice(0, -'.json'.length) : entry;
    const value = await readOrSetAside<T>(pathOf(key), options);
    if (value !== undefined) memory.set(key, value);
  }
  return tableOver(memory, pathOf, options);
}

async function readOrSetAside<T>(path: string, { kind, log }: TableOptions): Promise<T | undefined> {
  try {
    const record = await readState<T>(path, RECORD_SCHEMA, { keepOthers: true });
    const missing = record === undefined || kind === undefined ? undefined : missingIn(kind, record);
    if (missing !== undefined) throw otherVersion(path, `it has no ${missing}`);
    return record;
  } catch (error) {
    if (!(error instanceof BerthError) || error.code !== 'STATE_CORRUPT') throw error;
    log(error.message);
    return undefined;
  }
}

function tableOver<T>(memory: Map<string, T>, pathOf: (key: string) => string, { log, reserve }: TableOptions) {
  /* Writes of one key happen in the order they were asked for. */
  const tails = new Map<string, Promise<void>>();
  const inOrder = (key: string, work: () => Promise<void>): Promise<void> => {
    const next = (tails.get(key) ?? Promise.resolve()).catch(() => {}).then(work);
    tails.set(key, next);
    return next;
  };
  const table: RecordTable<T> = {
    get: (key) => memory.get(key),
    all: () => [...memory.values()],
    pathOf,
    hold: (key, value) => void memory.set(key, value),
    async put(key, value) {
      const isNew = !memory.has(key);
      memory.set(key, value);
      const write = () => writeState(pathOf(key), RECORD_SCHEMA, value);
      await inOrder(key, () => (isNew || !reserve ? write() : reserve.spendOn(write)));
    },
    putSoon(key, value) {
      memory.set(key, value);
      inOrder(key, async () => {
        /* Deleted meanwhile: writing now would bring the record back to life. */
        if (memory.has(key)) await writeState(pathOf(key), RECORD_SCHEMA, value, { durable: false });
      }).catch((error: unknown) => log(`cannot write ${pathOf(key)}: ${String(error)}`));
    },
    async delete(key) {
      memory.delete(key);
      await inOrder(key, () => rm(pathOf(key), { force: true }));
      failpoint('record.removed');
      tails.delete(key);
      await reserve?.fill();
    },
  };
  return table;
}
