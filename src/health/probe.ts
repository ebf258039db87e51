/**
 * Runs one health check again and again and says what it means.
 *
 * Owns the schedule (Compose "healthcheck", Docker's defaults): the first
 * probe at once and often while starting, then every interval; `retries`
 * failures in a row make unhealthy, one success healthy. How a probe is run
 * is the caller's.
 */
import { deadline } from '../base/deadline.ts';

export type ProbeSpec = {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly startPeriodMs: number;
  readonly startIntervalMs: number;
};

export type ProbeOutcome = { readonly ok: boolean; readonly output: string };
export type Health = 'starting' | 'healthy' | 'unhealthy';

export type ProbeHandle = {
  /** Of the last probe that ended. */
  lastOutput(): string;
  stop(): void;
};

/** First pause between probes of a container that has not been healthy yet; doubled up to the start interval. */
const EAGER_MS = 50;

/** Probes until stopped; `onHealth` hears each change of health. */
export function startProbing(
  spec: ProbeSpec,
  probe: (signal: AbortSignal) => Promise<ProbeOutcome>,
  onHealth: (health: Health) => void,
): ProbeHandle {
  const stopped = new AbortController();
  const startedAt = performance.now();
  let health: Health = 'starting';
  let failures = 0;
  let eagerMs = EAGER_MS;
  let output = '';
  let timer: NodeJS.Timeout | undefined;

  const become = (next: Health) => {
    if (next === health) return;
    health = next;
    onHealth(next);
  };

  const settle = (outcome: ProbeOutcome) => {
    output = outcome.output;
    if (outcome.ok) {
      failures = 0;
      become('healthy');
      return spec.intervalMs;
    }
    const starting = health === 'starting' && performance.now() - startedAt < spec.startPeriodMs;
    if (!starting) failures++;
    if (failures >= spec.retries) become('unhealthy');
    return health === 'starting' ? nextEager() : spec.intervalMs;
  };

  /* Once the start period is over failures count, and are spaced as the file says, so that `retries` keeps its meaning. */
  const nextEager = () => {
    const inStart = performance.now() - startedAt < spec.startPeriodMs;
    if (!inStart && spec.startPeriodMs > 0) return spec.intervalMs;
    eagerMs = Math.min(eagerMs * 2, inStart ? spec.startIntervalMs : spec.intervalMs);
    return eagerMs;
  };

  const once = async () => {
    const limit = deadline(stopped.signal, spec.timeoutMs);
    const outcome = await Promise.race([probe(limit.signal), refusal(limit.signal)]).catch((error: unknown) => ({
      ok: false,
      output: error instanceof Error ? error.message : String(error),
    }));
    limit.clear();
    if (stopped.signal.aborted) return;
    const timedOut = limit.isOver() && !outcome.ok;
    const delay = settle(timedOut ? { ok: false, output: `no answer within ${spec.timeoutMs} ms` } : outcome);
    timer = setTimeout(() => void once(), delay);
  };

  void once();
  return {
    lastOutput: () => output,
    stop() {
      stopped.abort();
      clearTimeout(timer);
    },
  };
}

/** Rejects with the abort: a probe whose end nobody tells must not be waited for. */
function refusal(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('it was given up')), { once: true });
  });
}
