import { expect, test } from 'vitest';
import { BerthError } from '../../../src/base/errors.ts';
import { type LineFilter, lineFilter } from '../../../src/logs/filter-lines.ts';
import { compilePatterns } from '../../../src/logs/filter-pattern.ts';
import { joinParts } from '../../../src/logs/join-parts.ts';
import { record, records } from './log-records.ts';

const filterOf = (filter: Partial<LineFilter>): LineFilter => ({
  patterns: [],
  invert: false,
  before: 0,
  after: 0,
  leastLevel: undefined,
  describes: false,
  ...filter,
});

/** The lines that are shown; `--` where a gap is. */
function shown(texts: readonly string[], filter: Partial<LineFilter>): string[] {
  const lines = joinParts()
    .add(records(texts))
    .flatMap(lineFilter(filterOf(filter)));
  return lines.flatMap((line) => (line.gap ? ['--', line.text.toString()] : [line.text.toString()]));
}

test('lines are found by any of the expressions, or by none of them', () => {
  const texts = ['one', 'TWO', 'three'];

  expect(shown(texts, { patterns: [/one/, /three/] })).toEqual(['one', 'three']);
  expect(shown(texts, { patterns: compilePatterns('--grep', ['two'], { ignoreCase: true }) })).toEqual(['TWO']);
  expect(shown(texts, { patterns: [/one/, /three/], invert: true })).toEqual(['TWO']);
});

test('an expression is looked for in the text that one sees, not in its colour codes', () => {
  expect(shown(['\x1b[31mERROR\x1b[0m: \x1b[1mdisk\x1b[0m full'], { patterns: [/^ERROR: disk full$/] })).toHaveLength(
    1,
  );
  expect(shown(['\x1b[31mred\x1b[0m'], { patterns: [/31/] })).toEqual([]);
});

test('context is shown once, and gaps in it as grep shows them', () => {
  const texts = ['1', '2', 'x3', '4', 'x5', '6', '7', '8', '9', 'x10'];

  expect(shown(texts, { patterns: [/x/], before: 1, after: 1 })).toEqual(['2', 'x3', '4', 'x5', '6', '--', '9', 'x10']);
  expect(shown(texts, { patterns: [/x/], after: 2 })).toEqual(['x3', '4', 'x5', '6', '7', '--', 'x10']);
  expect(shown(texts, { patterns: [/x/] })).toEqual(['x3', 'x5', 'x10']);
});

test('a stack trace belongs to the level of its error, and what comes before any level is information', () => {
  const texts = ['hello', 'ERROR boom', '  at one', '  at two', 'INFO fine', 'more', '\x1b[33mWARN\x1b[0m low'];

  expect(shown(texts, { leastLevel: 'error' })).toEqual(['ERROR boom', '  at one', '  at two']);
  expect(shown(texts, { leastLevel: 'warn' })).toEqual([...texts.slice(1, 4), texts[6]]);
  expect(shown(texts, { leastLevel: 'info' })).toEqual(texts);
});

test('level and expression must both fit', () => {
  expect(shown(['ERROR a', 'ERROR b', 'INFO a'], { leastLevel: 'warn', patterns: [/a/] })).toEqual(['ERROR a']);
});

test.each([
  ['(a)(b', '--grep: unterminated group', 4],
  ['a)b', "--grep: unmatched ')'", 2],
  ['ab**', '--grep: nothing to repeat', 4],
  ['x[a-', '--grep: unterminated character class', 2],
  ['[z-a]', '--grep: range out of order in character class', 4],
  ['a: \\', '--grep: \\ at end of pattern', 4],
])('a bad expression %s is refused with its column', (text, message, col) => {
  const failure = (() => {
    try {
      return compilePatterns('--grep', ['fine', text], { ignoreCase: true });
    } catch (error) {
      return error as BerthError;
    }
  })();

  expect(failure).toBeInstanceOf(BerthError);
  const { code, diagnostics } = failure as BerthError;
  expect([code, diagnostics?.[0]?.message, diagnostics?.[0]?.at?.col, diagnostics?.[0]?.sourceLine]).toEqual([
    ...['USAGE', message, col, text],
  ]);
});

test('parts of a line are joined, each stream by itself, and the rest is given out at the end', () => {
  const joiner = joinParts();
  const lines = joiner.add(
    Buffer.concat([
      record(1, 'out ', { flag: 'P' }),
      record(2, 'err ', { flag: 'P', stream: 'stderr' }),
      record(3, 'done'),
      record(4, 'alone'),
    ]),
  );

  expect(lines.map((line) => [line.time.slice(17, 19), line.text.toString()])).toEqual([
    ['01', 'out done'],
    ['04', 'alone'],
  ]);
  expect(joiner.isIdle()).toBe(false);
  expect(joiner.rest().map((line) => [line.stream, line.text.toString(), line.ends])).toEqual([
    ['stderr', 'err ', false],
  ]);
  expect([joiner.isIdle(), joiner.rest()]).toEqual([true, []]);
});

test('a line without end comes in pieces, so that nobody has to keep all of it', () => {
  const joiner = joinParts();
  const part = record(1, 'x'.repeat(16_384), { flag: 'P' });

  const pieces = Array.from({ length: 200 }, () => joiner.add(part)).flat();

  expect(pieces.map((line) => [line.begins, line.ends])).toEqual([
    [true, false],
    [false, false],
    [false, false],
  ]);
  expect(pieces.every((line) => line.text.length <= 1024 * 1024 + 16_384)).toBe(true);
  expect(joiner.add(record(2, 'end'))[0]?.ends).toBe(true);
});
