/**
 * A signal that aborts when another does, or when time is over.
 *
 * Not AbortSignal.any over AbortSignal.timeout: nothing holds on to that
 * combination, and once it has been collected it never aborts.
 */

export type Deadline = {
  readonly signal: AbortSignal;
  /** Whether it was time that ran out. */
  isOver(): boolean;
  /** To be called when nothing waits for it any more. */
  clear(): void;
};

export function deadline(parent: AbortSignal, ms: number): Deadline {
  const controller = new AbortController();
  let over = false;
  const abort = () => controller.abort();
  const timer = setTimeout(() => {
    over = true;
    abort();
  }, ms);
  if (parent.aborted) abort();
  parent.addEventListener('abort', abort);
  return {
    signal: controller.signal,
    isOver: () => over,
    clear() {
      clearTimeout(timer);
      parent.removeEventListener('abort', abort);
    },
  };
}
