/**
 * Ctrl-C: the first asks to end, the second ends at once.
 */
import { noteLine } from './output.ts';

export type Interrupt = {
  /** Aborted at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** What the next interrupt does; the first one's action replaces the abort. */
  onNext(action: () => void): void;
  close(): void;
};

export function listenForInterrupt(firstNote?: string): Interrupt {
  const controller = new AbortController();
  const actions: (() => void)[] = [];
  let count = 0;
  const take = () => {
    count += 1;
    if (count === 1) {
      if (firstNote) noteLine(firstNote);
      controller.abort();
      return;
    }
    const action = actions.shift();
    if (action) action();
    else process.exit(130);
  };
  process.on('SIGINT', take);
  process.on('SIGTERM', take);
  return {
    signal: controller.signal,
    onNext: (action) => void actions.push(action),
    close() {
      process.off('SIGINT', take);
      process.off('SIGTERM', take);
    },
  };
}
