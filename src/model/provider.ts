/**
 * A service that no container stands for: a program of the host provides it. Compose Specification, 05-services.
 *
 * Providers travel beside the stack: the engine never sees them run.
 */

export type Provider = {
  readonly service: string;
  /** Name or path of its program. */
  readonly type: string;
  readonly options: Readonly<Record<string, readonly string[]>>;
  /** Providers that are asked before it. */
  readonly after: readonly string[];
  /** Services that get its variables. */
  readonly dependants: readonly string[];
  /** The service in canonical form, for a program that asks. */
  readonly definition: unknown;
};
