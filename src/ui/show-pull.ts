/**
 * Runs a call that moves layers, with their progress on stderr; Ctrl-C ends it and keeps what has come.
 */
import type { Watch } from '../engine/engine.ts';
import { listenForInterrupt } from './interrupt.ts';
import { pullProgress } from './pull-progress.ts';

export async function showPull<T>(
  { quiet }: { readonly quiet: boolean },
  call: (watch: Watch) => Promise<T>,
): Promise<T> {
  const interrupt = listenForInterrupt('ending; what has come is kept');
  const display = pullProgress({ live: process.stderr.isTTY === true && process.env.TERM !== 'dumb' });
  try {
    return await call({ signal: interrupt.signal, onEvent: quiet ? undefined : display.take });
  } finally {
    display.end();
    interrupt.close();
  }
}
