/** A service that writes what it watches, and a person who saves often. */
import { expect, test } from 'vitest';
import { type Chain, chainAfter, isLoop, NO_CHAIN } from '../../../src/watch/loop-guard.ts';

/** `count` actions of 40 ms each, with the next change `afterMs` after the end of the one before. */
function actions(count: number, afterMs: number, fileOf: (n: number) => string[]): Chain {
  let chain = NO_CHAIN;
  let before: { startedMs: number; endedMs: number } | null = null;
  let now = 0;
  for (let n = 0; n < count; n += 1) {
    chain = chainAfter(chain, { files: fileOf(n), touchedMs: now, before, quietMs: 50 });
    before = { startedMs: now + 60, endedMs: now + 100 };
    now = before.endedMs + afterMs;
  }
  return chain;
}

test('six in a row, each just after a start, with the same file, are a loop', () => {
  const chain = actions(6, 5, (n) => ['stamp', `log.${n}`]);

  expect(isLoop(chain)).toBe(true);
  expect([...chain.files]).toEqual(['stamp']);
  expect(isLoop(actions(5, 5, () => ['stamp']))).toBe(false);
});

test('a person who saves every half second is none', () => {
  expect(isLoop(actions(50, 500, () => ['app.js']))).toBe(false);
});

test('changes before the start of the container are none of its doing', () => {
  expect(isLoop(actions(50, -60, () => ['app.js']))).toBe(false);
});

test('ever other files are none', () => {
  expect(isLoop(actions(50, 5, (n) => [`${n}`]))).toBe(false);
});
