import { expect, test } from 'vitest';
import { parseAnswer } from '../../../src/runtime/answer.ts';

test.each([
  ['ready 12', { kind: 'ready', pid: 12 }],
  ['busy 7', { kind: 'busy', pid: 7 }],
  ['ab-1 listening', { kind: 'listening', tag: 'ab-1' }],
  ['ab-1 done', { kind: 'done', tag: 'ab-1' }],
  ['ab-1 started 4711 998877', { kind: 'started', tag: 'ab-1', pid: 4711, startTime: 998877 }],
  ['ab-1 failed 3 2 open /no such', { kind: 'failed', tag: 'ab-1', op: 3, errno: 2, message: 'open /no such' }],
  ['ab-1 failed 3 0 ', { kind: 'failed', tag: 'ab-1', op: 3, errno: 0, message: '' }],
])('"%s" is read', (line, expected) => {
  expect(parseAnswer(line)).toEqual(expected);
});

test.each(['', 'ab-1', 'ab-1 something else'])('"%s" is no answer', (line) => {
  expect(parseAnswer(line)).toBeUndefined();
});
