/**
 * What became of a container that an earlier engine started.
 *
 * Reads its state folder and believes nothing that /proc does not confirm:
 * pids are compared with their start times.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errnoOf } from '../base/errors.ts';
import { readExit } from './exit-record.ts';
import { readStartTime } from './process-identity.ts';
import { runningContainer } from './running.ts';
import type { Adopted } from './runtime.ts';

/** A monitor writes the exit record a moment after its container's death; it is given this long. */
const RECORD_WAIT_MS = 2_000;

type RunRecord = {
  readonly pid: number;
  readonly startTime: number;
  readonly monitorPid: number;
  readonly monitorStartTime: number;
};

/** Exited, running, or lost; see runtime.ts. */
export async function adoptContainer(stateDir: string): Promise<Adopted> {
  const run = await readRun(stateDir);
  if (run !== undefined && (await isAlive(run.monitorPid, run.monitorStartTime))) {
    if (await isAlive(run.pid, run.startTime)) {
      return { kind: 'running', container: await runningContainer(stateDir, run) };
    }
    await recordOf(stateDir, run);
  }
  const exit = await readExit(stateDir);
  return exit === undefined ? { kind: 'lost' } : { kind: 'exited', exit };
}

async function recordOf(stateDir: string, run: RunRecord): Promise<void> {
  const end = performance.now() + RECORD_WAIT_MS;
  while (performance.now() < end && (await readExit(stateDir)) === undefined) {
    if (!(await isAlive(run.monitorPid, run.monitorStartTime))) return;
    await sleep(5);
  }
}

async function isAlive(pid: number, startTime: number): Promise<boolean> {
  return (await readStartTime(pid)) === startTime;
}

/** The `run` file; undefined when the program never started. */
async function readRun(stateDir: string): Promise<RunRecord | undefined> {
  let text: string;
  try {
    text = await readFile(join(stateDir, 'run'), 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  const match = /^(\d+) (\d+) (\d+) (\d+)\n$/.exec(text);
  if (match === null) return undefined;
  const [pid, startTime, monitorPid, monitorStartTime] = match.slice(1).map(Number);
  return { pid: pid!, startTime: startTime!, monitorPid: monitorPid!, monitorStartTime: monitorStartTime! };
}
