/**
 * Lets only so many pieces of work run at a time, and lets input and output through between them.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

export type Limiter = <T>(work: () => Promise<T>) => Promise<T>;

/** Work begins in the order it was given. */
export function limiter(atOnce: number): Limiter {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      await nextTurn();
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
