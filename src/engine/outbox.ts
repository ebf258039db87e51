/**
 * A queue between several writers and one taker, with room for few items: writers wait when it is full.
 */

export type Outbox<T> = {
  /** Resolves when there is room again; false when nobody takes any more. */
  put(item: T): Promise<boolean>;
  end(): void;
  fail(error: unknown): void;
  items(): AsyncGenerator<T>;
};

const ROOM = 4;

export function outbox<T>(): Outbox<T> {
  const items: T[] = [];
  let ended = false;
  let failure: { readonly error: unknown } | undefined;
  let wakeTaker: (() => void) | undefined;
  const wakeWriters: (() => void)[] = [];
  const wakeAll = () => {
    wakeTaker?.();
    for (const wake of wakeWriters.splice(0)) wake();
  };
  return {
    async put(item) {
      while (items.length >= ROOM && !ended) await new Promise<void>((resolve) => wakeWriters.push(resolve));
      if (ended) return false;
      items.push(item);
      wakeTaker?.();
      return true;
    },
    end() {
      ended = true;
      wakeAll();
    },
    fail(error) {
      failure ??= { error };
      ended = true;
      wakeAll();
    },
    async *items() {
      for (;;) {
        const item = items.shift();
        if (item !== undefined) {
          for (const wake of wakeWriters.splice(0)) wake();
          yield item;
          continue;
        }
        if (failure) throw failure.error;
        if (ended) return;
        await new Promise<void>((resolve) => {
          wakeTaker = resolve;
        });
      }
    },
  };
}
