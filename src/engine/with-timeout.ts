/**
 * `--wait-timeout`: gives up on what has not come true by then.
 */
import { deadline } from '../base/deadline.ts';
import { BerthError } from '../base/errors.ts';
import type { Watch } from './engine.ts';

/** Does `work` with a signal that also fires when the time is over; then WAIT_FAILED. */
export async function withTimeout(
  request: { readonly waitTimeoutMs?: number },
  watch: Watch,
  work: (watch: Watch) => Promise<void>,
): Promise<void> {
  if (request.waitTimeoutMs === undefined) return work(watch);
  const limit = deadline(watch.signal ?? new AbortController().signal, request.waitTimeoutMs);
  try {
    await work({ ...watch, signal: limit.signal });
  } catch (error) {
    if (!limit.isOver() || watch.signal?.aborted) throw error;
    throw new BerthError('WAIT_FAILED', `not all services were there within ${request.waitTimeoutMs / 1000} s`, {
      hint: '`berth ps` shows which; --wait-timeout gives them longer',
      cause: error,
    });
  } finally {
    limit.clear();
  }
}
