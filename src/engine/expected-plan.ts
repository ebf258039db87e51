/**
 * `up --plan FILE`: the plan that was looked at is carried out, or nothing is.
 */
import { BerthError } from '../base/errors.ts';
import { type Plan, printStep, type Step } from './plan.ts';

const SHOWN = 5;

/** PLAN_STALE, naming the first differences, when the world or the file has moved since the plan was made. */
export function refuseOtherPlan(expected: readonly Step[], now: Plan): void {
  const was = expected.map(printed);
  const is = now.steps.map(printed);
  if (JSON.stringify(expected) === JSON.stringify(now.steps)) return;
  const gone = was.filter((line) => !is.includes(line)).map((line) => `- ${line}`);
  const added = is.filter((line) => !was.includes(line)).map((line) => `+ ${line}`);
  const lines = [...gone, ...added];
  const more = lines.length > SHOWN ? [`and ${lines.length - SHOWN} more`] : [];
  /* The same words about other containers: they were replaced meanwhile. */
  const shown = lines.length === 0 ? ['the same steps, but for other containers'] : lines.slice(0, SHOWN);
  throw new BerthError('PLAN_STALE', ['the plan is no longer what up would do:', ...shown, ...more].join('\n  '), {
    hint: 'nothing was changed; make a new plan with `berth plan -o FILE`',
  });
}

function printed(step: Step): string {
  return printStep(step).replace(/^\[[\d,]*\] -> /, '');
}
