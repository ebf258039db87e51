/**
 * A container that runs (or is about to), and an exec in one, as the engine holds them.
 *
 * Owns the order of things after the program was sent: answers of the
 * launcher, then the connection to the monitor. A program may be over before
 * the connection is made: then its record is read from the state folder.
 */
import { BerthError } from '../base/errors.ts';
import type { ProgramAnswer } from './answer.ts';
import { readExit, unknownExit } from './exit-record.ts';
import { startError } from './failure.ts';
import type { Conversation } from './launcher.ts';
import { connectMonitor, type MonitorClient } from './monitor-client.ts';
import type { Op } from './op.ts';
import { startedAtOf } from './process-identity.ts';
import type { AttachStream, RunningContainer, RunningExec } from './runtime.ts';
import type { ExitRecord } from './spec.ts';

export type ProcessId = { readonly pid: number; readonly startTime: number };

/** A container whose program was sent: resolves when it runs, or (waiting for an attach) when it can be attached to. */
export async function containerOf(ops: readonly Op[], conversation: Conversation, stateDir: string) {
  const first = await conversation.next();
  if (first.kind !== 'listening') {
    return await runningContainer(stateDir, processOf(ops, first));
  }
  const started = conversation.next().then((answer) => processOf(ops, answer));
  return new Container(stateDir, started);
}

/** A container that is known to run, connected to. */
export async function runningContainer(stateDir: string, id: ProcessId): Promise<RunningContainer> {
  const container = new Container(stateDir, Promise.resolve(id));
  await container.started;
  return container;
}

/** An exec whose program was sent. */
export async function execOf(ops: readonly Op[], conversation: Conversation, stateDir: string): Promise<RunningExec> {
  const first = conversation.next();
  if (!ops.some((op) => op.name === 'await-attach')) {
    const exec = new Container(
      stateDir,
      first.then((answer) => processOf(ops, answer)),
    );
    return { attach: null, exited: exec.exited, started: exec.started };
  }
  const answer = await first;
  if (answer.kind !== 'listening') processOf(ops, answer);
  const now = new Date().toISOString();
  const client = await connectMonitor(stateDir, () => now);
  if (client === undefined) throw new BerthError('RUNTIME_FAILED', 'the monitor of an exec went away');
  const attach = client.attach();
  const started = conversation.next().then((next) => void processOf(ops, next));
  started.catch(() => {});
  return { attach, exited: client.exited, started };
}

function processOf(ops: readonly Op[], answer: ProgramAnswer): ProcessId {
  if (answer.kind === 'started') return answer;
  if (answer.kind === 'failed') throw startError(ops, answer);
  throw new Error(`unexpected answer ${answer.kind}`);
}

class Container implements RunningContainer {
  pid = 0;
  startTime = 0;
  startedAt = '';
  readonly started: Promise<void>;
  readonly exited: Promise<ExitRecord>;
  readonly #stateDir: string;
  readonly #client: Promise<MonitorClient | undefined>;

  constructor(stateDir: string, id: Promise<ProcessId>) {
    this.#stateDir = stateDir;
    this.#client = id.then((process) => this.#connect(process));
    this.started = this.#client.then(() => {});
    this.started.catch(() => {});
    this.exited = this.#client.then(
      async (client) => (await client?.exited) ?? (await readExit(stateDir)) ?? unknownExit(this.startedAt),
      () => unknownExit(new Date().toISOString()),
    );
  }

  onOom(listener: () => void): void {
    this.#client.then(
      (client) => client?.onOom(listener),
      () => {},
    );
  }

  signal(signal: number): Promise<void> {
    return this.#command(`signal ${signal}`);
  }

  signalAll(signal: number): Promise<void> {
    return this.#command(`signal-all ${signal}`);
  }

  resize(rows: number, cols: number): Promise<void> {
    return this.#command(`resize ${rows} ${cols}`);
  }

  /** A connection of its own for each, so that a slow reader holds up nobody else. */
  async attach(): Promise<AttachStream> {
    const client = await connectMonitor(this.#stateDir, () => this.startedAt);
    if (client === undefined) throw notRunning();
    return client.attach();
  }

  async #connect(process: ProcessId): Promise<MonitorClient | undefined> {
    this.pid = process.pid;
    this.startTime = process.startTime;
    this.startedAt = await startedAtOf(process.startTime);
    return await connectMonitor(this.#stateDir, () => this.startedAt);
  }

  async #command(text: string): Promise<void> {
    const client = await this.#client;
    if (client === undefined) throw notRunning();
    await client.command(text);
  }
}

function notRunning(): BerthError {
  return new BerthError('CONTAINER_NOT_RUNNING', 'the container is not running');
}
