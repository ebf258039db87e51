/**
 * Errors a person is meant to read.
 *
 * Every failure that can reach the terminal, the API or a log is a
 * `BerthError`: a stable `code` for programs, a `message` that says what
 * happened to which thing, and a `hint` that says what to do next. A plain
 * `Error` or a failed assertion means a bug in berth itself.
 */

/** Stable, documented in docs/errors.md (a test holds the two together); adding one is a minor change, renaming one is breaking. */
export const ERROR_CODES = [
  'ABORTED',
  'ADDRESS_POOL_EMPTY',
  'BUILD_FAILED',
  'CONTAINER_NOT_FOUND',
  'CONTAINER_NOT_RUNNING',
  'COMMAND_FAILED',
  'COMMAND_NOT_EXECUTABLE',
  'COMMAND_NOT_FOUND',
  'COPY_FAILED',
  'CREDENTIALS_FAILED',
  'DEPENDENCY_CYCLE',
  'DEPENDENCY_FAILED',
  'DISK_FULL',
  'DOCKERFILE_INVALID',
  'ENGINE_BUSY',
  'ENGINE_START_FAILED',
  'ENGINE_UNREACHABLE',
  'ENGINE_VERSION_MISMATCH',
  'HOOK_FAILED',
  'HOST_LACKS_CONTROLLER',
  'HOST_LACKS_FEATURE',
  'HOST_LACKS_PROGRAM',
  'IMAGE_ARCHIVE_INVALID',
  'IMAGE_CONTENT_INVALID',
  'IMAGE_IN_USE',
  'IMAGE_NAME_TAKEN',
  'IMAGE_NOT_FOUND',
  'IMAGE_PLATFORM_MISSING',
  'IMAGE_REFERENCE_INVALID',
  'INTERNAL',
  'NAME_TAKEN',
  'NEEDS_ROOT',
  'NETWORK_FAILED',
  'NETWORK_IN_USE',
  'NETWORK_NOT_FOUND',
  'NOTHING_TO_WATCH',
  'PLAN_STALE',
  'PORT_TAKEN',
  'PROVIDER_FAILED',
  'PROVIDER_NOT_FOUND',
  'REGISTRY_CONFIG_INVALID',
  'REGISTRY_DENIED',
  'REGISTRY_FAILED',
  'REGISTRY_LIMITED',
  'REGISTRY_UNREACHABLE',
  'REQUEST_INVALID',
  'RUNTIME_FAILED',
  'SECRET_MISSING',
  'SERVICE_NOT_FOUND',
  'SOURCE_FAILED',
  'SOURCE_NOT_ALLOWED',
  'STACK_BUSY',
  'STACK_ELSEWHERE',
  'STACK_FILE_INVALID',
  'STACK_FILE_NOT_FOUND',
  'STACK_NOT_FOUND',
  'STATE_CORRUPT',
  'STATE_VERSION',
  'UNSUPPORTED_PLATFORM',
  'UPDATE_FAILED',
  'UPDATE_ROLLED_BACK',
  'USAGE',
  'VOLUME_FAILED',
  'VOLUME_IN_USE',
  'VOLUME_NOT_FOUND',
  'WAIT_FAILED',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** 1-based line and column in a file a person wrote; `file` is absolute. */
export type SourcePos = { readonly file: string; readonly line: number; readonly col: number };

/** One finding in a stack file; `STACK_FILE_INVALID` carries all of them. */
export type Diagnostic = {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly at?: SourcePos;
  /** Dotted path of the value, e.g. `services.web.ports[0]`. */
  readonly path?: string;
  /** The source line, and how many columns from `at.col` the caret underlines. */
  readonly sourceLine?: string;
  readonly width?: number;
  readonly hint?: string;
};

export type BerthErrorOptions = {
  readonly hint?: string;
  readonly at?: SourcePos;
  readonly cause?: unknown;
  readonly diagnostics?: readonly Diagnostic[];
  /** Overrides the code's exit code, e.g. that of an exec'd program. */
  readonly exitCode?: number;
};

export class BerthError extends Error {
  override readonly name = 'BerthError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly at: SourcePos | undefined;
  readonly diagnostics: readonly Diagnostic[] | undefined;
  readonly exitCode: number;

  constructor(code: ErrorCode, message: string, options: BerthErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.at = options.at;
    this.diagnostics = options.diagnostics;
    this.exitCode = options.exitCode ?? exitCodeOf(code);
  }
}

/** What crosses the engine's socket in place of an error. */
export type ErrorData = {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly at?: SourcePos;
  readonly diagnostics?: readonly Diagnostic[];
  readonly exitCode?: number;
};

/** The data of any thrown value; a bug becomes code INTERNAL with its own message. */
export function errorData(error: unknown): ErrorData {
  if (error instanceof BerthError) {
    const { code, message, hint, at, diagnostics, exitCode } = error;
    return { code, message, hint, at, diagnostics, exitCode };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'INTERNAL', message, hint: 'this is a bug in berth: please report it with the engine log' };
}

/** The inverse of `errorData`. */
export function errorFromData(data: ErrorData): BerthError {
  return new BerthError(data.code, data.message, data);
}

/** Exit codes of the command: 0 ok, 1 failed, 2 usage, 3 stack file invalid, 125 runtime, 126/127 as the shell, 130 Ctrl-C. */
export function exitCodeOf(code: ErrorCode): number {
  switch (code) {
    case 'USAGE':
      return 2;
    case 'STACK_FILE_INVALID':
    case 'STACK_FILE_NOT_FOUND':
    case 'DEPENDENCY_CYCLE':
      return 3;
    case 'RUNTIME_FAILED':
      return 125;
    case 'COMMAND_NOT_EXECUTABLE':
      return 126;
    case 'COMMAND_NOT_FOUND':
      return 127;
    case 'ABORTED':
      return 130;
    default:
      return 1;
  }
}

/** The errno name of a system error (`ENOENT`), or undefined. */
export function errnoOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Marks a branch that the types say can not be reached. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`);
}
