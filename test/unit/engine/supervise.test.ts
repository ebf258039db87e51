import { expect, test } from 'vitest';
import { type Ended, superviseExit } from '../../../src/engine/supervise.ts';

function ended(changes: Partial<Ended>): Ended {
  return { policy: { kind: 'always' }, desired: 'running', exitCode: 1, ranMs: 50, failures: 0, ...changes };
}

test('policy no leaves it ended', () => {
  expect(superviseExit(ended({ policy: { kind: 'no' } })).kind).toBe('stay');
});

test('what was stopped on request is not restarted by any policy', () => {
  expect(superviseExit(ended({ desired: 'stopped' })).kind).toBe('stay');
});

test('the delay doubles from 100 ms up to a minute', () => {
  const delays = [0, 1, 2, 9, 10, 50].map((failures) => {
    const verdict = superviseExit(ended({ failures }));
    return verdict.kind === 'restart' ? verdict.delayMs : undefined;
  });

  expect(delays).toEqual([100, 200, 400, 51_200, 60_000, 60_000]);
});

test('ten seconds of running start the back-off anew', () => {
  expect(superviseExit(ended({ failures: 8, ranMs: 10_000 }))).toMatchObject({ delayMs: 100, failures: 1 });
});

test('on-failure leaves success alone, counts, and takes an unknown code for a failure', () => {
  const policy = { kind: 'on-failure', maxRetries: 3 } as const;

  expect(superviseExit(ended({ policy, exitCode: 0 })).kind).toBe('stay');
  expect(superviseExit(ended({ policy, exitCode: 1, failures: 2 })).kind).toBe('restart');
  expect(superviseExit(ended({ policy, exitCode: 1, failures: 3 })).kind).toBe('stay');
  expect(superviseExit(ended({ policy, exitCode: null })).kind).toBe('restart');
});
