/**
 * An attach stream of the runtime as the Session that a terminal talks to.
 */

import type { AttachStream } from '../runtime/runtime.ts';
import type { ExitRecord } from '../runtime/spec.ts';
import type { Session } from './engine.ts';
import { exitCodeOf } from './exit-code.ts';

export type SessionParts = {
  readonly id: string;
  readonly name: string;
  readonly stdin: boolean;
  readonly terminal: boolean;
  readonly attach: AttachStream;
  /** Rejects when the program could not be started. */
  readonly started: Promise<void>;
  readonly exited: Promise<ExitRecord>;
  /** Runs before the exit code is handed out; a failure in it does not hide the code. */
  readonly cleanUp: () => Promise<unknown>;
};

export function sessionOf({ id, name, stdin, terminal, attach, started, exited, cleanUp }: SessionParts): Session {
  const end = async (): Promise<number> => {
    try {
      await started;
      return exitCodeOf(await exited);
    } finally {
      attach.close();
      await cleanUp().catch(() => {});
    }
  };
  const ended = end();
  ended.catch(() => {});
  let letGo: () => void = () => {};
  const detached = new Promise<number>((resolve) => {
    letGo = () => resolve(0);
  });
  return {
    id,
    name,
    stdin,
    terminal,
    onOutput: (listener) =>
      attach.onFrame((frame) => {
        if (frame.kind === 'stdout' || frame.kind === 'stderr') listener(frame.kind, frame.data);
      }),
    write: (data) => attach.write(data),
    endStdin: () => attach.endStdin(),
    resize: (rows, cols) => attach.resize(rows, cols),
    signal: (signal) => attach.signal(signal),
    pause: () => attach.pause(),
    resume: () => attach.resume(),
    detach() {
      attach.close();
      letGo();
    },
    exited: Promise.race([ended, detached]),
  };
}

/** A session that ended before anybody could look: `-d`. */
export function detachedSession(id: string, name: string): Session {
  const nothing = () => {};
  return {
    id,
    name,
    stdin: false,
    terminal: false,
    onOutput: nothing,
    write: nothing,
    endStdin: nothing,
    resize: nothing,
    signal: nothing,
    pause: nothing,
    resume: nothing,
    detach: nothing,
    exited: Promise.resolve(0),
  };
}
