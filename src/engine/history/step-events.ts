/**
 * What a step of a plan did, as an event.
 *
 * The cause of a start is the event of the container's creation, of everything
 * else the command; what the step had to wait for is in `after`.
 */

import { errorData } from '../../base/errors.ts';
import { recordsOf } from '../observe.ts';
import type { Operation } from '../ops/operation.ts';
import type { Op, Step } from '../plan.ts';
import type { ContainerRecord } from '../records.ts';
import { stopSignalOf } from '../stop-signal.ts';
import type { EventType } from './event.ts';
import { reportContainer } from './report.ts';

export type StepJournal = {
  readonly done: (note: string | undefined) => void;
  readonly failed: (error: unknown) => void;
};

/** Call before the step is performed; `events` holds the events of the plan's steps so far, by step id. */
export function openStep(operation: Operation, step: Step, events: Map<number, number>): StepJournal {
  const after = step.after.map((id) => events.get(id)).filter((id) => id !== undefined);
  const given = { why: historyText(step.why), cause: operation.cause ?? null, after };
  const before = existingContainer(operation, step.op);
  if (step.op.kind === 'stop-container' && before) noteIntent(operation, before, given);
  if (step.op.kind === 'start-container') noteReason(operation, step.op, given);
  return {
    done(note) {
      const id = report(operation, step.op, { ...given, before, attributes: note ? { note } : {} });
      if (id !== undefined) events.set(step.id, id);
    },
    failed(error) {
      const { code, message } = errorData(error);
      const record = containerOf(operation, step.op) ?? before;
      const fact = { ...given, action: `${step.op.kind} failed`, why: message, attributes: { code } };
      if (record) reportContainer(operation.world, record, fact);
      else
        operation.world.history.add({
          ...fact,
          type: typeOf(step.op),
          stack: operation.stack.name,
          ...actorOf(operation, step.op),
        });
    },
  };
}

/** Numbers of steps mean nothing when the plan is gone. */
function historyText(why: string): string {
  return why.replace(/^created by #\d+$/, 'newly created').replace(/^replaced by #\d+$/, 'replaced by a new container');
}

type Given = { readonly why: string; readonly cause: number | null; readonly after: readonly number[] };

/** The stop is an event before the end, so that the end has a cause. */
function noteIntent({ world }: Operation, record: ContainerRecord, given: Given): void {
  const live = world.live.get(record.id);
  if (!live?.running) return;
  const signal = stopSignalOf(record);
  live.endCause = reportContainer(world, record, { ...given, action: 'kill', attributes: { signal } });
}

/** The start's own event comes before all that follows from it. */
function noteReason(operation: Operation, op: Op, given: Given): void {
  const record = containerOf(operation, op);
  const live = record && operation.world.live.get(record.id);
  if (!live) return;
  const made = 'id' in op && op.id === null ? live.createEvent : null;
  live.startReason = { ...given, cause: made ?? given.cause };
}

type Report = Given & { readonly before: ContainerRecord | undefined; readonly attributes: Record<string, string> };

function report(operation: Operation, op: Op, { before, ...given }: Report): number | undefined {
  const action = ACTIONS[op.kind];
  if (typeOf(op) !== 'container') {
    const name = op.kind === 'wait' ? WAITED[op.condition] : action;
    const after = op.kind === 'wait' ? [...given.after, ...turningPoint(operation, op.service)] : given.after;
    return operation.world.history.add({
      ...given,
      after,
      type: typeOf(op),
      action: name,
      stack: operation.stack.name,
      ...actorOf(operation, op),
    });
  }
  const record = containerOf(operation, op) ?? before;
  if (!record) return undefined;
  const live = operation.world.live.get(record.id);
  if (op.kind === 'start-container') return live?.startEvent ?? undefined;
  const id = reportContainer(operation.world, record, { ...given, action });
  if (live && op.kind === 'create-container') live.createEvent = id;
  return id;
}

/** The event that made a service what others waited for: `health_status: healthy`, `die`. */
function turningPoint({ world, stack }: Operation, service: string): number[] {
  const records = recordsOf(world, stack.name).filter((r) => r.service === service && !r.oneOff);
  return records.map((r) => world.live.get(r.id)?.lastEvent ?? null).filter((id) => id !== null);
}

function existingContainer(operation: Operation, op: Op): ContainerRecord | undefined {
  return 'id' in op && op.id !== null ? operation.world.store.containers.get(op.id) : undefined;
}

function containerOf(operation: Operation, op: Op): ContainerRecord | undefined {
  if (op.kind !== 'create-container' && op.kind !== 'start-container') return existingContainer(operation, op);
  const id = operation.created.get(`${op.service}:${op.replica}`) ?? ('id' in op ? op.id : null);
  return id === null || id === undefined ? undefined : operation.world.store.containers.get(id);
}

const ACTIONS: Readonly<Record<Op['kind'], string>> = {
  'create-network': 'create',
  'remove-network': 'destroy',
  'create-volume': 'create',
  'remove-volume': 'destroy',
  'create-container': 'create',
  'start-container': 'start',
  'update-container': 'update',
  'stop-container': 'stop',
  'remove-container': 'destroy',
  'pause-container': 'pause',
  'unpause-container': 'unpause',
  'settle-container': 'settle',
  wait: 'ready',
};

const WAITED = { started: 'started', healthy: 'healthy', completed: 'completed', running: 'ready' } as const;

function typeOf(op: Op): EventType {
  if ('network' in op) return 'network';
  if ('volume' in op) return 'volume';
  return op.kind === 'wait' ? 'service' : 'container';
}

/** Service, and id and name of what is no container. */
function actorOf({ stack }: Operation, op: Op) {
  const service = 'service' in op ? op.service : '';
  const key = 'network' in op ? op.network : 'volume' in op ? op.volume : service;
  const named = [...stack.networks, ...stack.volumes].find((item) => item.key === key);
  const name = op.kind.startsWith('create-') && named ? named.name : key;
  return { service, actor: { id: name, name } };
}
