/**
 * Waits for a service to become healthy, to complete, or to run; fails as soon as it can not any more.
 */
import { assertNever, BerthError } from '../../base/errors.ts';
import { positionOf } from '../definition-diff.ts';
import { lastLines } from '../last-lines.ts';
import { recordsOf } from '../observe.ts';
import type { WaitCondition } from '../plan.ts';
import type { ContainerRecord } from '../records.ts';
import { type LiveContainer, liveOf } from '../world.ts';
import type { Operation } from './operation.ts';

type WaitOp = { readonly service: string; readonly condition: WaitCondition; readonly optional?: boolean };

/** A service that is started again and again is given up after this many short runs in a row, some three seconds. */
const MAX_SHORT_RUNS = 5;

/**
 * Resolves when all replicas are there; rejects with DEPENDENCY_FAILED naming the guilty one and its last log lines as
 * soon as it can not come true any more. Of an optional one that is the text resolved with.
 */
export async function waitFor(operation: Operation, op: WaitOp, signal: AbortSignal): Promise<string | undefined> {
  const guilty = await operation.world.changes.until(() => lookAt(operation, op), signal);
  if (guilty === 'there') return undefined;
  const error = await dependencyError(operation, op, guilty);
  if (!op.optional) throw error;
  return `going on without it: ${error.message}`;
}

type Guilty = { readonly record: ContainerRecord | null; readonly why: string };

function lookAt(operation: Operation, op: WaitOp): Guilty | 'there' | undefined {
  const records = recordsOf(operation.world, operation.stack.name).filter((r) => r.service === op.service && !r.oneOff);
  if (records.length === 0) return { record: null, why: 'has no container' };
  const verdicts = records.map((record) => ({ record, verdict: verdictOn(operation, record, op.condition) }));
  for (const { record, verdict } of verdicts) if (verdict.kind === 'never') return { record, why: verdict.why };
  return verdicts.every(({ verdict }) => verdict.kind === 'there') ? 'there' : undefined;
}

type Verdict = { readonly kind: 'there' | 'not-yet' } | { readonly kind: 'never'; readonly why: string };

function verdictOn({ world }: Operation, record: ContainerRecord, condition: WaitCondition): Verdict {
  const live = liveOf(world, record.id);
  switch (live.state) {
    case 'starting':
      return { kind: 'not-yet' };
    /* Its start is a step before this one: nothing else will start it. */
    case 'created':
      return { kind: 'never', why: 'was created and not started' };
    case 'paused':
      return { kind: 'never', why: 'is paused' };
    case 'exited':
      return ended(record, condition);
    case 'restarting':
      return restarting(record, condition);
    case 'running':
      return running(live.health, condition);
    default:
      return assertNever(live.state);
  }
}

function ended(record: ContainerRecord, condition: WaitCondition): Verdict {
  const success = record.exit?.code === 0;
  if (condition === 'started') return { kind: 'there' };
  if (condition === 'running' ? success : condition === 'completed' && record.completed) return { kind: 'there' };
  if (success && condition === 'completed') return { kind: 'never', why: 'was ended before it had completed' };
  return { kind: 'never', why: `ended with ${codeText(record)}` };
}

function restarting(record: ContainerRecord, condition: WaitCondition): Verdict {
  if (condition === 'started') return { kind: 'there' };
  if (condition === 'completed' && record.exit?.code === 0) return { kind: 'there' };
  const runs = record.retries?.failures ?? 0;
  if (runs < MAX_SHORT_RUNS) return { kind: 'not-yet' };
  return { kind: 'never', why: `ends again and again, the last time with ${codeText(record)}` };
}

function running(health: LiveContainer['health'], condition: WaitCondition): Verdict {
  if (condition === 'started') return { kind: 'there' };
  if (condition === 'completed') return { kind: 'not-yet' };
  if (health === 'unhealthy') return { kind: 'never', why: 'is unhealthy' };
  if (health === 'healthy') return { kind: 'there' };
  if (health === 'starting') return { kind: 'not-yet' };
  return condition === 'running'
    ? { kind: 'there' }
    : { kind: 'never', why: 'has neither a health check nor x-berth.ready' };
}

function codeText(record: ContainerRecord): string {
  const code = record.exit?.code ?? null;
  const oom = record.exit?.oomKilled ? ' (out of memory)' : '';
  return code === null ? 'an unknown exit code' : `exit code ${code}${oom}`;
}

async function dependencyError(operation: Operation, op: WaitOp, guilty: Guilty) {
  const { world, positions } = operation;
  const id = guilty.record?.id ?? '';
  const probe = guilty.why === 'is unhealthy' ? world.live.get(id)?.probe?.lastOutput().trim() : '';
  const log = guilty.record ? await lastLines(world, id, 5) : [];
  const parts = [
    `service ${op.service} ${guilty.why}`,
    ...(probe ? [`its last health check said: ${probe}`] : []),
    ...(log.length > 0 ? ['its last log lines:', ...log.map((line) => `  ${line}`)] : []),
  ];
  return new BerthError(op.condition === 'running' ? 'WAIT_FAILED' : 'DEPENDENCY_FAILED', parts.join('\n'), {
    at: positionOf(positions, `services.${op.service}${guilty.why.includes('health') ? '.healthcheck' : ''}`),
    hint: `see \`berth logs ${op.service}\``,
  });
}
