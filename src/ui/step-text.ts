/**
 * Steps of a plan as words: `creating`, `created`, what a step waits for by name.
 */
import type { Op, Plan, Step } from '../engine/plan.ts';

type Words = { readonly doing: string; readonly done: string };

const WORDS: Readonly<Record<Op['kind'], Words>> = {
  'create-network': { doing: 'creating', done: 'created' },
  'remove-network': { doing: 'removing', done: 'removed' },
  'create-volume': { doing: 'creating', done: 'created' },
  'remove-volume': { doing: 'removing', done: 'removed' },
  'create-container': { doing: 'creating', done: 'created' },
  'start-container': { doing: 'starting', done: 'started' },
  'update-container': { doing: 'updating', done: 'updated' },
  'stop-container': { doing: 'stopping', done: 'stopped' },
  'remove-container': { doing: 'removing', done: 'removed' },
  'pause-container': { doing: 'pausing', done: 'paused' },
  'unpause-container': { doing: 'unpausing', done: 'unpaused' },
  'settle-container': { doing: 'watching', done: 'settled' },
  wait: { doing: 'waiting', done: 'there' },
};

const WAITS = { started: 'to start', healthy: 'to be healthy', completed: 'to complete', running: 'to run' } as const;
const THERE = { started: 'started', healthy: 'healthy', completed: 'completed', running: 'running' } as const;

export function doingText({ op }: Step): string {
  return op.kind === 'wait' ? `waiting ${WAITS[op.condition]}` : WORDS[op.kind].doing;
}

export function doneText({ op }: Step): string {
  return op.kind === 'wait' ? THERE[op.condition] : WORDS[op.kind].done;
}

/** `service:web:1` -> `service web`; replicas from the second on keep their number. */
export function targetText(target: string): string {
  const [kind, name, number] = target.split(':');
  return `${kind} ${name}${number === undefined || number === '1' ? '' : ` ${number}`}`;
}

/** What a step that has not begun waits for, by name and without doubles. */
export function waitingText(plan: Plan, step: Step, isOpen: (id: number) => boolean): string {
  const open = plan.steps.filter((other) => step.after.includes(other.id) && isOpen(other.id));
  const foreign = open.filter((other) => targetText(other.target) !== targetText(step.target));
  const names = foreign.map((other) =>
    other.op.kind === 'wait' ? `${other.op.service} ${WAITS[other.op.condition]}` : targetText(other.target),
  );
  return names.length === 0 ? '' : `waits for ${[...new Set(names)].join(', ')}`;
}

/** `0.3 s`, `12 s`. */
export function secondsText(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(ms < 95 ? 2 : 1)} s` : `${Math.round(ms / 1000)} s`;
}
