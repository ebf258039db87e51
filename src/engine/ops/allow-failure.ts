/**
 * Counts replicas whose update failed: `max_failure_ratio` and `failure_action: continue`.
 */
import { BerthError } from '../../base/errors.ts';
import type { Operation } from './operation.ts';

type Failing = { readonly service: string; readonly allowedFailures?: number };

/** One more replica of the service has failed; whether the update goes on all the same. */
export function allowFailure(operation: Operation, { service, allowedFailures = 0 }: Failing): boolean {
  const { failures = new Map<string, number>() } = operation;
  const count = (failures.get(service) ?? 0) + 1;
  failures.set(service, count);
  return count <= allowedFailures;
}

/** A start that fails as part of an update is counted; the text of one that may. Rethrows what may not. */
export function allowFailedStart(
  operation: Operation,
  op: Failing & { readonly replica: number },
  error: unknown,
): string {
  const interrupted = error instanceof BerthError && error.code === 'ABORTED';
  if (interrupted || op.allowedFailures === undefined || !allowFailure(operation, op)) throw error;
  return `replica ${op.replica} of service ${op.service} could not be started: ${error instanceof Error ? error.message : String(error)}`;
}
