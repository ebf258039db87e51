/**
 * The resident launcher: the executor's process that forks a monitor for each program.
 *
 * Owns its life (started with open, restarted when it dies), the framing of
 * programs and the way of an answer back to who asked. Node's own fork grows
 * with the heap and blocks the loop, so no container is ever spawned from here.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { BerthError } from '../base/errors.ts';
import { failpoint, failpointEnvironment } from '../base/failpoint.ts';
import { type Answer, type ProgramAnswer, parseAnswer } from './answer.ts';
import { encodeProgram, type Op } from './op.ts';

/** How long a program that a dead launcher may never have read is waited for. */
const ORPHAN_ANSWER_MS = 3_000;

/** The answers to one program, in order. */
export type Conversation = { next(): Promise<ProgramAnswer> };

export class Launcher {
  readonly #executor: string;
  readonly #lockFile: string;
  readonly #waiting = new Map<string, Mailbox>();
  #child: ChildProcess | undefined;
  #starting: Promise<ChildProcess> | undefined;
  #closed = false;

  constructor(executor: string, lockFile: string) {
    this.#executor = executor;
    this.#lockFile = lockFile;
  }

  /** Resolves when the lock is held; ENGINE_BUSY when another engine holds it. */
  async open(): Promise<void> {
    this.#closed = false;
    await this.#ready();
  }

  /** Ends the launcher; monitors live on. */
  async close(): Promise<void> {
    this.#closed = true;
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.stdin?.end();
    await ended;
    // Monitors hold the other end: nobody listens to it any more.
    child.stdout?.destroy();
  }

  /** Sends a program whose first op is `tag`. */
  async send(tag: string, ops: readonly Op[]): Promise<Conversation> {
    const program = encodeProgram(ops);
    const child = await this.#ready();
    const mailbox = new Mailbox();
    this.#waiting.set(tag, mailbox);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(program.length);
    child.stdin?.write(Buffer.concat([length, program]));
    failpoint('program.sent');
    return mailbox;
  }

  #ready(): Promise<ChildProcess> {
    if (this.#closed) throw new BerthError('RUNTIME_FAILED', 'the runtime is closed');
    if (this.#child !== undefined) return Promise.resolve(this.#child);
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async #start(): Promise<ChildProcess> {
    // Its own session: Ctrl-C in the terminal of an engine in the foreground must not reach it.
    const child = spawn(this.#executor, ['launcher', this.#lockFile], {
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true,
      env: failpointEnvironment(),
    });
    child.stdin.on('error', () => {});
    const lines = createInterface({ input: child.stdout });
    const first = await firstLine(child, lines, this.#executor);
    if (first?.kind === 'busy') throw busy(this.#lockFile, first.pid);
    if (first?.kind !== 'ready') throw new BerthError('RUNTIME_FAILED', `the executor ${this.#executor} did not start`);
    this.#child = child;
    lines.on('line', (line) => this.#receive(line));
    child.on('exit', () => this.#died(child));
    return child;
  }

  #receive(line: string): void {
    const answer = parseAnswer(line);
    if (answer === undefined || !('tag' in answer)) return;
    failpoint(`program.${answer.kind}`);
    const mailbox = this.#waiting.get(answer.tag);
    if (answer.kind !== 'listening') this.#waiting.delete(answer.tag);
    mailbox?.put(answer);
  }

  /** The next program starts a new one. Monitors answer on the old pipe still, so those that were forked are heard. */
  #died(child: ChildProcess): void {
    if (this.#child === child) this.#child = undefined;
    if (this.#closed) return;
    const orphans = [...this.#waiting].filter(([, mailbox]) => !mailbox.answered);
    void sleep(ORPHAN_ANSWER_MS).then(() => {
      for (const [tag, mailbox] of orphans) {
        if (mailbox.answered) continue;
        this.#waiting.delete(tag);
        mailbox.fail(new BerthError('RUNTIME_FAILED', 'the launcher was killed before it answered'));
      }
    });
  }
}

function busy(lockFile: string, pid: number): BerthError {
  return new BerthError('ENGINE_BUSY', `another engine (launcher pid ${pid}) holds ${lockFile}`, {
    hint: 'run `berth engine stop`, or set BERTH_RUN_ROOT to use another engine',
  });
}

async function firstLine(
  child: ChildProcess,
  lines: ReturnType<typeof createInterface>,
  executor: string,
): Promise<Answer | undefined> {
  const line = new Promise<string>((resolve) => {
    lines.once('line', resolve);
    lines.once('close', () => resolve(''));
  });
  const failure = new Promise<never>((_, reject) => {
    child.once('error', (cause) =>
      reject(new BerthError('RUNTIME_FAILED', `the executor ${executor} can not be run`, { cause })),
    );
  });
  return parseAnswer(await Promise.race([line, failure]));
}

/** Answers that came, or who waits for the next. */
class Mailbox implements Conversation {
  answered = false;
  readonly #letters: ProgramAnswer[] = [];
  #failure: Error | undefined;
  #reader: { resolve: (answer: ProgramAnswer) => void; reject: (error: Error) => void } | undefined;

  next(): Promise<ProgramAnswer> {
    const letter = this.#letters.shift();
    if (letter !== undefined) return Promise.resolve(letter);
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  put(answer: ProgramAnswer): void {
    this.answered = true;
    if (this.#reader === undefined) this.#letters.push(answer);
    else this.#reader.resolve(answer);
    this.#reader = undefined;
  }

  fail(error: Error): void {
    this.#failure = error;
    this.#reader?.reject(error);
    this.#reader = undefined;
  }
}
