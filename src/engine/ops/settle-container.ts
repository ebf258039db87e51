/**
 * Watches a container that has just replaced another: it must become healthy, or run on for the monitor's time.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { deadline } from '../../base/deadline.ts';
import { BerthError } from '../../base/errors.ts';
import { positionOf } from '../definition-diff.ts';
import { lastLines } from '../last-lines.ts';
import type { Op } from '../plan.ts';
import { liveOf } from '../world.ts';
import { allowFailure } from './allow-failure.ts';
import type { Operation } from './operation.ts';

type SettleOp = Extract<Op, { kind: 'settle-container' }>;

/** Rejects with UPDATE_FAILED when more of them fail than may; the text tells of one that may. */
export async function settleContainer(operation: Operation, op: SettleOp, signal: AbortSignal) {
  const id = operation.created.get(`${op.service}:${op.replica}`);
  if (id === undefined) throw new Error(`the plan settles ${op.service}:${op.replica} without having created it`);
  const failure = await failureOf(operation, { id, monitorMs: op.monitorMs, signal });
  if (failure === 'was not started') return failure;
  if (failure !== undefined) return await countFailure(operation, op, { id, failure });
  if (op.delayMs > 0) await sleep(op.delayMs, undefined, { signal });
  return undefined;
}

type Watched = { readonly id: string; readonly monitorMs: number; readonly signal: AbortSignal };

async function failureOf({ world }: Operation, { id, monitorMs, signal }: Watched): Promise<string | undefined> {
  const limit = deadline(signal, monitorMs);
  const look = () => {
    const live = liveOf(world, id);
    /* Which its start has counted already. */
    if (live.state === 'created') return { failure: 'was not started' };
    if (live.state === 'exited' || live.state === 'restarting') return { failure: 'ended' };
    if (live.health === 'unhealthy') return { failure: 'is unhealthy' };
    if (live.health === 'healthy' || (live.health === '' && limit.isOver())) return { failure: undefined };
    return undefined;
  };
  /* The end of the monitor's time is a change like any other. */
  limit.signal.addEventListener('abort', () => world.changes.changed(), { once: true });
  try {
    return (await world.changes.until(look, signal)).failure;
  } finally {
    limit.clear();
  }
}

type Failed = { readonly id: string; readonly failure: string };

async function countFailure(operation: Operation, op: SettleOp, { id, failure }: Failed): Promise<string> {
  const { world, positions } = operation;
  const text = `replica ${op.replica} of service ${op.service} ${failure} after its update`;
  if (allowFailure(operation, op)) return text;
  const lines = await lastLines(world, id, 5);
  const said = lines.length > 0 ? ['its last log lines:', ...lines.map((line) => `  ${line}`)] : [];
  throw new BerthError('UPDATE_FAILED', [text, ...said].join('\n'), {
    at: positionOf(positions, `services.${op.service}.deploy.update_config`),
    hint: `see \`berth logs ${op.service}\`; replicas that were not replaced yet are as they were`,
  });
}
