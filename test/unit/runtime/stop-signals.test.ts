import { expect, test } from 'vitest';
import { signalName, signalNumber } from '../../../src/runtime/stop-signals.ts';

test.each([
  ['SIGTERM', 15],
  ['TERM', 15],
  ['15', 15],
  ['sigint', 2],
  ['SIGQUIT', 3],
  ['winch', 28],
  ['SIGRTMIN', 34],
  ['RTMIN+3', 37],
  ['SIGRTMAX', 64],
  ['RTMAX-14', 50],
  ['64', 64],
])('%s is %d', (text, number) => {
  expect(signalNumber(text)).toBe(number);
});

test.each(['', '0', '65', 'SIGFOO', 'RTMIN+31', 'RTMAX+1', '-9', '1x'])('"%s" is not a signal', (text) => {
  expect(() => signalNumber(text)).toThrow('is not a signal');
});

test('numbers have the name that people know', () => {
  expect([15, 9, 6, 17, 29, 34, 37, 33].map(signalName)).toEqual([
    'SIGTERM',
    'SIGKILL',
    'SIGABRT',
    'SIGCHLD',
    'SIGIO',
    'SIGRTMIN',
    'SIGRTMIN+3',
    '33',
  ]);
});
