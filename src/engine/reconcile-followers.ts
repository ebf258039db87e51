/**
 * The part of reconcile that restarts what follows a service whose containers are made anew (depends_on.restart).
 *
 * Pure. Followers of followers follow too; one that does not run is left to
 * the rules of its own.
 */
import { basename } from 'node:path';
import type { Positions, Service } from '../model/stack.ts';
import { positionOf } from './definition-diff.ts';
import type { ObservedContainer } from './observed.ts';
import type { PlanBuilder } from './plan-builder.ts';
import { stopOp } from './plan-removal.ts';

/** What is made anew or restarted by this plan, and which of the two. */
export type Moved = Map<string, 'made anew' | 'restarted'>;

/** Why the service has to be restarted; undefined: nothing that it follows has moved. */
export function followCause(service: Service, moved: Moved, positions: Positions): string | undefined {
  const followed = service.dependsOn.find((d) => d.restart && moved.has(d.service));
  if (!followed) return undefined;
  const at = positionOf(positions, `services.${service.name}.depends_on.${followed.service}.restart`);
  const place = at ? `, ${basename(at.file)}:${at.line}` : '';
  return `it follows ${followed.service}, which is ${moved.get(followed.service)}${place}`;
}

type Following = {
  readonly target: string;
  readonly current: ObservedContainer;
  readonly why: string;
  /** Steps that its start waits for. */
  readonly dependencies: readonly number[];
};

/** The shortest gap: it runs on until all that it needs is ready again. The start's id. */
export function planFollower(plan: PlanBuilder, { target, current, why, dependencies }: Following): number {
  const stop = plan.add(target, stopOp(current), why, dependencies);
  const { id, service, replica } = current;
  return plan.add(target, { kind: 'start-container', service, replica, id }, why, [stop, ...dependencies]);
}
