/**
 * Waiting for the world to change: edges, never polling.
 *
 * One hub an engine. Whoever changes a live container calls `changed()`;
 * whoever waits gives a question that is asked again at each change.
 */
import { BerthError } from '../base/errors.ts';

export type ChangeHub = {
  changed(): void;
  /** Calls `listener` after each change, until the returned function is called. */
  listen(listener: () => void): () => void;
  /** Resolves with the first answer of `ask` that is not undefined; rejects with ABORTED, or with what `ask` throws. */
  until<T>(ask: () => T | undefined, signal?: AbortSignal): Promise<T>;
};

export function changeHub(): ChangeHub {
  const waiting = new Set<() => void>();
  let pending = false;
  const wakeAll = () => {
    pending = false;
    for (const wake of [...waiting]) wake();
  };
  return {
    changed() {
      if (pending) return;
      pending = true;
      queueMicrotask(wakeAll);
    },
    listen(listener) {
      waiting.add(listener);
      return () => void waiting.delete(listener);
    },
    until: (ask, signal) =>
      new Promise((resolve, reject) => {
        const finish = () => {
          waiting.delete(check);
          signal?.removeEventListener('abort', abort);
        };
        const abort = () => {
          finish();
          reject(new BerthError('ABORTED', 'interrupted'));
        };
        const check = () => {
          try {
            const answer = ask();
            if (answer === undefined) return;
            finish();
            resolve(answer);
          } catch (error) {
            finish();
            reject(error);
          }
        };
        if (signal?.aborted) return abort();
        waiting.add(check);
        signal?.addEventListener('abort', abort);
        check();
      }),
  };
}
