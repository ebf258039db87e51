import { expect, test } from 'vitest';
import { afterEngine, completionOf } from '../../../src/engine/completion.ts';
import type { RestartPolicy } from '../../../src/model/stack.ts';
import { containerRecord as record, service } from '../../builders.ts';

const AT = '2026-01-01T00:00:00.000Z';
const EXIT = { code: 0, signal: 0, oomKilled: false, startedAt: AT, finishedAt: AT };

const withPolicy = (restart: RestartPolicy) => record({ definition: service('job', { restart }) });

test.each<[RestartPolicy, boolean]>([
  [{ kind: 'no' }, true],
  [{ kind: 'on-failure', maxRetries: null }, true],
  [{ kind: 'always' }, false],
  [{ kind: 'unless-stopped' }, false],
  [{ kind: 'deploy', condition: 'on-failure', delayMs: null, maxAttempts: null, windowMs: null }, true],
  [{ kind: 'deploy', condition: 'any', delayMs: null, maxAttempts: null, windowMs: null }, false],
])('an end with success under policy %j is a completion: %s', (policy, is) => {
  const completion = completionOf(withPolicy(policy), EXIT, true);

  expect(completion).toEqual(is ? { at: AT, sure: false } : undefined);
});

test('no completion is what failed, was ended by somebody, was to stop, or is a one-off run', () => {
  const ends = [
    completionOf(record(), { ...EXIT, code: 1 }, true),
    completionOf(record(), { ...EXIT, code: null }, true),
    completionOf(record(), EXIT, false),
    completionOf(record({ desired: 'stopped' }), EXIT, true),
    completionOf(record({ oneOff: true }), EXIT, true),
  ];

  expect(ends).toEqual([undefined, undefined, undefined, undefined, undefined]);
});

test('a completion survives another engine; after a boot only one that no shutdown can have caused', () => {
  const fresh = record({ completed: { at: AT, sure: false } });
  const sure = record({ completed: { at: AT, sure: true } });

  expect(afterEngine(fresh, false).completed).toEqual({ at: AT, sure: true });
  expect(afterEngine(fresh, true).completed).toBeUndefined();
  expect(afterEngine(sure, true)).toBe(sure);
});
