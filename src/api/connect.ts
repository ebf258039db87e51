/**
 * Finds the engine of these roots, or starts it.
 *
 * Connecting is the test: a socket file alone says nothing. Two commands that
 * start an engine at once are sorted out by the engine's lock; the loser's
 * engine ends, and both commands talk to the winner.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, watch } from 'node:fs';
import { createConnection } from 'node:net';
import { basename, dirname } from 'node:path';
import { BerthError } from '../base/errors.ts';
import type { Roots } from '../base/roots.ts';
import type { Engine } from '../engine/engine.ts';
import { callerOf } from './caller.ts';
import { engineClient } from './client.ts';

const START_WAIT_MS = 15_000;
/** A watched folder tells when the socket appears; this is for the moment between bind and listen. */
const RETRY_MS = 20;
const LOOK_MS = 500;

export type ConnectOptions = {
  readonly roots: Roots;
  /** Program and arguments of the engine's process. */
  readonly daemon: readonly string[];
};

/** The engine that answers now; undefined when none does. */
export async function findEngine(roots: Roots): Promise<Engine | undefined> {
  return (await answers(roots.engineSocket))
    ? engineClient(roots.engineSocket, callerOf(process.argv, process.pid))
    : undefined;
}

/** Connects, starting the engine when there is none. NEEDS_ROOT, ENGINE_START_FAILED with the end of its log. */
export async function connectEngine({ roots, daemon }: ConnectOptions): Promise<Engine> {
  const found = await findEngine(roots);
  if (found) return found;
  refuseWithoutRoot();
  mkdirSync(roots.run, { recursive: true, mode: 0o700 });
  const started = startDaemon(roots, daemon);
  await untilItAnswers(roots, started);
  return engineClient(roots.engineSocket, callerOf(process.argv, process.pid));
}

function refuseWithoutRoot(): void {
  if (process.geteuid?.() === 0) return;
  throw new BerthError('NEEDS_ROOT', 'berth needs root to make containers', { hint: 'run `sudo berth ...`' });
}

/** Resolves when somebody answers on the socket; for an engine that is not listening yet itself. */
export async function untilAnotherAnswers(socket: string, signal: AbortSignal): Promise<void> {
  const bell = folderBell(socket);
  try {
    while (!signal.aborted && !(await answers(socket))) await bell.rung(LOOK_MS);
  } finally {
    bell.close();
  }
}

type StartedDaemon = { failed: boolean };

function startDaemon(roots: Roots, [program, ...args]: readonly string[]): StartedDaemon {
  const log = openSync(roots.engineLog, 'a', 0o600);
  const state: StartedDaemon = { failed: false };
  const child = spawn(program!, args, { detached: true, stdio: ['ignore', log, log], cwd: '/' });
  child.once('exit', () => (state.failed = true));
  child.once('error', () => (state.failed = true));
  child.unref();
  closeSync(log);
  return state;
}

async function untilItAnswers(roots: Roots, started: StartedDaemon): Promise<void> {
  const deadline = Date.now() + START_WAIT_MS;
  const bell = folderBell(roots.engineSocket);
  try {
    while (!(await answers(roots.engineSocket))) {
      /* Ours may have lost the lock to another command's engine: that one counts too, but it must come soon. */
      if (Date.now() > deadline || (started.failed && !(await answersWithin(roots.engineSocket, 3_000))))
        throw startFailed(roots);
      await bell.rung(RETRY_MS);
    }
  } finally {
    bell.close();
  }
}

async function answersWithin(socket: string, ms: number): Promise<boolean> {
  for (const deadline = Date.now() + ms; Date.now() < deadline; ) {
    if (await answers(socket)) return true;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  return false;
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(socket);
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', () => resolve(false));
  });
}

/** Rings when the socket appears in its folder, or after `ms`. */
function folderBell(path: string) {
  let wake: (() => void) | undefined;
  const watcher = watch(dirname(path), (_event, name) => {
    if (name === basename(path)) wake?.();
  });
  return {
    rung: (ms: number) =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    close: () => watcher.close(),
  };
}

function startFailed(roots: Roots): BerthError {
  const tail = readFileSync(roots.engineLog, 'utf8').trimEnd().split('\n').slice(-8);
  return new BerthError('ENGINE_START_FAILED', ['the engine did not start; its log ends with:', ...tail].join('\n  '), {
    hint: `see ${roots.engineLog}, and run \`berth doctor\``,
  });
}
