/**
 * One after the other: what changes the store's names or content must not meet what sweeps it.
 */

export type SerialQueue = <T>(work: () => Promise<T>) => Promise<T>;

/** Runs each piece of work after the one before has ended, however that ended. */
export function serialQueue(): SerialQueue {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work);
    last = next.catch(() => {});
    return next;
  };
}
