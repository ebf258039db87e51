/**
 * What happens after a container has ended: the restart policies as a pure table.
 *
 * No clock and no timers in here; the caller waits as long as it is told.
 * Back-off as Docker has it: 100 ms doubled up to 60 s, from the start again after 10 s of running.
 */
import type { RestartPolicy } from '../model/stack.ts';

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 60_000;
/** A container that ran this long counts as having worked. */
const STABLE_MS = 10_000;

export type Ended = {
  readonly policy: RestartPolicy;
  readonly desired: 'running' | 'stopped';
  /** null: unknown, counts as a failure. */
  readonly exitCode: number | null;
  readonly ranMs: number;
  /** Restarts in a row so far. */
  readonly failures: number;
};

export type Verdict =
  | { readonly kind: 'stay'; readonly why: string }
  | { readonly kind: 'restart'; readonly delayMs: number; readonly failures: number; readonly why: string };

/** Decides what to do with a container that has ended by itself. */
export function superviseExit(ended: Ended): Verdict {
  if (ended.desired === 'stopped') return { kind: 'stay', why: 'it was stopped on request' };
  const failures = ended.ranMs >= STABLE_MS ? 0 : ended.failures;
  const restart = (why: string): Verdict => ({
    kind: 'restart',
    delayMs: Math.min(FIRST_DELAY_MS * 2 ** Math.min(failures, 20), MAX_DELAY_MS),
    failures: failures + 1,
    why,
  });
  switch (ended.policy.kind) {
    case 'no':
      return { kind: 'stay', why: 'restart policy no' };
    case 'always':
    case 'unless-stopped':
      return restart(`restart policy ${ended.policy.kind}`);
    case 'on-failure': {
      if (ended.exitCode === 0) return { kind: 'stay', why: 'it ended with success' };
      const max = ended.policy.maxRetries;
      if (max !== null && ended.failures >= max)
        return { kind: 'stay', why: `restarted ${max} times, which is its limit` };
      return restart('restart policy on-failure');
    }
  }
}
