/**
 * Many callers, one piece of work at a time: whoever asks while it runs shares the next round.
 */

/** Returns a function whose promise settles with a round of `work` that began at or after the call. */
export function coalesce<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let queued: Promise<Result> | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const round = async (before: Promise<unknown>): Promise<Result> => {
    await before.catch(() => {});
    /* A turn of the loop, so that callers of the same moment share the round. */
    await new Promise((resolve) => setImmediate(resolve));
    queued = undefined;
    return await work();
  };

  return () => {
    if (!queued) {
      queued = round(last);
      last = queued;
    }
    return queued;
  };
}
