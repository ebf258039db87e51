/**
 * Runs a call of the engine with progress on stderr: live in a terminal, plain lines elsewhere, none when quiet.
 */
import type { EngineEvent, Watch } from '../engine/engine.ts';
import { plainProgress } from './plain-progress.ts';

export type ProgressOptions = { readonly signal?: AbortSignal; readonly quiet?: boolean };

/** Resolves as the call does, when the last line has been drawn. */
export async function showProgress<T>(options: ProgressOptions, call: (watch: Watch) => Promise<T>): Promise<T> {
  const { signal, quiet } = options;
  if (quiet) return await call({ signal });
  if (!process.stderr.isTTY || process.env.TERM === 'dumb') return await call({ signal, onEvent: plainProgress() });
  const { liveProgress } = await import('./live-progress.ts');
  const progress = liveProgress();
  try {
    return await call({ signal, onEvent: (event: EngineEvent) => progress.onEvent(event) });
  } finally {
    await progress.end();
  }
}
