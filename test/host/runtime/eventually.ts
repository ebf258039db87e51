/** Waits for a condition of the kernel or of a file; names what did not come true before the test's own timeout says less. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves with the first value of `check` that is neither undefined nor false; rejects after `withinMs`. */
export async function eventually<T>(
  check: () => T | Promise<T>,
  withinMs = 30_000,
): Promise<Exclude<T, undefined | false>> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== false) return value as Exclude<T, undefined | false>;
    if (Date.now() > deadline) throw new Error(`it did not come true within ${withinMs} ms: ${check.toString()}`);
    await sleep(5);
  }
}
