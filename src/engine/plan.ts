/**
 * A plan as data: what will be done, why, and what waits for what.
 *
 * Made by reconcile, walked by execute, printed by `--dry-run`, sent as JSON.
 * The printed form is the oracle of the tests.
 */

import type { PlanEffects } from './plan-effects.ts';

export type Op =
  | { readonly kind: 'create-network'; readonly network: string }
  | { readonly kind: 'remove-network'; readonly network: string }
  | { readonly kind: 'create-volume'; readonly volume: string }
  | { readonly kind: 'remove-volume'; readonly volume: string }
  /** `replaces`: the container whose anonymous volumes the new one takes over. */
  | {
      readonly kind: 'create-container';
      readonly service: string;
      readonly replica: number;
      readonly replaces: string | null;
      /** With new anonymous volumes instead. */
      readonly renewVolumes?: boolean;
    }
  /** `id` null: the container that this plan's create step makes for the same service and replica. */
  | {
      readonly kind: 'start-container';
      readonly service: string;
      readonly replica: number;
      readonly id: string | null;
      /** Of an update: how many of the service's replicas may fail before this step does. */
      readonly allowedFailures?: number;
    }
  | { readonly kind: 'update-container'; readonly service: string; readonly replica: number; readonly id: string }
  /** After a replacement: it must become healthy, or run for the monitor's time. */
  | {
      readonly kind: 'settle-container';
      readonly service: string;
      readonly replica: number;
      readonly monitorMs: number;
      readonly delayMs: number;
      /** How many of the service's replicas may fail before this step does. */
      readonly allowedFailures: number;
    }
  | { readonly kind: 'stop-container'; readonly id: string; readonly name: string }
  /** `volumes`: its anonymous volumes go with it. */
  | { readonly kind: 'remove-container'; readonly id: string; readonly name: string; readonly volumes?: boolean }
  | { readonly kind: 'pause-container'; readonly id: string; readonly name: string }
  | { readonly kind: 'unpause-container'; readonly id: string; readonly name: string }
  /** `optional`: what can not come true is a note, and those that wait go on (depends_on.required: false). */
  | { readonly kind: 'wait'; readonly service: string; readonly condition: WaitCondition; readonly optional?: boolean };

export type WaitCondition = 'started' | 'healthy' | 'completed' | 'running';

export type Step = {
  readonly id: number;
  /** What the step acts on, for people: `service:web:1`, `network:back`, `volume:data`. */
  readonly target: string;
  readonly op: Op;
  /** Down to the field and its two values: `environment.LOG_LEVEL debug -> info, stack.yaml:14`. */
  readonly why: string;
  /** Ids of the steps that must have succeeded first. */
  readonly after: readonly number[];
};

export type Plan = {
  readonly stack: string;
  readonly steps: readonly Step[];
  /** Asked before any step. */
  readonly providers?: readonly { readonly service: string; readonly type: string }[];
  /** What has done its work and is left alone. */
  readonly completed?: readonly Completed[];
  /** Of a plan that is to be looked at; one that is carried out at once has none. */
  readonly effects?: PlanEffects;
};

/** `at`: when it ended with exit code 0. */
export type Completed = { readonly target: string; readonly at: string };

/** One line a step: `[1] -> #2 service:web:1 stop-container (replaced by #1)`. */
export function printPlan(plan: Plan): string {
  if (plan.steps.length === 0) return `${plan.stack}: nothing to do`;
  return plan.steps.map(printStep).join('\n');
}

export function printStep(step: Step): string {
  return `[${step.after.join(',')}] -> #${step.id} ${step.target} ${opText(step.op)} (${step.why})`;
}

function opText(op: Op): string {
  return op.kind === 'wait' ? `wait-${op.condition}` : op.kind;
}
