/**
 * What happens after a container has ended: the restart policies as a pure table.
 *
 * No clock and no timers in here; the caller waits as long as it is told.
 * Back-off as Docker has it: 100 ms doubled up to 60 s, from the start again after 10 s of running.
 */
import { assertNever } from '../base/errors.ts';
import type { RestartPolicy } from '../model/stack.ts';

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 60_000;
/** A container that ran this long counts as having worked. */
const STABLE_MS = 10_000;

/** What is counted from one end to the next; on disk, so that a new engine goes on where the old one was. */
export type Retries = {
  /** Short runs in a row, for the back-off. */
  readonly failures: number;
  /** Restarts since somebody asked for a start, for the limits. */
  readonly attempts: number;
};

export const NO_RETRIES: Retries = { failures: 0, attempts: 0 };

export type Ended = {
  readonly policy: RestartPolicy;
  readonly desired: 'running' | 'stopped';
  /** null: unknown, counts as a failure. */
  readonly exitCode: number | null;
  /** berth ended it because its health check failed, and it is to be restarted then. */
  readonly unhealthy: boolean;
  readonly ranMs: number;
  readonly retries: Retries;
};

export type Verdict =
  | { readonly kind: 'stay'; readonly why: string }
  | { readonly kind: 'restart'; readonly delayMs: number; readonly retries: Retries; readonly why: string };

/** Decides what to do with a container that has ended by itself, or by berth for being unhealthy. */
export function superviseExit(ended: Ended): Verdict {
  if (ended.desired === 'stopped') return { kind: 'stay', why: 'it was stopped on request' };
  const { policy } = ended;
  const failed = ended.unhealthy || ended.exitCode !== 0;
  switch (policy.kind) {
    case 'no':
      return ended.unhealthy ? restart(ended, 'it was unhealthy') : { kind: 'stay', why: 'restart policy no' };
    case 'always':
    case 'unless-stopped':
      return restart(ended, `restart policy ${policy.kind}`);
    case 'on-failure':
      if (!failed) return { kind: 'stay', why: 'it ended with success' };
      return spent(ended, policy.maxRetries) ?? restart(ended, 'restart policy on-failure');
    case 'deploy':
      if (!failed && policy.condition === 'on-failure') return { kind: 'stay', why: 'it ended with success' };
      return superviseDeployed(ended, policy);
    default:
      return assertNever(policy);
  }
}

type DeployPolicy = Extract<RestartPolicy, { kind: 'deploy' }>;

/** deploy.restart_policy: a run as long as the window was a success, and the tries count from there. */
function superviseDeployed(ended: Ended, policy: DeployPolicy): Verdict {
  const worked = policy.windowMs !== null && policy.windowMs > 0 && ended.ranMs >= policy.windowMs;
  const counted = worked ? { ...ended, retries: NO_RETRIES } : ended;
  return (
    spent(counted, policy.maxAttempts) ??
    restart(counted, `restart policy ${policy.condition} of deploy`, policy.delayMs ?? undefined)
  );
}

function spent({ retries }: Ended, max: number | null): Verdict | undefined {
  if (max === null || retries.attempts < max) return undefined;
  return { kind: 'stay', why: `restarted ${max} ${max === 1 ? 'time' : 'times'}, which is its limit` };
}

function restart({ retries, ranMs }: Ended, why: string, delayMs?: number): Verdict {
  const failures = ranMs >= STABLE_MS ? 0 : retries.failures;
  return {
    kind: 'restart',
    delayMs: delayMs ?? Math.min(FIRST_DELAY_MS * 2 ** Math.min(failures, 20), MAX_DELAY_MS),
    retries: { failures: failures + 1, attempts: retries.attempts + 1 },
    why,
  };
}
