/**
 * `failure_action: rollback`: services whose update failed go back to the definition they had.
 */
import { BerthError, errorData } from '../base/errors.ts';
import type { Service } from '../model/stack.ts';
import type { Desired } from './desired.ts';
import type { EngineEvent } from './engine.ts';
import type { Observed } from './observed.ts';
import type { Plan } from './plan.ts';

/** Notes which services fail while a plan is carried out. */
export function failureNotes(plan: Plan): { note(event: EngineEvent): void; services(): ReadonlySet<string> } {
  const failed = new Set<string>();
  return {
    note(event) {
      if (event.type !== 'step-failed') return;
      const op = plan.steps.find((step) => step.id === event.step)?.op;
      if (op && (op.kind === 'start-container' || op.kind === 'settle-container')) failed.add(op.service);
    },
    services: () => failed,
  };
}

/** What to bring back, or undefined when no failed service asks for it or had another definition before. */
export function rollbackOf(desired: Desired, before: Observed, failed: ReadonlySet<string>): Desired | undefined {
  const back = new Map<string, Service>();
  for (const service of desired.stack.services) {
    const old = before.containers.find((c) => c.service === service.name && !c.oneOff)?.definition;
    if (failed.has(service.name) && service.update?.failureAction === 'rollback' && old)
      back.set(service.name, { ...old, replicas: service.replicas, update: service.rollback });
  }
  if (back.size === 0) return undefined;
  const services = desired.stack.services.map((s) => back.get(s.name) ?? s);
  return { ...desired, stack: { ...desired.stack, services }, selected: new Set(back.keys()), wait: false };
}

/** The failure, and that its services are as they were. */
export function rolledBack(cause: unknown, services: ReadonlySet<string>): BerthError {
  const { message, at } = errorData(cause);
  const names = [...services].join(', ');
  return new BerthError('UPDATE_ROLLED_BACK', `${message}\n${names} went back to the definition from before`, {
    at,
    cause,
    hint: 'correct the stack file; until then `berth plan` shows the change again',
  });
}
