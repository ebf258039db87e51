/**
 * Work that several ask for at once is done once; it ends when nobody wants it any more.
 */
export type Flights = <P>(
  key: string,
  asked: Asked<P>,
  work: (shared: SharedFlight<P>) => Promise<void>,
) => Promise<void>;

export type Asked<P> = { readonly signal?: AbortSignal; readonly onProgress?: (progress: P) => void };

export type SharedFlight<P> = { readonly signal: AbortSignal; readonly onProgress: (progress: P) => void };

type Flight = {
  readonly done: Promise<void>;
  readonly listeners: Set<(progress: never) => void>;
  readonly controller: AbortController;
  wanted: number;
};

export function flights(): Flights {
  const running = new Map<string, Flight>();

  return async <P>(key: string, { signal, onProgress }: Asked<P>, work: (shared: SharedFlight<P>) => Promise<void>) => {
    /* One that is being given up is waited for, then begun anew: two must not write to one place. */
    for (let given = running.get(key); given?.controller.signal.aborted; given = running.get(key)) {
      await given.done.catch(() => {});
    }
    signal?.throwIfAborted();
    const flight = running.get(key) ?? begin(key, work);
    if (onProgress) flight.listeners.add(onProgress);
    flight.wanted += 1;
    const leave = () => {
      flight.wanted -= 1;
      if (onProgress) flight.listeners.delete(onProgress);
      if (flight.wanted === 0) flight.controller.abort();
    };
    signal?.addEventListener('abort', leave, { once: true });
    try {
      await Promise.race([flight.done, aborted(signal)]);
      /* The last one that leaves waits until nothing is left to end. */
      if (flight.controller.signal.aborted) await flight.done;
    } catch (error) {
      if (flight.controller.signal.aborted) await flight.done.catch(() => {});
      throw error;
    } finally {
      signal?.removeEventListener('abort', leave);
    }
  };

  function begin<P>(key: string, work: (shared: SharedFlight<P>) => Promise<void>): Flight {
    const controller = new AbortController();
    const listeners = new Set<(progress: P) => void>();
    const tell = (progress: P) => {
      for (const listener of listeners) listener(progress);
    };
    const done = work({ signal: controller.signal, onProgress: tell }).finally(() => running.delete(key));
    done.catch(() => {});
    const flight: Flight = { done, listeners: listeners as Set<(progress: never) => void>, controller, wanted: 0 };
    running.set(key, flight);
    return flight;
  }
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
