/**
 * The names that client and server agree on: version, media types, stream frames.
 */

/** Sent by clients as `berth-api`; a server answers any other than its own with ENGINE_VERSION_MISMATCH. */
export const API_VERSION = '1';
export const VERSION_HEADER = 'berth-api';

export const NDJSON = 'application/x-ndjson';
export const LOG_STREAM = 'application/vnd.berth.log-stream';
/** The protocol name of the upgrade for exec and run. */
export const SESSION = 'berth-session';

/**
 * Frames of a log stream: a source is declared (JSON) before its lines (u32 big-endian number, whole records).
 * `services` (JSON) closes the declarations of what is there at the beginning.
 */
export const LOG_FRAME = { source: 0, lines: 1, error: 2, services: 3, caughtUp: 4 } as const;

/** Frames of a session; those of a monitor, with `exit` as JSON `{code}` or `{error}` and `opened` as the first. */
export const SESSION_FRAME = { stdin: 0, stdout: 1, stderr: 2, exit: 3, command: 4, opened: 7 } as const;

/** Why a stream that had begun could not be completed: an error body, percent-encoded. */
export const ERROR_TRAILER = 'x-berth-error';
