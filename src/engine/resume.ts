/**
 * Starts what was to run when an engine comes back, stack by stack in the order of the dependencies.
 *
 * A start that fails, now or later, is its restart policy's business. Nothing
 * is held meanwhile: whoever stops, starts or removes one of them is obeyed,
 * and what has been touched is not started any more.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { emptyStack } from './down.ts';
import { execute, type Perform } from './execute.ts';
import { type RestartDecision, restartByPolicy } from './exits.ts';
import { openStep } from './history/step-events.ts';
import { observe } from './observe.ts';
import type { Operation } from './ops/operation.ts';
import { waitFor } from './ops/wait.ts';
import { planResume } from './reconcile-resume.ts';
import type { World } from './world.ts';

/** `id`: of the container. */
export type Pending = RestartDecision & { readonly id: string };

/** Resolves when all have been started once, or have been touched by somebody else. */
export async function resume(world: World, pending: readonly Pending[]): Promise<void> {
  const stackOf = ({ id }: Pending) => world.store.containers.get(id)?.stack ?? '';
  const stacks = new Set(pending.map(stackOf));
  await Promise.all(
    [...stacks].map((stack) =>
      resumeStack(
        world,
        stack,
        pending.filter((p) => stackOf(p) === stack),
      ),
    ),
  );
}

async function resumeStack(world: World, name: string, pending: readonly Pending[]): Promise<void> {
  const { stack = emptyStack(name), positions = {} } = world.store.stacks.get(name) ?? {};
  const plan = planResume(stack, await observe(world, name), new Set(pending.map((p) => p.id)));
  const operation: Operation = { world, stack, positions, graceMs: undefined, created: new Map(), cause: null };
  try {
    await execute(plan, resuming(operation, pending), { signal: world.closing });
  } catch (error) {
    if (!world.closing.aborted) throw error;
  }
}

function resuming(operation: Operation, pending: readonly Pending[]): Perform {
  const events = new Map<number, number>();
  return async (step, signal) => {
    const { op } = step;
    if (op.kind === 'wait') {
      const journal = openStep(operation, step, events);
      const note = await waitFor(operation, op, signal);
      journal.done(note);
      return note;
    }
    const own = pending.find((p) => op.kind === 'start-container' && p.id === op.id);
    if (!own) throw new Error(`nothing is known of ${step.target}, which is to be started again`);
    const after = step.after.map((id) => events.get(id)).filter((id) => id !== undefined);
    await startUntouched(operation.world, own, { after, signal });
    const event = operation.world.live.get(own.id)?.startEvent;
    if (event) events.set(step.id, event);
    return undefined;
  };
}

type When = { readonly after: readonly number[]; readonly signal: AbortSignal };

async function startUntouched(world: World, { id, delayMs, ...decision }: Pending, { after, signal }: When) {
  if (delayMs > 0) await sleep(delayMs, undefined, { signal });
  const live = world.live.get(id);
  if (live?.state === 'restarting' && live.restartTimer === null)
    await restartByPolicy(world, id, { ...decision, after });
}
