/**
 * A failed connection to the engine as an error for people.
 */
import { BerthError, errnoOf } from '../base/errors.ts';

/** What a failed connection means for a person. */
export function connectionError(cause: unknown, signal?: AbortSignal): BerthError {
  if (signal?.aborted) return new BerthError('ABORTED', 'interrupted', { cause });
  if (cause instanceof BerthError) return cause;
  const errno = errnoOf(cause);
  const message = errno === 'ECONNRESET' || errno === 'EPIPE' ? 'the engine went away' : 'the engine does not answer';
  return new BerthError('ENGINE_UNREACHABLE', `${message} (${errno ?? String(cause)})`, {
    hint: 'run the command again: it starts the engine, which finds its containers',
    cause,
  });
}
