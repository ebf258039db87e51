/**
 * What reconcile is asked to make true.
 *
 * Data only; made by `local.ts` from a request.
 */
import type { Dependency, Positions, Stack } from '../model/stack.ts';

export type Desired = {
  readonly stack: Stack;
  readonly positions: Positions;
  /** Image id by service. */
  readonly imageIds: ReadonlyMap<string, string>;
  /** Services to act on; the others are left as they are. */
  readonly selected: ReadonlySet<string>;
  readonly forceRecreate: boolean;
  /** Services whose containers are made anew although nothing has changed, beside those of forceRecreate. */
  readonly renewed?: ReadonlySet<string>;
  /** Services that run again although they have completed. */
  readonly rerun?: ReadonlySet<string>;
  readonly noRecreate: boolean;
  readonly removeOrphans: boolean;
  readonly ignoreOrphans?: boolean;
  /** Networks and volumes that no service uses, too. */
  readonly allResources?: boolean;
  readonly noStart: boolean;
  /** Anonymous volumes of containers that are replaced are made anew. */
  readonly renewVolumes?: boolean;
  /** What a one-off run depends on: the plan ends when that is as it needs it. */
  readonly needs?: { readonly service: string; readonly dependencies: readonly Dependency[] };
  /** End the plan with a wait for every selected service. */
  readonly wait: boolean;
};
