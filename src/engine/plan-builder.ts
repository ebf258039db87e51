/**
 * Collects the steps of a plan while reconcile walks a stack.
 *
 * Numbers them in the order they are added; knows no rule.
 */
import type { Op, Plan, Step } from './plan.ts';

export type PlanBuilder = {
  /** Adds a step and returns its id; `after` may hold doubles. */
  add(target: string, op: Op, why: string, after: readonly number[]): number;
  build(stack: string): Plan;
};

export function planBuilder(): PlanBuilder {
  const steps: Step[] = [];
  return {
    add(target, op, why, after) {
      const id = steps.length + 1;
      steps.push({ id, target, op, why, after: [...new Set(after)].sort((a, b) => a - b) });
      return id;
    },
    build: (stack) => ({ stack, steps }),
  };
}
