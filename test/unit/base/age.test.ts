import { expect, test } from 'vitest';
import { printAge } from '../../../src/base/age.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test.each([
  [-5, '0s'],
  [0.9, '0s'],
  [59, '59s'],
  [MINUTE, '1m'],
  [2 * HOUR - 1, '119m'],
  [2 * HOUR, '2h'],
  [47 * HOUR, '47h'],
  [2 * DAY, '2d'],
  [13 * DAY, '13d'],
  [14 * DAY, '2w'],
  [60 * DAY, '2mo'],
  [700 * DAY, '23mo'],
  [1000 * DAY, '2y'],
])('%i seconds ago is %s', (seconds, text) => {
  expect(printAge(0, seconds * 1000)).toBe(text);
});
