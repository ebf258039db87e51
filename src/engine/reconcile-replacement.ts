/**
 * The part of reconcile that replaces one container by another of its service.
 *
 * Pure. Without `deploy.update_config` all replicas are replaced at once; with
 * it in batches, each of which must have settled before the next one begins.
 */
import type { Rollout, Service } from '../model/stack.ts';
import type { ObservedContainer } from './observed.ts';
import type { PlanBuilder } from './plan-builder.ts';
import { isRunning, removeOp, stopOp } from './plan-removal.ts';

/** Settle steps by service, in the order of the replicas. */
export type Rollouts = Map<string, number[]>;

export type Replacement = {
  readonly plan: PlanBuilder;
  readonly rollouts: Rollouts;
  readonly service: Service;
  readonly replica: number;
  readonly current: ObservedContainer;
  /** The step that makes it. */
  readonly create: number;
  /** Steps its start waits for. */
  readonly dependencies: readonly number[];
  readonly noStart: boolean;
};

/** Creates, stops, starts and removes; the step that dependants wait for, undefined when nothing is started. */
export function planReplacement(replacement: Replacement): number | undefined {
  const { plan, service, replica, current, create } = replacement;
  const target = `service:${service.name}:${replica}`;
  /* The old one runs on until all that the new one waits for is ready: the shortest gap. */
  const ready = [create, ...replacement.dependencies, ...batchBefore(replacement)];
  const replaced = `replaced by #${create}`;
  if (service.update?.order === 'start-first' && !replacement.noStart) {
    const last = planStartAndSettle(replacement, { target, create, after: ready });
    const gone = isRunning(current) ? plan.add(target, stopOp(current), replaced, [last]) : last;
    plan.add(target, removeOp(current), replaced, [gone]);
    return last;
  }
  const gone = isRunning(current) ? plan.add(target, stopOp(current), replaced, ready) : create;
  const last = replacement.noStart
    ? undefined
    : planStartAndSettle(replacement, { target, create, after: [...ready, gone] });
  plan.add(target, removeOp(current), replaced, [last ?? gone]);
  return last;
}

type Start = { readonly target: string; readonly create: number; readonly after: readonly number[] };

function planStartAndSettle(
  { plan, rollouts, service, replica }: Replacement,
  { target, create, after }: Start,
): number {
  const { update } = service;
  const tolerance = update ? { allowedFailures: allowedFailures(service, update) } : {};
  const op = { kind: 'start-container', service: service.name, replica, id: null, ...tolerance } as const;
  const start = plan.add(target, op, `created by #${create}`, after);
  if (!update) return start;
  const settle = plan.add(target, settleOp(service, replica, update), 'the update goes on when it runs', [start]);
  rollouts.set(service.name, [...(rollouts.get(service.name) ?? []), settle]);
  return settle;
}

function settleOp(service: Service, replica: number, rollout: Rollout) {
  return {
    kind: 'settle-container',
    service: service.name,
    replica,
    monitorMs: rollout.monitorMs,
    delayMs: rollout.delayMs,
    allowedFailures: allowedFailures(service, rollout),
  } as const;
}

function allowedFailures({ replicas }: Service, { failureAction, maxFailureRatio }: Rollout): number {
  return failureAction === 'continue' ? replicas : Math.floor(maxFailureRatio * replicas);
}

/** Settle steps of all full batches before this replica's. */
function batchBefore({ rollouts, service }: Replacement): number[] {
  const parallelism = service.update?.parallelism ?? 0;
  const settled = rollouts.get(service.name) ?? [];
  return parallelism === 0 ? [] : settled.slice(0, Math.floor(settled.length / parallelism) * parallelism);
}
