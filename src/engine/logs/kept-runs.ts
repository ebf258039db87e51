/**
 * Logs whose container is gone: which there are, and what is noted of each when it goes.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readState, writeState } from '../../base/atomic-file.ts';
import { entriesOf } from '../../base/entries-of.ts';
import { BerthError, errnoOf } from '../../base/errors.ts';
import type { LogKeep } from '../../model/service-logs.ts';
import type { ContainerRecord } from '../records.ts';
import type { World } from '../world.ts';
import { allLogs, parseRunName, type RunName, runFolder, stackLogs } from './run-folder.ts';

const NOTE_SCHEMA = 1;

/** What the folder's name does not say. */
type Note = {
  /** Of the container, at its end. */
  readonly name: string;
  readonly createdAt: string;
  readonly endedAt: string;
  /** Of its service, at its end; null: the default. */
  readonly keep: LogKeep | null;
};

export type KeptRun = RunName & Note & { readonly folder: string; readonly bytes: number };

/** For a container that is about to go. */
export async function noteRun(world: World, record: ContainerRecord): Promise<void> {
  const note: Note = {
    name: record.name,
    createdAt: record.createdAt,
    endedAt: record.exit?.finishedAt ?? new Date().toISOString(),
    keep: record.definition.logKeep ?? null,
  };
  const path = notePath(runFolder(world.roots, record.stack, record));
  /* What it says can be guessed from the files as well: no need to wait for the platters, or for room on them. */
  await writeState(path, NOTE_SCHEMA, note, { durable: false }).catch((error: unknown) => {
    if (!(error instanceof BerthError) || error.code !== 'DISK_FULL') throw error;
    world.log(`${path} can not be written: ${error.message}`);
  });
}

/** Runs of a stack, or of one service of it, that are over and whose container is gone, oldest first. */
export async function keptRuns(world: World, stack: string, service?: string): Promise<KeptRun[]> {
  const names = (await entriesOf(stackLogs(world.roots, stack))).flatMap((name) => parseRunName(name) ?? []);
  const own = service === undefined ? names : names.filter((name) => name.service === service);
  const over = own.filter(({ id }) => world.store.containers.get(id) === undefined);
  const runs = await Promise.all(over.map((name) => readRun(world, stack, name)));
  return runs.flatMap((run) => run ?? []).sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
}

/** Stacks of which something is kept. */
export async function stacksWithLogs(world: World): Promise<string[]> {
  return await entriesOf(allLogs(world.roots));
}

/** undefined: removed meanwhile. */
async function readRun(world: World, stack: string, name: RunName): Promise<KeptRun | undefined> {
  const folder = runFolder(world.roots, stack, name);
  try {
    const files = (await readdir(folder)).filter((file) => /^log(\.|$)/.test(file));
    const sizes = await Promise.all(files.map((file) => stat(join(folder, file))));
    const bytes = sizes.reduce((sum, { size }) => sum + size, 0);
    const note = (await readNote(world, folder)) ?? (await guessNote(folder, stack, name));
    return { ...name, ...note, folder, bytes };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function readNote(world: World, folder: string): Promise<Note | undefined> {
  try {
    return await readState<Note>(notePath(folder), NOTE_SCHEMA);
  } catch (error) {
    if (!(error instanceof BerthError) || error.code !== 'STATE_CORRUPT') throw error;
    world.log(error.message);
    return undefined;
  }
}

/** Its container went without a farewell: a crash, a damaged record. */
async function guessNote(folder: string, stack: string, { service, replica }: RunName): Promise<Note> {
  const { birthtime, mtime } = await stat(folder);
  const written = await stat(join(folder, 'log')).catch(() => undefined);
  return {
    name: `${stack}-${service}-${replica === 0 ? 'run' : replica}`,
    createdAt: birthtime.toISOString(),
    endedAt: (written?.mtime ?? mtime).toISOString(),
    keep: null,
  };
}

function notePath(folder: string): string {
  return join(folder, 'run.json');
}
