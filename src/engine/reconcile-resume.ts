/**
 * Plans the starts that restart policies ask for when an engine comes back: after a boot, after its own death.
 *
 * Pure. In the order of the dependencies and with their conditions, as far as
 * what is depended on runs or is to be started too: nobody is there whom a
 * failed dependency could be told to, and a policy is a promise to start.
 */
import type { Service, Stack } from '../model/stack.ts';
import type { Observed, ObservedContainer } from './observed.ts';
import type { Plan } from './plan.ts';
import { type PlanBuilder, planBuilder } from './plan-builder.ts';
import { isRunning } from './plan-removal.ts';
import { inOrder } from './reconcile-down.ts';

/** `ids`: containers to start; every wait is optional, so that a start is late at most. */
export function planResume(stack: Stack, observed: Observed, ids: ReadonlySet<string>): Plan {
  const plan = planBuilder();
  const walk: Walk = { plan, stack, observed, started: new Map(), waits: new Map() };
  const chosen = observed.containers.filter((c) => ids.has(c.id));
  for (const name of inOrder(stack, chosen)) {
    const service = stack.services.find((s) => s.name === name);
    const before = service ? dependencySteps(walk, service) : [];
    const own = chosen.filter((c) => c.service === name);
    walk.started.set(
      name,
      own.map((c) => planStart(plan, c, before)),
    );
  }
  return plan.build(stack.name);
}

type Walk = {
  readonly plan: PlanBuilder;
  readonly stack: Stack;
  readonly observed: Observed;
  /** Start steps by service. */
  readonly started: Map<string, number[]>;
  /** Wait steps by `SERVICE CONDITION`. */
  readonly waits: Map<string, number>;
};

function planStart(plan: PlanBuilder, c: ObservedContainer, before: readonly number[]): number {
  const op = { kind: 'start-container', service: c.service, replica: c.replica, id: c.id } as const;
  return plan.add(`service:${c.service}:${c.replica}`, op, 'its restart policy', before);
}

function dependencySteps(walk: Walk, service: Service): number[] {
  return service.dependsOn.flatMap((dependency) => {
    const starts = walk.started.get(dependency.service) ?? [];
    if (dependency.condition === 'service_started') return starts;
    if (!isAlive(walk.observed, dependency.service)) return [];
    const condition = dependency.condition === 'service_healthy' ? 'healthy' : 'completed';
    return [waitStep(walk, { service: dependency.service, condition }, starts)];
  });
}

/** It runs, or is to be started by its policy. */
function isAlive({ containers }: Observed, service: string): boolean {
  return containers.some((c) => c.service === service && !c.oneOff && isRunning(c));
}

type Awaited = { readonly service: string; readonly condition: 'healthy' | 'completed' };

function waitStep(walk: Walk, { service, condition }: Awaited, starts: readonly number[]): number {
  const key = `${service} ${condition}`;
  const known = walk.waits.get(key);
  if (known !== undefined) return known;
  const op = { kind: 'wait', service, condition, optional: true } as const;
  const step = walk.plan.add(`service:${service}`, op, `others need it ${condition}`, starts);
  walk.waits.set(key, step);
  return step;
}
