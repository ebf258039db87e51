/**
 * Desired stack + observed world -> plan.
 *
 * Pure: no clock, no disk, no kernel. Everything it may know is in its two
 * arguments, so every rule of `up` is a unit test.
 */
import type { Service } from '../model/stack.ts';
import { changeText, diffDefinitions } from './definition-diff.ts';
import type { Desired } from './desired.ts';
import type { Observed, ObservedContainer } from './observed.ts';
import type { Completed, Plan } from './plan.ts';
import { type PlanBuilder, planBuilder } from './plan-builder.ts';
import { isRunning, planRemoval } from './plan-removal.ts';
import { followCause, type Moved, planFollower } from './reconcile-followers.ts';
import { planReplacement, type Rollouts } from './reconcile-replacement.ts';
import { planNetworks, planVolumes, type Resources } from './reconcile-resources.ts';

type Walk = {
  readonly desired: Desired;
  readonly observed: Observed;
  readonly plan: PlanBuilder;
  readonly resources: Resources;
  /** Start steps of each service. */
  readonly started: Map<string, number[]>;
  /** Settle steps of each service that is replaced batch by batch. */
  readonly rollouts: Rollouts;
  /** Create steps of each service. */
  readonly creates: Map<string, number[]>;
  /** Wait steps by `SERVICE CONDITION`. */
  readonly waits: Map<string, number>;
  readonly completed: Completed[];
  readonly moved: Moved;
};

/**
 * Plans the steps that turn `observed` into `desired`; empty when they agree.
 *
 * `desired.stack.services` is in dependency order. A replaced container is
 * stopped only after its successor exists, so a failed create leaves the old
 * one running; all creates come before the first stop of their service.
 */
export function reconcile(desired: Desired, observed: Observed): Plan {
  const plan = planBuilder();
  const resources: Resources = planNetworks(plan, desired, observed);
  planVolumes(plan, desired, observed, resources);
  const walk: Walk = {
    desired,
    observed,
    plan,
    resources,
    started: new Map(),
    creates: new Map(),
    rollouts: new Map(),
    waits: new Map(),
    completed: [],
    moved: new Map(),
  };
  for (const service of desired.stack.services) {
    if (desired.selected.has(service.name)) planService(walk, service);
    else planBystander(walk, service);
  }
  if (desired.needs) planNeeds(walk, desired.needs);
  if (desired.removeOrphans) planOrphans(walk);
  if (desired.wait) planWaits(walk);
  const { completed } = walk;
  return { ...plan.build(desired.stack.name), ...(completed.length > 0 ? { completed } : {}) };
}

function planService(walk: Walk, service: Service): void {
  const own = walk.observed.containers.filter((c) => c.service === service.name && !c.oneOff);
  const starts: number[] = [];
  for (let replica = 1; replica <= service.replicas; replica++) {
    const step = planReplica(
      walk,
      service,
      replica,
      own.filter((c) => c.replica === replica),
    );
    if (step !== undefined) starts.push(step);
  }
  walk.started.set(service.name, starts);
  for (const surplus of own.filter((c) => c.replica > service.replicas)) {
    planRemoval(walk.plan, surplus, `scaled down to ${service.replicas}`, []);
  }
}

/** Not acted on, but what it follows may be: in its namespace, or with its address, it would be left alone. */
function planBystander(walk: Walk, service: Service): void {
  const own = walk.observed.containers.filter((c) => c.service === service.name && !c.oneOff && isRunning(c));
  const starts = own.map((current) => planFollowing(walk, service, current)).filter((id) => id !== undefined);
  if (starts.length > 0) walk.started.set(service.name, starts);
}

function planReplica(walk: Walk, service: Service, replica: number, all: readonly ObservedContainer[]) {
  const [current, ...others] = byWorth(all);
  /* A replacement that was cut short leaves two: the one that serves stays. */
  for (const other of others) planRemoval(walk.plan, other, `left over beside ${other.name}'s other container`, []);
  if (!current) return planNew(walk, service, replica, 'no container yet');
  if (walk.resources.evicted.has(current.id)) {
    walk.moved.set(service.name, 'made anew');
    return planNew(walk, service, replica, 'its network is made anew');
  }
  const cause = recreateCause(walk.desired, service, current);
  if (cause !== undefined) return planReplacementOf(walk, service, replica, { current, cause });
  planUpdate(walk, service, replica, current);
  if (isRunning(current)) return planFollowing(walk, service, current);
  if (walk.desired.noStart) return undefined;
  if (restsCompleted(walk, service, current)) return undefined;
  return planStart(walk, service, replica, { id: current.id, why: startCause(current), after: [] });
}

