/**
 * Who waits for entries of a queue: requests are held open until there is one, so that nobody polls.
 */

/** How often leases that ran out are looked for while somebody waits. */
const LOOK_AGAIN_MS = 1000;

export function createWaiting(state) {
  let waiters = [];

  const serve = () => {
    for (const waiter of [...waiters]) {
      const entry = state.take(waiter.queue);
      if (entry) waiter.settle(entry);
    }
  };

  setInterval(serve, LOOK_AGAIN_MS).unref();

  return {
    serve,

    /** The next entry, or undefined after `ms`, or when the asker has gone. */
    take(queue, ms, gone) {
      const entry = state.take(queue);
      if (entry || ms === 0) return Promise.resolve(entry);
      return new Promise((resolve) => {
        const waiter = { queue, settle };
        const timer = setTimeout(settle, ms, undefined);
        gone.addEventListener('abort', () => settle(undefined));
        waiters.push(waiter);

        function settle(value) {
          clearTimeout(timer);
          if (!waiters.includes(waiter)) return;
          waiters = waiters.filter((other) => other !== waiter);
          resolve(value);
        }
      });
    },

    /** Answers all with nothing: the store is ending. */
    giveUp() {
      for (const waiter of [...waiters]) waiter.settle(undefined);
    },
  };
}
