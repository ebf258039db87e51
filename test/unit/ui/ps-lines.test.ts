import { expect, test } from 'vitest';
import { psLines } from '../../../src/ui/ps-lines.ts';

const OUTPUT = `  USER       PID %CPU COMMAND
  root         1  0.0 /sbin/init
  app         42  1.0 worker --pid 1
  -            -  0.5 -
  app        421  0.0 other
`;

test('lines of the processes asked for stay, with their threads and the heading', () => {
  expect(psLines(OUTPUT, new Set([42]))).toEqual([
    '  USER       PID %CPU COMMAND',
    '  app         42  1.0 worker --pid 1',
    '  -            -  0.5 -',
  ]);
  expect(psLines(OUTPUT, new Set())).toHaveLength(1);
});

test('output that does not tell the process is refused', () => {
  expect(() => psLines('COMMAND\nsh\n', new Set([1]))).toThrow('leave out the column PID');
  expect(() => psLines('COMMAND PID\nsh -c x 7\n', new Set([7]))).toThrow('column with spaces before PID: -c');
});
