/**
 * The server's side of exec and run: an upgraded connection that carries a terminal.
 *
 * The client sends its request as the first frame. It going away is the end
 * of the terminal: the program gets SIGHUP, as below any terminal that closes.
 * A client that says `detach` before leaves it running.
 */
import type { Duplex } from 'node:stream';
import type { Session } from '../engine/engine.ts';
import { encodeFrame, type Frame, frameReader } from '../runtime/frames.ts';
import type { SessionExchange } from './router.ts';
import { errorBody } from './wire.ts';
import { SESSION, SESSION_FRAME } from './wire-names.ts';

const SIGHUP = 1;

export async function serveSession<T>(
  { socket }: SessionExchange,
  open: (request: T) => Promise<Session>,
  { hangUp }: { readonly hangUp: boolean } = { hangUp: true },
): Promise<void> {
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: ${SESSION}\r\n\r\n`);
  const { first, rest } = await firstFrame(socket);
  const send = (type: number, payload: Buffer | string) => {
    if (socket.writable) socket.write(encodeFrame(type, payload));
  };
  try {
    const session = await open(JSON.parse(first.payload.toString()) as T);
    const { id, name, stdin, terminal } = session;
    send(SESSION_FRAME.opened, JSON.stringify({ id, name, stdin, terminal }));
    connect(socket, { session, hangUp }, send);
    rest((frame) => obey(session, frame));
    const code = await session.exited;
    send(SESSION_FRAME.exit, JSON.stringify({ code }));
  } catch (error) {
    send(SESSION_FRAME.exit, JSON.stringify(errorBody(error)));
  }
  socket.end();
}

type Connected = { readonly session: Session; readonly hangUp: boolean };

/** Output out, with the client's pace; the end of the client is a hang-up, unless the program was there before it. */
function connect(socket: Duplex, { session, hangUp }: Connected, send: (type: number, payload: Buffer) => void): void {
  session.onOutput((stream, data) => {
    send(SESSION_FRAME[stream], data);
    if (!socket.writableNeedDrain || socket.listenerCount('drain') > 0) return;
    session.pause();
    socket.once('drain', () => session.resume());
  });
  let over = false;
  session.exited.then(
    () => (over = true),
    () => (over = true),
  );
  socket.once('close', () => {
    /* Nobody takes the rest, and nobody must wait for that: the monitor ends when its output is read. */
    session.resume();
    if (over) return;
    if (hangUp) session.signal(SIGHUP);
    else session.detach();
  });
}

function obey(session: Session, { type, payload }: Frame): void {
  if (type === SESSION_FRAME.stdin) {
    if (payload.length > 0) session.write(payload);
    else session.endStdin();
    return;
  }
  const [command, ...args] = payload.toString().split(' ');
  const [first = 0, second = 0] = args.map(Number);
  if (command === 'resize') session.resize(first, second);
  if (command === 'signal') session.signal(first);
  if (command === 'detach') session.detach();
}

type FirstFrame = { readonly first: Frame; readonly rest: (listener: (frame: Frame) => void) => void };

function firstFrame(socket: Duplex): Promise<FirstFrame> {
  const read = frameReader();
  const early: Frame[] = [];
  let listener = (frame: Frame): void => void early.push(frame);
  return new Promise((resolve, reject) => {
    socket.once('close', () => reject(new Error('the client went away before its request')));
    socket.on('error', reject);
    let first: Frame | undefined;
    socket.on('data', (chunk: Buffer) => {
      for (const frame of read(chunk)) {
        if (first) {
          listener(frame);
        } else {
          first = frame;
          resolve({ first, rest });
        }
      }
    });
  });

  function rest(next: (frame: Frame) => void): void {
    listener = next;
    for (const frame of early.splice(0)) next(frame);
  }
}
