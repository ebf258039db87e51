import { expect, test } from 'vitest';
import { encodeProgram, op, printProgram } from '../../../src/runtime/op.ts';

test('a program is name, count and arguments, each ended by NUL', () => {
  const bytes = encodeProgram([op('tag', ['t-1']), op('pivot', []), op('exec', ['echo', '', 'grüß'])]);

  expect(bytes.toString('utf8').split('\0')).toEqual([
    'tag',
    '1',
    't-1',
    'pivot',
    '0',
    'exec',
    '3',
    'echo',
    '',
    'grüß',
    '',
  ]);
});

test('a NUL in an argument is refused: it would begin an op of its own', () => {
  expect(() => encodeProgram([op('env', ['X=1\0exec'])])).toThrow('NUL byte in a program');
});

test('numbers are written in decimal', () => {
  expect(op('log', ['/l', 10_000_000, 3]).args).toEqual(['/l', '10000000', '3']);
});

test('the phrase of an op is its name unless there is a better one', () => {
  expect(op('pivot', [])).toEqual({ name: 'pivot', args: [], phrase: 'pivot' });
  expect(op('bind', [], 'bind of x', 'services.web')).toMatchObject({ phrase: 'bind of x', origin: 'services.web' });
});

test('as text, words that are not plain are quoted and long masks shortened', () => {
  const text = printProgram([op('env', ['A=b c']), op('exec', ['', 'x\ny']), op('seccomp', ['ab'.repeat(200)])]);

  expect(text).toBe('env "A=b c"\nexec "" "x\\ny"\nseccomp <200 bytes>');
});
