/**
 * What every op gets: the world, and the request its plan was made for.
 */
import type { Positions, SecretValues, Service, Stack } from '../../model/stack.ts';
import type { World } from '../world.ts';

export type Operation = {
  readonly world: World;
  readonly stack: Stack;
  readonly positions: Positions;
  /** Values of secrets; absent when the request makes no container. */
  readonly secrets?: SecretValues;
  /** Instead of each service's stop_grace_period. */
  readonly graceMs: number | undefined;
  /** Instead of each container's own. */
  readonly stopSignal?: string;
  /** Container ids made by this plan, by `SERVICE:REPLICA`. */
  readonly created: Map<string, string>;
  /** Containers made by this go by themselves when they have ended. */
  readonly autoRemove?: boolean;
  /** Replicas by service that failed after their update. */
  readonly failures?: Map<string, number>;
  /** Event of the command that asked for this; null or absent: nobody did. */
  readonly cause?: number | null;
};

/** The service of that name, which reconcile took from this very stack. */
export function serviceOf(operation: Operation, name: string): Service {
  const service = operation.stack.services.find((s) => s.name === name);
  if (!service) throw new Error(`the plan names service ${name}, which stack ${operation.stack.name} has not`);
  return service;
}
