import { expect, test } from 'vitest';
import { parsePullPolicy } from '../../../src/model/pull-policy.ts';

const HOUR = 3_600_000;

test.each([
  ['always', 'always'],
  ['never', 'never'],
  ['missing', 'missing'],
  ['if_not_present', 'missing'],
  ['build', 'build'],
  ['daily', { everyMs: 24 * HOUR }],
  ['weekly', { everyMs: 168 * HOUR }],
  ['every_12h', { everyMs: 12 * HOUR }],
  ['every_1w2d', { everyMs: 9 * 24 * HOUR }],
  ['every_1h30m5s', { everyMs: 5_405_000 }],
])('%s', (text, policy) => {
  expect(parsePullPolicy(text)).toEqual(policy);
});

test('refresh is as old as pull_refresh_after says, a day without it', () => {
  expect(parsePullPolicy('refresh', '2h')).toEqual({ everyMs: 2 * HOUR });
  expect(parsePullPolicy('refresh')).toEqual({ everyMs: 24 * HOUR });
});

test.each(['', 'sometimes', 'every_', 'every_soon', 'toString'])('%j is none', (text) => {
  expect(parsePullPolicy(text)).toBeUndefined();
});
