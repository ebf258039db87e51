/**
 * A plan for people: what will be done, why, and what waits for what.
 */
import { printDuration } from '../base/duration.ts';
import { type Completed, type Plan, printPlan } from '../engine/plan.ts';
import type { PlanEffects, Stop } from '../engine/plan-effects.ts';
import { localTime } from './print-events.ts';

/** Lines of `plan` and `--dry-run`: the steps, then what those who use the stack will notice. */
export function planLines(plan: Plan): string[] {
  return [...providerLines(plan), ...stepLines(plan)];
}

function providerLines({ providers = [] }: Plan): string[] {
  return providers.map(({ service, type }) => `provider ${type}: up ${service}, before any container`);
}

function stepLines(plan: Plan): string[] {
  const rests = completedLines(plan);
  if (plan.steps.length === 0) return [`${plan.stack} is as its stack file says: nothing to do`, ...rests];
  return [...printPlan(plan).split('\n'), ...rests, ...effectLines(plan.effects)];
}

/** What has done its work, and how it is done again. */
export function completedLines({ completed = [] }: Plan): string[] {
  return completed.map(
    (one) =>
      `${nameOf(one)} completed (exit 0 at ${localTime(one.at)}): not run again; \`berth up ${serviceOf(one)}\` runs it`,
  );
}

function nameOf({ target }: Completed): string {
  return target
    .replace(/^service:/, '')
    .replace(/:1$/, '')
    .replace(':', ' ');
}

function serviceOf({ target }: Completed): string {
  return target.split(':')[1] ?? '';
}

function effectLines(effects: PlanEffects | undefined): string[] {
  if (!effects) return [];
  const stops = effects.stops.map((stop) => `stops: ${stop.container} ${stop.afterwards}${gapText(stop)}`);
  const data = effects.data.map((loss) => `data that goes: ${loss.kind} ${loss.name}`);
  return stops.length + data.length === 0
    ? ['nothing that runs is stopped, and no data goes']
    : ['', ...stops, ...data];
}

function gapText({ afterwards, atMostMs }: Stop): string {
  if (afterwards === 'stays down') return '';
  return atMostMs === 0
    ? '; the gap is one start: it can not hear its stop signal and is killed at once'
    : `; the gap is its end, at most ${printDuration(atMostMs)}, and one start`;
}
