/**
 * Walks a plan: each step as soon as the steps before it have succeeded.
 *
 * Carries no decision: what a step does is `perform`'s, what is in the plan is
 * reconcile's. As wide as the edges allow.
 */
import { BerthError, errorData } from '../base/errors.ts';
import { limiter } from '../base/limiter.ts';
import type { EngineEvent, Watch } from './engine.ts';
import type { Plan, Step } from './plan.ts';

/** `parallel`: steps at a time; undefined: as wide as the edges allow. */
export type ExecuteOptions = Watch & { readonly parallel?: number };

/** Does one step; the returned text is a note for people (`could not hear SIGTERM`). */
export type Perform = (step: Step, signal: AbortSignal) => Promise<string | undefined>;

/**
 * Resolves when all steps are done. A failed step skips those that wait for it and no others; the first failure is
 * thrown when nothing runs any more. An abort starts no further step, and rejects with ABORTED likewise.
 */
export async function execute(plan: Plan, perform: Perform, watch: ExecuteOptions = {}): Promise<void> {
  const emit = (event: EngineEvent) => watch.onEvent?.(event);
  const signal = watch.signal ?? new AbortController().signal;
  const outcomes = new Map<number, Promise<boolean>>();
  const failures: unknown[] = [];
  const inTurn = watch.parallel === undefined ? undefined : limiter(watch.parallel);

  const run = async (step: Step): Promise<boolean> => {
    const before = await Promise.all(step.after.map((id) => outcomes.get(id) ?? true));
    const tolerant = step.op.kind === 'wait' && step.op.optional === true;
    if ((before.includes(false) && !tolerant) || signal.aborted) {
      emit({
        type: 'step-skipped',
        step: step.id,
        because: signal.aborted ? 'interrupted' : 'a step before it failed',
      });
      return false;
    }
    const work = () => runOne(step, { perform, emit, signal, failures });
    /* A wait does nothing itself, and what it waits for may need the place. */
    return await (inTurn && step.op.kind !== 'wait' ? inTurn(work) : work());
  };

  emit({ type: 'plan', plan });
  for (const step of plan.steps) outcomes.set(step.id, run(step));
  await Promise.all(outcomes.values());
  if (failures.length > 0) throw firstCause(failures);
  if (signal.aborted) throw new BerthError('ABORTED', `interrupted: ${plan.stack} is as far as it got`);
}

type Running = {
  readonly perform: Perform;
  readonly emit: (event: EngineEvent) => void;
  readonly signal: AbortSignal;
  readonly failures: unknown[];
};

async function runOne(step: Step, { perform, emit, signal, failures }: Running): Promise<boolean> {
  const startedAt = performance.now();
  emit({ type: 'step-started', step: step.id, atMs: Date.now() });
  try {
    const note = await perform(step, signal);
    emit({ type: 'step-done', step: step.id, ms: performance.now() - startedAt, ...(note ? { note } : {}) });
    return true;
  } catch (error) {
    failures.push(error);
    emit({ type: 'step-failed', step: step.id, ms: performance.now() - startedAt, error: errorData(error) });
    return false;
  }
}

/** An interrupt is often only the echo of a failure: the real one is shown. */
function firstCause(failures: readonly unknown[]): unknown {
  return failures.find((f) => !(f instanceof BerthError && f.code === 'ABORTED')) ?? failures[0];
}
