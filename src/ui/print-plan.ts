/**
 * A plan for people: what will be done, why, and what waits for what.
 */
import { type Plan, printPlan } from '../engine/plan.ts';

/** Lines of `--dry-run`. */
export function planLines(plan: Plan): string[] {
  if (plan.steps.length === 0) return [`${plan.stack} is as its stack file says: nothing to do`];
  return printPlan(plan).split('\n');
}
