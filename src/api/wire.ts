/**
 * What client and server agree on: version, media types, the error's status, stream frames.
 *
 * docs/api.md describes it for everybody else.
 */
import { BerthError, type ErrorCode, type ErrorData, errorData, errorFromData } from '../base/errors.ts';

/** Sent by clients as `berth-api`; a server answers any other than its own with ENGINE_VERSION_MISMATCH. */
export const API_VERSION = '1';
export const VERSION_HEADER = 'berth-api';

export const NDJSON = 'application/x-ndjson';
export const LOG_STREAM = 'application/vnd.berth.log-stream';
/** The protocol name of the upgrade for exec and run. */
export const SESSION = 'berth-session';

/** Frames of a log stream: a source is declared (JSON) before its lines (u32 big-endian number, whole records). */
export const LOG_FRAME = { source: 0, lines: 1, error: 2 } as const;

/** Frames of a session; those of a monitor, with `exit` as JSON `{code}` or `{error}` and `opened` as the first. */
export const SESSION_FRAME = { stdin: 0, stdout: 1, stderr: 2, exit: 3, command: 4, opened: 7 } as const;

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
  'PORT_TAKEN',
  'STACK_BUSY',
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
