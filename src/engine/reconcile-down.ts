/**
 * Plans that take away: down, stop, and the start and restart of what exists.
 *
 * Pure. A service is stopped only after all that depend on it.
 */
import type { Stack } from '../model/stack.ts';
import type { Observed, ObservedContainer } from './observed.ts';
import type { Op, Plan } from './plan.ts';
import { type PlanBuilder, planBuilder } from './plan-builder.ts';
import { isRunning } from './plan-removal.ts';
import type { NetworkRecord } from './records.ts';

export type DownScope = {
  readonly networks: readonly NetworkRecord[];
  /** Volume names to remove. */
  readonly volumes: readonly string[];
};

/** Plans the removal of all containers of a stack, its networks, and the volumes named. */
export function planDown(stack: Stack, observed: Observed, scope: DownScope): Plan {
  const plan = planBuilder();
  const stops = planStops(plan, stack, observed.containers, 'down');
  const removals = observed.containers.map((c) =>
    plan.add(
      targetOf(c),
      { kind: 'remove-container', id: c.id, name: c.name },
      'down',
      stops.get(c.id) === undefined ? [] : [stops.get(c.id)!],
    ),
  );
  for (const network of scope.networks) {
    plan.add(`network:${network.key}`, { kind: 'remove-network', network: network.name }, 'down', removals);
  }
  for (const volume of scope.volumes) {
    plan.add(`volume:${volume}`, { kind: 'remove-volume', volume }, 'down with volumes', removals);
  }
  return plan.build(stack.name);
}

/** Plans the stop of the given services' running containers. */
export function planStop(stack: Stack, observed: Observed, services: ReadonlySet<string>): Plan {
  const plan = planBuilder();
  const chosen = observed.containers.filter((c) => services.has(c.service));
  planStops(plan, stack, chosen, 'stop was asked for');
  return plan.build(stack.name);
}

/** Plans that the running containers stand still. */
export function planPause(stack: Stack, observed: Observed, services: ReadonlySet<string>): Plan {
  return planEach(stack, observed, (c) => {
    if (!services.has(c.service) || c.state !== 'running') return undefined;
    return { kind: 'pause-container', id: c.id, name: c.name };
  });
}

export function planUnpause(stack: Stack, observed: Observed, services: ReadonlySet<string>): Plan {
  return planEach(stack, observed, (c) => {
    if (!services.has(c.service) || c.state !== 'paused') return undefined;
    return { kind: 'unpause-container', id: c.id, name: c.name };
  });
}

function planEach(stack: Stack, observed: Observed, opOf: (c: ObservedContainer) => Op | undefined): Plan {
  const plan = planBuilder();
  for (const container of observed.containers) {
    const op = opOf(container);
    if (op) plan.add(targetOf(container), op, 'it was asked for', []);
  }
  return plan.build(stack.name);
}

export type RemovalScope = {
  /** Running ones are stopped first; otherwise they are left alone. */
  readonly stop: boolean;
  readonly volumes: boolean;
};

/** Plans the removal of the given services' containers. */
export function planRemove(
  stack: Stack,
  observed: Observed,
  services: ReadonlySet<string>,
  { stop, volumes }: RemovalScope,
): Plan {
  const plan = planBuilder();
  const chosen = observed.containers.filter((c) => services.has(c.service) && (stop || !isRunning(c)));
  const stops = planStops(plan, stack, chosen, 'removal was asked for');
  for (const c of chosen) {
    const op = { kind: 'remove-container', id: c.id, name: c.name, ...(volumes ? { volumes } : {}) } as const;
    const before = stops.get(c.id);
    plan.add(targetOf(c), op, 'removal was asked for', before === undefined ? [] : [before]);
  }
  return plan.build(stack.name);
}

/** Plans stop and start of the given services' containers, dependencies first. */
export function planRestart(
  stack: Stack,
  observed: Observed,
  services: ReadonlySet<string>,
  why = 'restart was asked for',
): Plan {
  const plan = planBuilder();
  const chosen = observed.containers.filter((c) => services.has(c.service) && !c.oneOff);
  const stops = planStops(plan, stack, chosen, why);
  const started = new Map<string, number[]>();
  for (const service of inOrder(stack, chosen)) {
    const own = chosen.filter((c) => c.service === service);
    const before = dependenciesOf(stack, service).flatMap((name) => started.get(name) ?? []);
    const steps = own.map((c) => {
      const stop = stops.get(c.id);
      return planRestartOf(plan, c, why, stop === undefined ? before : [stop, ...before]);
    });
    started.set(service, steps);
  }
  return plan.build(stack.name);
}

function planRestartOf(plan: PlanBuilder, c: ObservedContainer, why: string, after: readonly number[]) {
  const op = { kind: 'start-container', service: c.service, replica: c.replica, id: c.id } as const;
  return plan.add(targetOf(c), op, why, after);
}

/** Plans the start of what exists and does not run; with `wait` until all of it is there. */
export function planStart(stack: Stack, observed: Observed, services: ReadonlySet<string>, wait = false): Plan {
  const stopped = observed.containers.filter((c) => !isRunning(c));
  const plan = planRestart(stack, { ...observed, containers: stopped }, services);
  if (!wait) return plan;
  const there = [...services].filter((name) => observed.containers.some((c) => c.service === name));
  const waits = there.map((service, index) => ({
    id: plan.steps.length + index + 1,
    target: `service:${service}`,
    op: { kind: 'wait', service, condition: 'running' } as const,
    why: 'waiting was asked for',
    after: plan.steps.filter(({ op }) => 'service' in op && op.service === service).map((step) => step.id),
  }));
  return { ...plan, steps: [...plan.steps, ...waits] };
}

/** The services, and those that say in depends_on that they follow a restart of them. */
export function withFollowers(stack: Stack, services: ReadonlySet<string>): ReadonlySet<string> {
  const all = new Set(services);
  /* In dependency order: followers of followers come later. */
  for (const service of stack.services) {
    if (service.dependsOn.some((d) => d.restart && all.has(d.service))) all.add(service.name);
  }
  return all;
}

function planStops(plan: PlanBuilder, stack: Stack, containers: readonly ObservedContainer[], why: string) {
  const stops = new Map<string, number>();
  const byService = new Map<string, number[]>();
  for (const service of inOrder(stack, containers).reverse()) {
    const after = stack.services
      .filter((s) => s.dependsOn.some((d) => d.service === service))
      .flatMap((s) => byService.get(s.name) ?? []);
    const own = containers.filter((c) => c.service === service && isRunning(c));
    const ids = own.map((c) => {
      const id = plan.add(targetOf(c), { kind: 'stop-container', id: c.id, name: c.name }, why, after);
      stops.set(c.id, id);
      return id;
    });
    byService.set(service, ids);
  }
  return stops;
}

/** Services of the containers: those of the stack in dependency order, then the others. */
export function inOrder(stack: Stack, containers: readonly ObservedContainer[]): string[] {
  const present = new Set(containers.map((c) => c.service));
  const known = stack.services.map((s) => s.name).filter((name) => present.delete(name));
  return [...known, ...present];
}

function dependenciesOf(stack: Stack, service: string): string[] {
  return stack.services.find((s) => s.name === service)?.dependsOn.map((d) => d.service) ?? [];
}

function targetOf(c: ObservedContainer): string {
  return `service:${c.service}:${c.replica}`;
}
