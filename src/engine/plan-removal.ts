/**
 * The steps that take one container away; shared by every plan that removes.
 */
import type { ObservedContainer } from './observed.ts';
import type { PlanBuilder } from './plan-builder.ts';

/** Stop (when it runs) and removal of one container; returns the removal's id. */
export function planRemoval(
  plan: PlanBuilder,
  container: ObservedContainer,
  why: string,
  after: readonly number[],
): number {
  const target = `service:${container.service}:${container.replica}`;
  const stopped = isRunning(container) ? [plan.add(target, stopOp(container), why, after)] : after;
  return plan.add(target, removeOp(container), why, stopped);
}

export function isRunning(container: ObservedContainer): boolean {
  return container.state === 'running' || container.state === 'paused' || container.state === 'restarting';
}

export function stopOp(container: ObservedContainer) {
  return { kind: 'stop-container', id: container.id, name: container.name } as const;
}

export function removeOp(container: ObservedContainer) {
  return { kind: 'remove-container', id: container.id, name: container.name } as const;
}
