/**
 * What becomes of what a service's containers write.
 */

/** Of logs whose container is gone: so many of each replica, so much of the service, for so long. */
export type LogKeep = { readonly count: number; readonly bytes: number; readonly ageMs: number };

export const DEFAULT_KEEP: LogKeep = { count: 5, bytes: 100 * 1024 * 1024, ageMs: 30 * 86_400_000 };

/** How the log of one container is written. The form on disk is one and the same for all drivers. */
export type Logging = {
  readonly driver: 'json-file' | 'local' | 'none';
  /** Of one file; 0: no limit. */
  readonly maxBytes: number;
  readonly maxFiles: number;
  /** What waits in memory while the disk takes nothing. */
  readonly bufferBytes: number;
};

export const DEFAULT_LOGGING: Logging = {
  driver: 'json-file',
  maxBytes: 10 * 1024 * 1024,
  maxFiles: 3,
  bufferBytes: 1024 * 1024,
};

/** As Docker's `local` has it. */
export const LOCAL_LOGGING: Logging = { ...DEFAULT_LOGGING, driver: 'local', maxBytes: 20 * 1024 * 1024, maxFiles: 5 };

/** Where what the containers write is sent too. */
export type LogForward =
  | { readonly kind: 'syslog'; readonly to: SyslogTarget }
  /** A program of this machine that gets the lines on its standard input, one process a container. */
  | { readonly kind: 'command'; readonly command: readonly string[]; readonly folder: string };

export type SyslogTarget =
  | { readonly protocol: 'tcp' | 'udp'; readonly host: string; readonly port: number }
  | { readonly protocol: 'unix'; readonly path: string };
