/**
 * `--wait-timeout`: gives up on what has not come true by then.
 */
import { BerthError } from '../base/errors.ts';
import type { Watch } from './engine.ts';

/** Does `work` with a signal that also fires when the time is over; then WAIT_FAILED. */
export async function withTimeout(
  request: { readonly waitTimeoutMs?: number },
  watch: Watch,
  work: (watch: Watch) => Promise<void>,
): Promise<void> {
  if (request.waitTimeoutMs === undefined) return work(watch);
  const timeout = AbortSignal.timeout(request.waitTimeoutMs);
  const signal = watch.signal ? AbortSignal.any([watch.signal, timeout]) : timeout;
  try {
    await work({ ...watch, signal });
  } catch (error) {
    if (!timeout.aborted || watch.signal?.aborted) throw error;
    throw new BerthError('WAIT_FAILED', `not all services were there within ${request.waitTimeoutMs / 1000} s`, {
      hint: '`berth ps` shows which; --wait-timeout gives them longer',
      cause: error,
    });
  }
}
