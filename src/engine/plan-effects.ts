/**
 * What a plan does to those who use the stack: who stops and for how long, and which data goes.
 *
 * Pure: what it may know of the world is in `facts`.
 */
import type { Plan, Step } from './plan.ts';

export type Stop = {
  readonly container: string;
  readonly why: string;
  /** What comes after it. */
  readonly afterwards: 'starts again' | 'is replaced' | 'stays down';
  /** Milliseconds from the stop signal to the end at most: the grace, or 0 when it can not hear the signal. */
  readonly atMostMs: number;
};

export type DataLoss = {
  readonly kind: 'volume' | 'anonymous volume' | 'files in the container';
  readonly name: string;
};

export type PlanEffects = { readonly stops: readonly Stop[]; readonly data: readonly DataLoss[] };

export type ContainerFacts = {
  readonly name: string;
  readonly graceMs: number;
  /** Its PID 1 can hear its stop signal. */
  readonly hears: boolean;
  /** Something was written outside its volumes. */
  readonly wroteFiles: boolean;
  readonly anonymousVolumes: readonly string[];
};

/** `facts` by container id; a container without facts is taken for one that is gone already. */
export function effectsOf(plan: Plan, facts: ReadonlyMap<string, ContainerFacts>): PlanEffects {
  return {
    stops: plan.steps.flatMap((step) => stopOf(plan, step, facts)),
    data: plan.steps.flatMap((step) => lossOf(plan, step, facts)),
  };
}

function stopOf(plan: Plan, step: Step, facts: ReadonlyMap<string, ContainerFacts>): Stop[] {
  if (step.op.kind !== 'stop-container') return [];
  const { id, name } = step.op;
  const known = facts.get(id);
  const atMostMs = known?.hears === false ? 0 : (known?.graceMs ?? 0);
  return [{ container: name, why: step.why, afterwards: whatFollows(plan, id), atMostMs }];
}

function whatFollows(plan: Plan, id: string): Stop['afterwards'] {
  if (plan.steps.some(({ op }) => op.kind === 'create-container' && op.replaces === id)) return 'is replaced';
  const again = plan.steps.some(({ op }) => op.kind === 'start-container' && op.id === id);
  return again ? 'starts again' : 'stays down';
}

/** Whether another container takes over its anonymous volumes. */
function handsOver(plan: Plan, id: string): boolean {
  return plan.steps.some(({ op }) => op.kind === 'create-container' && op.replaces === id && op.renewVolumes !== true);
}

function lossOf(plan: Plan, { op }: Step, facts: ReadonlyMap<string, ContainerFacts>): DataLoss[] {
  if (op.kind === 'remove-volume') return [{ kind: 'volume', name: op.volume }];
  if (op.kind !== 'remove-container') return [];
  const known = facts.get(op.id);
  const kept = handsOver(plan, op.id) ? [] : (known?.anonymousVolumes ?? []);
  return [
    ...(known?.wroteFiles ? [{ kind: 'files in the container', name: op.name } as const] : []),
    ...kept.map((name) => ({ kind: 'anonymous volume', name }) as const),
  ];
}
