/**
 * Waits for a service to become healthy, to complete, or to run; fails as soon as it can not any more.
 */
import { BerthError } from '../../base/errors.ts';
import { positionOf } from '../definition-diff.ts';
import { lastLines } from '../last-lines.ts';
import { recordsOf } from '../observe.ts';
import type { WaitCondition } from '../plan.ts';
import type { ContainerRecord } from '../records.ts';
import { liveOf } from '../world.ts';
import type { Operation } from './operation.ts';

type WaitOp = { readonly service: string; readonly condition: WaitCondition };

/** Resolves when all replicas are there; rejects with DEPENDENCY_FAILED naming the guilty one and its last log lines. */
export async function waitFor(operation: Operation, op: WaitOp, signal: AbortSignal): Promise<undefined> {
  const { world, stack } = operation;
  const failed = await world.changes.until(() => {
    const records = recordsOf(world, stack.name).filter((r) => r.service === op.service && !r.oneOff);
    const verdicts = records.map((record) => ({ record, verdict: verdictOn(operation, record, op.condition) }));
    const guilty = verdicts.find((v) => v.verdict.kind === 'never');
    if (guilty) return guilty;
    return verdicts.length > 0 && verdicts.every((v) => v.verdict.kind === 'there') ? null : undefined;
  }, signal);
  if (failed?.verdict.kind === 'never')
    throw await dependencyError(operation, op, { record: failed.record, why: failed.verdict.why });
}

type Verdict = { readonly kind: 'there' | 'not-yet' } | { readonly kind: 'never'; readonly why: string };

function verdictOn({ world }: Operation, record: ContainerRecord, condition: WaitCondition): Verdict {
  const live = liveOf(world, record.id);
  const ended = live.state === 'exited';
  if (condition === 'completed') {
    if (!ended) return { kind: 'not-yet' };
    return record.exit?.code === 0 ? { kind: 'there' } : { kind: 'never', why: `ended with ${codeText(record)}` };
  }
  if (ended && condition === 'running' && record.exit?.code === 0) return { kind: 'there' };
  if (ended) return { kind: 'never', why: `ended with ${codeText(record)}` };
  if (live.state !== 'running') return { kind: 'not-yet' };
  if (live.health === 'unhealthy') return { kind: 'never', why: 'is unhealthy' };
  if (live.health === 'healthy') return { kind: 'there' };
  if (live.health === 'starting') return { kind: 'not-yet' };
  return condition === 'running' ? { kind: 'there' } : { kind: 'never', why: 'has no health check' };
}

function codeText(record: ContainerRecord): string {
  const code = record.exit?.code ?? null;
  const oom = record.exit?.oomKilled ? ' (out of memory)' : '';
  return code === null ? 'an unknown exit code' : `exit code ${code}${oom}`;
}

async function dependencyError(operation: Operation, op: WaitOp, guilty: { record: ContainerRecord; why: string }) {
  const { world, positions } = operation;
  const probe = guilty.why === 'is unhealthy' ? world.live.get(guilty.record.id)?.probe?.lastOutput().trim() : '';
  const log = await lastLines(world, guilty.record.id, 5);
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
