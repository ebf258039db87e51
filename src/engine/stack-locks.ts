/**
 * One operation at a time on a stack; later ones wait their turn and say for whom.
 *
 * Lives in the engine's memory: a killed engine holds nothing.
 */

export type StackLocks = {
  /** Runs `work` when no other work on `stack` runs; `onWait` hears what it waits for. */
  run<T>(stack: string, name: string, work: () => Promise<T>, onWait?: (holder: string) => void): Promise<T>;
  /** Whether somebody is at work on `stack`. */
  isHeld(stack: string): boolean;
};

/** `onFree` hears of each stack that nobody is at work on any more. */
export function stackLocks(onFree: () => void = () => {}): StackLocks {
  const tails = new Map<string, { readonly name: string; readonly done: Promise<unknown> }>();
  return {
    isHeld: (stack) => tails.has(stack),
    async run(stack, name, work, onWait) {
      const before = tails.get(stack);
      if (before) onWait?.(before.name);
      const done = (before?.done ?? Promise.resolve()).catch(() => {}).then(work);
      const entry = { name, done };
      tails.set(stack, entry);
      try {
        return await done;
      } finally {
        if (tails.get(stack) === entry) {
          tails.delete(stack);
          onFree();
        }
      }
    },
  };
}
