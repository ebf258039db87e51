/**
 * What becomes of what a service's containers write.
 */

/** Of logs whose container is gone: so many of each replica, so much of the service, for so long. */
export type LogKeep = { readonly count: number; readonly bytes: number; readonly ageMs: number };

export const DEFAULT_KEEP: LogKeep = { count: 5, bytes: 100 * 1024 * 1024, ageMs: 30 * 86_400_000 };
