/**
 * Paths that were touched, gathered until nothing more comes for a while, one run at a time.
 *
 * What is touched while a run is under way is kept, and begins the next one.
 */

export type QuietBatch = {
  touch(path: string): void;
  /** Nothing is waiting and no run is under way. */
  isIdle(): boolean;
  /** No further run begins. */
  close(): void;
};

export type Batch = {
  readonly paths: ReadonlySet<string>;
  /** When the first and the last of them were touched, milliseconds since 1970. */
  readonly firstMs: number;
  readonly lastMs: number;
};

export type QuietBatchOptions = {
  readonly quietMs: number;
  /** Never rejects. */
  readonly run: (batch: Batch) => Promise<void>;
};

/** Something that writes without a pause would never be acted on. */
const MOST_WAIT_MS = 10_000;

export function quietBatch({ quietMs, run }: QuietBatchOptions): QuietBatch {
  let paths = new Set<string>();
  let firstMs = 0;
  let lastMs = 0;
  let timer: NodeJS.Timeout | undefined;
  let running = false;
  let closed = false;

  const wait = () => {
    const now = Date.now();
    const quiet = lastMs + quietMs - now;
    timer = setTimeout(fire, Math.max(1, Math.min(quiet, firstMs + MOST_WAIT_MS - now)));
  };
  /* Touches only move the time: a timer for each of five thousand would cost more than the rest. */
  const fire = () => {
    timer = undefined;
    if (closed || paths.size === 0) return;
    const now = Date.now();
    if (now < lastMs + quietMs && now < firstMs + MOST_WAIT_MS) return wait();
    const batch = { paths, firstMs, lastMs };
    paths = new Set();
    running = true;
    void run(batch).finally(() => {
      running = false;
      fire();
    });
  };

  return {
    touch(path) {
      lastMs = Date.now();
      if (paths.size === 0) firstMs = lastMs;
      paths.add(path);
      if (!timer && !running && !closed) wait();
    },
    isIdle: () => !running && paths.size === 0,
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
