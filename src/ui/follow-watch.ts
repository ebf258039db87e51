/**
 * Shows what watching does, until the signal; an engine that is started again is followed on.
 */
import { BerthError } from '../base/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { HistoryEvent } from '../engine/history/event.ts';
import { noteLine } from './output.ts';
import { watchLines } from './watch-lines.ts';

export type WatchFollowing = {
  readonly stack: string;
  readonly sinceMs: number;
  readonly signal: AbortSignal;
  /** Lines to say when a file of the stack itself has changed. */
  readonly onStackFile: (event: HistoryEvent) => Promise<readonly string[]>;
};

const AGAIN_MS = 200;

/** `engineOf`: the engine that runs, started when there is none. */
export async function followWatch(engineOf: () => Promise<Engine>, following: WatchFollowing): Promise<void> {
  const { signal } = following;
  let sinceMs = following.sinceMs;
  let lastId = 0;
  while (!signal.aborted) {
    try {
      const engine = await engineOf();
      for await (const event of engine.events({ stack: following.stack, sinceMs, follow: true }, signal)) {
        if (event.id <= lastId || event.type !== 'watch') continue;
        lastId = event.id;
        sinceMs = Date.parse(event.time);
        await show(event, following);
      }
    } catch (error) {
      /* It was killed while it told us: what it said since then is on disk. */
      if (!signal.aborted && !isLost(error)) throw error;
    }
    if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

async function show(event: HistoryEvent, { onStackFile }: WatchFollowing): Promise<void> {
  const lines = event.action === 'stack file changed' ? await onStackFile(event) : watchLines(event);
  for (const line of lines) noteLine(line);
}

function isLost(error: unknown): boolean {
  if (error instanceof BerthError) return error.code === 'ENGINE_UNREACHABLE';
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'ECONNREFUSED';
}
