/**
 * Connects this command's terminal (or pipes) with a session: exec and run.
 *
 * In a terminal: raw mode, window size, signals as keys. With pipes: stdin as
 * it comes, stdout and stderr apart. Restores the terminal whatever happens.
 */
import type { Session } from '../engine/engine.ts';
import { detachFilter } from './detach-keys.ts';
import { noteLine } from './output.ts';

const SIGINT = 2;
const SIGTERM = 15;

const LEFT_RUNNING = 'left the program running';

export type AttachOptions = {
  readonly terminal: boolean;
  readonly stdin: boolean;
  /** Which of the program's streams are shown; undefined: both. */
  readonly outputs?: readonly string[];
  /** Hand signals on to the program; default true. */
  readonly signals?: boolean;
  /** Keys that let go of the program in a terminal (ui/detach-keys.ts). */
  readonly detachKeys?: readonly number[];
};

/** Resolves with the exit code. */
export async function attachTerminal(session: Session, options: AttachOptions): Promise<number> {
  const { terminal, stdin, signals } = options;
  let isLeft = false;
  session.onOutput((stream, data) => {
    if (options.outputs?.includes(stream) === false) return;
    const out = stream === 'stdout' ? process.stdout : process.stderr;
    if (out.write(data) || out.listenerCount('drain') > 0) return;
    session.pause();
    out.once('drain', () => session.resume());
  });
  const undo = [
    ...(signals === false ? [] : [forwardSignals(session, terminal)]),
    ...(terminal ? [followSize(session)] : []),
    ...(stdin ? [sendInput(session, options, () => (isLeft = true))] : []),
  ];
  try {
    return await session.exited;
  } finally {
    for (const restore of undo) restore();
    /* The cursor stands where the program has left it. */
    if (isLeft) noteLine(`\n${LEFT_RUNNING}`);
  }
}

/** Rows and columns of this terminal; 24 x 80 when it does not know. */
export function terminalSize(): { readonly rows: number; readonly cols: number } {
  return { rows: process.stdout.rows || 24, cols: process.stdout.columns || 80 };
}

function followSize(session: Session): () => void {
  const resize = () => session.resize(terminalSize().rows, terminalSize().cols);
  process.stdout.on('resize', resize);
  return () => process.stdout.off('resize', resize);
}

function sendInput(session: Session, { terminal, detachKeys }: AttachOptions, onDetach: () => void): () => void {
  const { stdin } = process;
  if (terminal && stdin.isTTY) stdin.setRawMode(true);
  const filter = terminal && detachKeys ? detachFilter(detachKeys) : undefined;
  const onData = (data: Buffer) => {
    const { pass, detach } = filter?.(data) ?? { pass: data, detach: false };
    if (pass.length > 0) session.write(pass);
    if (!detach) return;
    onDetach();
    session.detach();
  };
  const onEnd = () => session.endStdin();
  stdin.on('data', onData);
  stdin.once('end', onEnd);
  return () => {
    stdin.off('data', onData);
    stdin.off('end', onEnd);
    if (terminal && stdin.isTTY) stdin.setRawMode(false);
    stdin.pause();
    stdin.unref?.();
  };
}

/** Without a raw terminal Ctrl-C is a signal of ours: the program gets it, and the third one ends us. */
function forwardSignals(session: Session, terminal: boolean): () => void {
  let count = 0;
  const forward = (number: number) => () => {
    count += 1;
    if (count >= 3) {
      noteLine(LEFT_RUNNING);
      process.exit(130);
    }
    session.signal(number);
  };
  const onInt = forward(SIGINT);
  const onTerm = forward(SIGTERM);
  if (!terminal) process.on('SIGINT', onInt);
  process.on('SIGTERM', onTerm);
  return () => {
    process.off('SIGINT', onInt);
    process.off('SIGTERM', onTerm);
  };
}
