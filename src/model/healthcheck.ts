/**
 * How a container is asked whether it is well.
 */

/** Docker's, in milliseconds. */
export const HEALTH_DEFAULTS = {
  intervalMs: 30_000,
  timeoutMs: 30_000,
  retries: 3,
  startPeriodMs: 0,
  startIntervalMs: 5_000,
} as const;

export type Healthcheck = {
  /** `none` switches off the image's own; `image` is the image's own, at other times. */
  readonly test: { readonly kind: 'none' | 'image' } | { readonly kind: 'exec'; readonly argv: readonly string[] };
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly startPeriodMs: number;
  readonly startIntervalMs: number;
  /** What the file does not say: the image's own, where it has some, goes before the default. */
  readonly ofImage?: readonly (keyof typeof HEALTH_DEFAULTS)[];
};
