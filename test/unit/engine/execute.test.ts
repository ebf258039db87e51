import { expect, test } from 'vitest';
import { BerthError } from '../../../src/base/errors.ts';
import type { EngineEvent } from '../../../src/engine/engine.ts';
import { execute } from '../../../src/engine/execute.ts';
import type { Plan, Step } from '../../../src/engine/plan.ts';

function step(id: number, after: number[] = []): Step {
  return { id, target: `service:s${id}`, op: { kind: 'create-network', network: `n${id}` }, why: 'test', after };
}

function planOf(...steps: Step[]): Plan {
  return { stack: 'shop', steps };
}

test('a step starts when the steps before it have ended, and not earlier', async () => {
  const log: string[] = [];

  await execute(planOf(step(1), step(2, [1]), step(3)), async ({ id }) => {
    log.push(`start ${id}`);
    await Promise.resolve();
    log.push(`end ${id}`);
    return undefined;
  });

  expect(log.indexOf('start 2')).toBeGreaterThan(log.indexOf('end 1'));
  expect(log.indexOf('start 3')).toBeLessThan(log.indexOf('end 1'));
});

test('a failure skips what waits for it, lets the rest end, and is thrown', async () => {
  const events: EngineEvent[] = [];
  const perform = async ({ id }: Step) => {
    if (id === 1) throw new BerthError('RUNTIME_FAILED', 'no');
    return undefined;
  };

  const done = execute(planOf(step(1), step(2, [1]), step(3)), perform, { onEvent: (e) => events.push(e) });

  await expect(done).rejects.toMatchObject({ code: 'RUNTIME_FAILED' });
  expect(events.filter((e) => e.type === 'step-skipped').map((e) => 'step' in e && e.step)).toEqual([2]);
  expect(events.filter((e) => e.type === 'step-done').map((e) => 'step' in e && e.step)).toEqual([3]);
});

test('an abort starts nothing further and says so', async () => {
  const control = new AbortController();
  const started: number[] = [];
  const perform = async ({ id }: Step) => {
    started.push(id);
    control.abort();
    return undefined;
  };

  const done = execute(planOf(step(1), step(2, [1])), perform, { signal: control.signal });

  await expect(done).rejects.toMatchObject({ code: 'ABORTED' });
  expect(started).toEqual([1]);
});
