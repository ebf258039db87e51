/**
 * Attaches to a container that runs: raw keys when it has a terminal and so have we.
 */
import type { ContainerRef, Engine } from '../engine/engine.ts';
import { attachTerminal, terminalSize } from './attach-terminal.ts';
import { parseDetachKeys } from './detach-keys.ts';

export type AttachView = { readonly stdin: boolean; readonly signals: boolean; readonly detachKeys: string };

/** Resolves with the program's exit code, or 0 when the keys let go of it. */
export async function attachTo(engine: Engine, container: ContainerRef, view: AttachView): Promise<number> {
  const detachKeys = parseDetachKeys(view.detachKeys);
  const session = await engine.attach({ container });
  const stdin = view.stdin && session.stdin;
  const terminal = session.terminal && process.stdin.isTTY === true && process.stdout.isTTY === true;
  if (terminal) session.resize(terminalSize().rows, terminalSize().cols);
  return await attachTerminal(session, { terminal: terminal && stdin, stdin, signals: view.signals, detachKeys });
}
