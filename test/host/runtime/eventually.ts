/** Waits for a condition of the kernel or of a file; the test's own timeout ends it. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves with the first value of `check` that is neither undefined nor false. */
export async function eventually<T>(check: () => T | Promise<T>): Promise<Exclude<T, undefined | false>> {
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== false) return value as Exclude<T, undefined | false>;
    await sleep(5);
  }
}
