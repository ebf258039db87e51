import { expect, test } from 'vitest';
import { type Ended, NO_RETRIES, superviseExit } from '../../../src/engine/supervise.ts';

function ended(changes: Partial<Ended>): Ended {
  return {
    policy: { kind: 'always' },
    desired: 'running',
    exitCode: 1,
    unhealthy: false,
    ranMs: 50,
    retries: NO_RETRIES,
    ...changes,
  };
}

function delayOf(changes: Partial<Ended>): number | undefined {
  const verdict = superviseExit(ended(changes));
  return verdict.kind === 'restart' ? verdict.delayMs : undefined;
}

test('policy no leaves it ended', () => {
  expect(superviseExit(ended({ policy: { kind: 'no' } })).kind).toBe('stay');
});

test('what was stopped on request is not restarted by any policy', () => {
  expect(superviseExit(ended({ desired: 'stopped' })).kind).toBe('stay');
});

test('the delay doubles from 100 ms up to a minute', () => {
  const delays = [0, 1, 2, 9, 10, 50].map((failures) => delayOf({ retries: { failures, attempts: failures } }));

  expect(delays).toEqual([100, 200, 400, 51_200, 60_000, 60_000]);
});

test('ten seconds of running start the back-off anew, and the limit goes on counting', () => {
  expect(superviseExit(ended({ retries: { failures: 8, attempts: 8 }, ranMs: 10_000 }))).toMatchObject({
    delayMs: 100,
    retries: { failures: 1, attempts: 9 },
  });
});

test('on-failure leaves success alone, counts, and takes an unknown code for a failure', () => {
  const policy = { kind: 'on-failure', maxRetries: 3 } as const;
  const after = (attempts: number) => superviseExit(ended({ policy, retries: { failures: 0, attempts } })).kind;

  expect(superviseExit(ended({ policy, exitCode: 0 })).kind).toBe('stay');
  expect([after(2), after(3)]).toEqual(['restart', 'stay']);
  expect(superviseExit(ended({ policy, exitCode: null })).kind).toBe('restart');
});

test('unhealthy counts as a failure whatever the exit code, and restarts even with policy no', () => {
  const healthy = { exitCode: 0, unhealthy: true } as const;

  expect(superviseExit(ended({ ...healthy, policy: { kind: 'on-failure', maxRetries: null } })).kind).toBe('restart');
  expect(superviseExit(ended({ ...healthy, policy: { kind: 'no' } })).kind).toBe('restart');
  expect(superviseExit(ended({ ...healthy, policy: { kind: 'no' }, desired: 'stopped' })).kind).toBe('stay');
});

test('deploy: its own delay each time, attempts up to its limit, and a run as long as the window begins anew', () => {
  const policy = { kind: 'deploy', condition: 'any', delayMs: 700, maxAttempts: 2, windowMs: 5000 } as const;
  const retries = { failures: 2, attempts: 2 };

  expect(delayOf({ policy, exitCode: 0, retries: { failures: 1, attempts: 1 } })).toBe(700);
  expect(superviseExit(ended({ policy, retries }))).toEqual({
    kind: 'stay',
    why: 'restarted 2 times, which is its limit',
  });
  expect(superviseExit(ended({ policy, retries, ranMs: 5000 }))).toMatchObject({ retries: { attempts: 1 } });
  expect(superviseExit(ended({ policy: { ...policy, condition: 'on-failure' }, exitCode: 0 })).kind).toBe('stay');
  expect(delayOf({ policy: { ...policy, delayMs: null } })).toBe(100);
});