function planFollowing(walk: Walk, service: Service, current: ObservedContainer): number | undefined {
  if (walk.desired.noStart) return undefined;
  const why = followCause(service, walk.moved, walk.desired.positions);
  if (why === undefined) return undefined;
  walk.moved.set(service.name, 'restarted');
  const dependencies = dependencySteps(walk, service);
  return planFollower(walk.plan, { target: targetOf(service, current.replica), current, why, dependencies });
}

/** What has done its work is not run again, unless that was asked for. */
function restsCompleted({ desired, completed }: Walk, service: Service, current: ObservedContainer): boolean {
  if (current.completedAt === null || desired.rerun?.has(service.name)) return false;
  completed.push({ target: targetOf(service, current.replica), at: current.completedAt });
  return true;
}

function startCause({ state, completedAt, exitCode }: ObservedContainer): string {
  if (state === 'created') return 'created but never started';
  if (completedAt !== null) return `completed at ${completedAt}, and another run was asked for`;
  return `${state} with ${exitCode === null ? 'an unknown code' : `code ${exitCode}`}`;
}

/** The one to keep first: what runs before what does not, and then the newer one. */
function byWorth(containers: readonly ObservedContainer[]): ObservedContainer[] {
  return [...containers].reverse().sort((a, b) => Number(isRunning(b)) - Number(isRunning(a)));
}

function recreateCause(desired: Desired, service: Service, current: ObservedContainer): string | undefined {
  if (desired.noRecreate) return undefined;
  if (desired.forceRecreate || desired.renewed?.has(service.name)) return 'recreation was asked for';
  const changes = diffDefinitions(current.definition, service).filter((change) => !change.live);
  if (changes.length > 0) return changeText(changes, service.name, desired.positions);
  const left = service.networks
    .map(({ network }) => desired.stack.networks.find((n) => n.key === network)?.name)
    .find((name) => name !== undefined && !current.networks.includes(name));
  if (left !== undefined) return `it was taken off network ${left}`;
  const image = desired.imageIds.get(service.name);
  if (image !== undefined && image !== current.imageId) return `image ${service.image} has other content now`;
  return undefined;
}

function planNew(walk: Walk, service: Service, replica: number, why: string) {
  const create = planCreate(walk, service, replica, { replaces: null, why });
  if (walk.desired.noStart) return undefined;
  return planStart(walk, service, replica, { id: null, why: `created by #${create}`, after: [create] });
}

type Creation = { readonly replaces: string | null; readonly why: string };

function planCreate(walk: Walk, service: Service, replica: number, { replaces, why }: Creation): number {
  const renew = walk.desired.renewVolumes && replaces !== null ? { renewVolumes: true } : {};
  const op = { kind: 'create-container', service: service.name, replica, replaces, ...renew } as const;
  const create = walk.plan.add(targetOf(service, replica), op, why, resourceSteps(walk, service));
  walk.creates.set(service.name, [...(walk.creates.get(service.name) ?? []), create]);
  return create;
}

function planReplacementOf(
  walk: Walk,
  service: Service,
  replica: number,
  { current, cause }: { readonly current: ObservedContainer; readonly cause: string },
): number | undefined {
  walk.moved.set(service.name, 'made anew');
  const dependencies = dependencySteps(walk, service);
  return planReplacement({
    plan: walk.plan,
    rollouts: walk.rollouts,
    service,
    replica,
    current,
    create: planCreate(walk, service, replica, { replaces: current.id, why: cause }),
    dependencies,
    noStart: walk.desired.noStart,
  });
}

function planUpdate(walk: Walk, service: Service, replica: number, current: ObservedContainer): void {
  const changes = diffDefinitions(current.definition, service).filter((change) => change.live);
  if (changes.length === 0) return;
  walk.plan.add(
    targetOf(service, replica),
    { kind: 'update-container', service: service.name, replica, id: current.id },
    `${changeText(changes, service.name, walk.desired.positions)}; taken over without a restart`,
    [],
  );
}

function planStart(
  walk: Walk,
  service: Service,
  replica: number,
  how: { id: string | null; why: string; after: number[] },
) {
  return walk.plan.add(
    targetOf(service, replica),
    { kind: 'start-container', service: service.name, replica, id: how.id },
    how.why,
    [...how.after, ...dependencySteps(walk, service)],
  );
}

/** A one-off run starts when this plan has ended. */
function planNeeds(walk: Walk, { service, dependencies }: NonNullable<Desired['needs']>): void {
  dependencySteps(walk, { name: service, dependsOn: dependencies });
}

