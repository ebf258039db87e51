/**
 * One connection to a monitor's ctl.sock.
 *
 * Owns commands and their answers (in order), output frames, and the one
 * question that matters: how did it end. A connection that closes without an
 * exit frame says nothing; then the `exit` file counts, else the code is
 * unknown.
 */
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BerthError, errnoOf } from '../base/errors.ts';
import { parseExit, readExit, unknownExit } from './exit-record.ts';
import { encodeFrame, FRAME, type Frame, frameReader } from './frames.ts';
import type { AttachFrame, AttachStream } from './runtime.ts';
import type { ExitRecord } from './spec.ts';

export type MonitorClient = {
  /** Resolves once, never rejects. */
  readonly exited: Promise<ExitRecord>;
  /** Rejects with CONTAINER_NOT_RUNNING when the program has ended meanwhile. */
  command(text: string): Promise<void>;
  onOom(listener: () => void): void;
  /** Output from now on goes to the stream's listener. */
  attach(): AttachStream;
};

/** How long a monitor whose queue of connections is full is asked again. */
const BUSY_WAIT_MS = 5_000;

/** Connects; undefined when nobody listens (any more). `startedAt` is for a record that has to be made up. */
export async function connectMonitor(stateDir: string, startedAt: () => string): Promise<MonitorClient | undefined> {
  const end = performance.now() + BUSY_WAIT_MS;
  for (;;) {
    try {
      return new Connection(await connect(join(stateDir, 'ctl.sock')), stateDir, startedAt);
    } catch (error) {
      const errno = errnoOf(error) ?? '';
      if (['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes(errno)) return undefined;
      // A Unix socket does not make us wait for a place in its queue (connect(2)).
      if (errno !== 'EAGAIN' || performance.now() > end) throw error;
      await sleep(2);
    }
  }
}

function connect(path: string): Promise<Socket> {
  const socket = createConnection(path);
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

type Asked = { readonly resolve: () => void; readonly reject: (error: Error) => void };

class Connection implements MonitorClient {
  readonly exited: Promise<ExitRecord>;
  readonly #socket: Socket;
  readonly #asked: Asked[] = [];
  readonly #oomListeners: (() => void)[] = [];
  #output: ((frame: AttachFrame) => void) | undefined;
  #exit: ExitRecord | undefined;

  constructor(socket: Socket, stateDir: string, startedAt: () => string) {
    this.#socket = socket;
    const read = frameReader();
    socket.on('data', (chunk: Buffer) => {
      for (const frame of read(chunk)) this.#receive(frame);
    });
    // 'close' always follows.
    socket.on('error', () => {});
    this.exited = new Promise((resolve) => {
      socket.once('close', () => {
        for (const { reject } of this.#asked.splice(0)) reject(notRunning());
        void this.#ended(stateDir, startedAt).then((exit) => {
          if (this.#exit === undefined) this.#output?.({ kind: 'closed' });
          resolve(exit);
        });
      });
    });
  }

  command(text: string): Promise<void> {
    if (this.#socket.destroyed || !this.#socket.writable) return Promise.reject(notRunning());
    return new Promise((resolve, reject) => {
      this.#asked.push({ resolve, reject });
      this.#socket.write(encodeFrame(FRAME.command, text));
    });
  }

  onOom(listener: () => void): void {
    this.#oomListeners.push(listener);
  }

  attach(): AttachStream {
    // Frames may come before anybody listens.
    const early: AttachFrame[] = [];
    this.#output = (frame) => early.push(frame);
    const tell = (text: string) => void this.command(text).catch(() => {});
    tell('attach');
    return {
      onFrame: (listener) => {
        this.#output = listener;
        for (const frame of early.splice(0)) listener(frame);
      },
      write: (data) => {
        if (data.length > 0) this.#send(FRAME.stdin, data);
      },
      endStdin: () => this.#send(FRAME.stdin, Buffer.alloc(0)),
      resize: (rows, cols) => tell(`resize ${rows} ${cols}`),
      signal: (signal) => tell(`signal ${signal}`),
      pause: () => void this.#socket.pause(),
      resume: () => void this.#socket.resume(),
      close: () => this.#socket.destroy(),
    };
  }

  #send(type: number, payload: Buffer): void {
    if (this.#socket.writable) this.#socket.write(encodeFrame(type, payload));
  }

  #receive({ type, payload }: Frame): void {
    switch (type) {
      case FRAME.stdout:
      case FRAME.stderr:
        this.#output?.({ kind: type === FRAME.stdout ? 'stdout' : 'stderr', data: payload });
        return;
      case FRAME.exit:
        this.#exit = parseExit(payload.toString());
        if (this.#exit !== undefined) this.#output?.({ kind: 'exit', exit: this.#exit });
        return;
      case FRAME.answer:
        this.#answer(payload.toString());
        return;
      case FRAME.event:
        if (payload.toString() === 'oom') for (const listener of this.#oomListeners) listener();
    }
  }

  #answer(text: string): void {
    const asked = this.#asked.shift();
    if (text === 'ok') {
      asked?.resolve();
      return;
    }
    const errno = Number(text.split(' ')[1]);
    asked?.reject(
      errno === ESRCH ? notRunning() : new BerthError('RUNTIME_FAILED', `the monitor refused: error ${errno}`),
    );
  }

  async #ended(stateDir: string, startedAt: () => string): Promise<ExitRecord> {
    return this.#exit ?? (await readExit(stateDir).catch(() => undefined)) ?? unknownExit(startedAt());
  }
}

const ESRCH = 3;

function notRunning(): BerthError {
  return new BerthError('CONTAINER_NOT_RUNNING', 'the container is not running');
}
