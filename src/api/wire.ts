/**
 * Errors as client and server exchange them.
 *
 * docs/api.md describes the protocol for everybody else.
 */
import { BerthError, type ErrorCode, type ErrorData, errorData, errorFromData } from '../base/errors.ts';

export type ErrorBody = { readonly error: ErrorData };

/** The HTTP status of an error's code. */
export function statusOf(code: ErrorCode): number {
  if (code.endsWith('_NOT_FOUND') && code !== 'COMMAND_NOT_FOUND') return 404;
  if (code === 'INTERNAL') return 500;
  if (code === 'ENGINE_VERSION_MISMATCH') return 426;
  return CONFLICTS.has(code) ? 409 : 400;
}

const CONFLICTS: ReadonlySet<ErrorCode> = new Set([
  'CONTAINER_NOT_RUNNING',
  'IMAGE_IN_USE',
  'NAME_TAKEN',
  'PLAN_STALE',
  'PORT_TAKEN',
  'STACK_BUSY',
  'STACK_ELSEWHERE',
  'VOLUME_IN_USE',
  'WAIT_FAILED',
  'DEPENDENCY_FAILED',
]);

/** Any failure as the body of an answer. */
export function errorBody(error: unknown): ErrorBody {
  return { error: errorData(error) };
}

/** The error of a body; a body that is none is a bug of the other side. */
export function errorOf(body: unknown, status: number): BerthError {
  const data = (body as Partial<ErrorBody> | undefined)?.error;
  return data ? errorFromData(data) : new BerthError('INTERNAL', `the engine answered with status ${status}`);
}