/** The steps a start of this service waits for, making wait steps where they are needed. */
function dependencySteps(walk: Walk, service: Pick<Service, 'name' | 'dependsOn'>): number[] {
  const steps: number[] = [];
  for (const dependency of service.dependsOn) {
    const starts = walk.started.get(dependency.service) ?? [];
    if (!walk.desired.selected.has(dependency.service) && starts.length === 0) continue;
    const condition = WAITED[dependency.condition];
    if (condition === 'started' && dependency.required) steps.push(...starts);
    else {
      const op = { kind: 'wait', service: dependency.service, condition } as const;
      const wait = waitStep(walk, dependency.required ? op : { ...op, optional: true }, { starts, by: service.name });
      if (wait !== undefined) steps.push(wait);
    }
  }
  return steps;
}

const WAITED = {
  service_started: 'started',
  service_healthy: 'healthy',
  service_completed_successfully: 'completed',
} as const;

type Awaited = 'started' | 'healthy' | 'completed';
type Wait = {
  readonly kind: 'wait';
  readonly service: string;
  readonly condition: Awaited;
  readonly optional?: boolean;
};

/** `by`: who waits, beside those of the stack that do. */
type Waiting = { readonly starts: readonly number[]; readonly by: string };

function waitStep(walk: Walk, op: Wait, { starts, by }: Waiting) {
  const { service, condition } = op;
  const key = `${service} ${condition}${op.optional ? ' optional' : ''}`;
  const known = walk.waits.get(key);
  if (known !== undefined) return known;
  /* Nothing is started: nobody waits for anything. */
  if (walk.desired.noStart) return undefined;
  if (starts.length === 0 && isSatisfied(walk.observed, service, condition)) return undefined;
  const dependants = walk.desired.stack.services.filter((s) => s.dependsOn.some((d) => d.service === service));
  const names = [...new Set([...dependants.map((s) => s.name), by])];
  const why = `${names.join(', ')} ${names.length === 1 ? 'needs' : 'need'} it ${condition}`;
  const step = walk.plan.add(`service:${service}`, op, why, starts);
  walk.waits.set(key, step);
  return step;
}

function isSatisfied(observed: Observed, service: string, condition: Awaited): boolean {
  if (condition === 'started') return true;
  const own = observed.containers.filter((c) => c.service === service && !c.oneOff);
  if (own.length === 0) return false;
  if (condition === 'healthy') return own.every((c) => c.state === 'running' && c.health === 'healthy');
  return own.every((c) => c.state === 'exited' && c.completedAt !== null);
}

/** `--wait`: every selected service that this plan starts, or that is not there yet. */
function planWaits(walk: Walk): void {
  for (const service of walk.desired.stack.services) {
    if (!walk.desired.selected.has(service.name) || service.replicas === 0) continue;
    const starts = walk.started.get(service.name) ?? [];
    if (starts.length === 0 && isThere(walk.observed, service.name)) continue;
    const op = { kind: 'wait', service: service.name, condition: 'running' } as const;
    walk.plan.add(`service:${service.name}`, op, 'waiting was asked for', starts);
  }
}

function isThere(observed: Observed, service: string): boolean {
  const own = observed.containers.filter((c) => c.service === service && !c.oneOff);
  return own.every((c) => (c.state === 'running' ? c.health === '' || c.health === 'healthy' : c.exitCode === 0));
}

function planOrphans(walk: Walk): void {
  const known = new Set(walk.desired.stack.services.map((s) => s.name));
  /* A one-off run that is under way belongs to whoever started it, as docker compose has it. */
  const isLeft = (c: ObservedContainer) => (c.oneOff ? !isRunning(c) : !known.has(c.service));
  for (const orphan of walk.observed.containers.filter(isLeft)) {
    planRemoval(
      walk.plan,
      orphan,
      orphan.oneOff ? 'left over from a one-off run' : 'its service is no longer in the stack',
      [],
    );
  }
}

function resourceSteps(walk: Walk, service: Service): number[] {
  const networks = service.networks.map((n) => walk.resources.networkSteps.get(n.network));
  const volumes = service.mounts.map((m) =>
    m.kind === 'volume' && m.source ? walk.resources.volumeSteps.get(m.source) : undefined,
  );
  /* Whose mounts it takes over has to be there, with its anonymous volumes. */
  const sources = service.volumesFrom.flatMap(({ kind, name }) => {
    const own = walk.desired.stack.services.find((s) => (kind === 'service' ? s.name : s.containerName) === name);
    return own ? (walk.creates.get(own.name) ?? []) : [];
  });
  return [...networks, ...volumes, ...sources].filter((id) => id !== undefined);
}

function targetOf(service: Service, replica: number): string {
  return `service:${service.name}:${replica}`;
}
