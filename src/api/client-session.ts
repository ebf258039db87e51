/**
 * The client's side of exec and run.
 */
import type { Duplex } from 'node:stream';
import type { BerthError } from '../base/errors.ts';
import type { Session } from '../engine/engine.ts';
import { encodeFrame, type Frame, frameReader } from '../runtime/frames.ts';
import { connectionError } from './connection-error.ts';
import { openSocket } from './upgrade-socket.ts';
import { type ErrorBody, errorOf } from './wire.ts';
import { SESSION_FRAME } from './wire-names.ts';

/** Resolves when the program is there to talk to (or, detached, has been started). */
export async function openSession(socketPath: string, path: string, request: unknown): Promise<Session> {
  const socket = await openSocket(socketPath, path);
  if (!socket) throw connectionError(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
  return await sessionOn(socket, request);
}

/** The session on a connection that has been upgraded. */
export async function sessionOn(socket: Duplex, request: unknown): Promise<Session> {
  const frames = frameStream(socket);
  socket.write(encodeFrame(SESSION_FRAME.command, JSON.stringify(request)));
  const first = await frames.next();
  if (first?.type !== SESSION_FRAME.opened) throw exitError(first);
  return sessionOver(socket, frames, JSON.parse(first.payload.toString()) as Opened);
}

type Opened = Pick<Session, 'id' | 'name' | 'stdin' | 'terminal'>;

function sessionOver(socket: Duplex, frames: FrameStream, opened: Opened): Session {
  const send = (type: number, payload: Buffer | string) => {
    if (socket.writable) socket.write(encodeFrame(type, payload));
  };
  let listener: ((stream: 'stdout' | 'stderr', data: Buffer) => void) | undefined;
  const early: Frame[] = [];
  const output = (frame: Frame) => {
    if (!listener) early.push(frame);
    else listener(frame.type === SESSION_FRAME.stdout ? 'stdout' : 'stderr', frame.payload);
  };
  const exited = readToExit(frames, output).finally(() => socket.end());
  exited.catch(() => {});
  return {
    ...opened,
    onOutput(next) {
      listener = next;
      for (const frame of early.splice(0)) output(frame);
    },
    write: (data) => send(SESSION_FRAME.stdin, data),
    endStdin: () => send(SESSION_FRAME.stdin, ''),
    resize: (rows, cols) => send(SESSION_FRAME.command, `resize ${rows} ${cols}`),
    signal: (signal) => send(SESSION_FRAME.command, `signal ${signal}`),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    detach: () => send(SESSION_FRAME.command, 'detach'),
    exited,
  };
}

async function readToExit(frames: FrameStream, output: (frame: Frame) => void): Promise<number> {
  for (;;) {
    const frame = await frames.next();
    if (frame?.type === SESSION_FRAME.stdout || frame?.type === SESSION_FRAME.stderr) output(frame);
    else return exitCode(frame);
  }
}

function exitCode(frame: Frame | undefined): number {
  const body = frame?.type === SESSION_FRAME.exit ? (JSON.parse(frame.payload.toString()) as { code?: number }) : {};
  if (body.code === undefined) throw exitError(frame);
  return body.code;
}

function exitError(frame: Frame | undefined): BerthError {
  if (frame?.type !== SESSION_FRAME.exit)
    return connectionError(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
  return errorOf(JSON.parse(frame.payload.toString()) as ErrorBody, 200);
}

/** Frames one after the other; undefined at the end of the connection. */
type FrameStream = { next(): Promise<Frame | undefined> };

function frameStream(socket: Duplex): FrameStream {
  const read = frameReader();
  const waiting: Frame[] = [];
  let ended = false;
  let wake: (() => void) | undefined;
  socket.on('data', (chunk: Buffer) => {
    waiting.push(...read(chunk));
    wake?.();
  });
  /* openSocket() hands it over paused, so that no byte is lost. */
  socket.resume();
  socket.on('error', () => {});
  socket.once('close', () => {
    ended = true;
    wake?.();
  });
  socket.once('end', () => {
    ended = true;
    wake?.();
  });
  return {
    async next() {
      while (waiting.length === 0 && !ended) await new Promise<void>((resolve) => (wake = resolve));
      return waiting.shift();
    },
  };
}
