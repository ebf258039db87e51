import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { progressFrom } from '../../../src/engine/logs/forward/progress.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const at = (offset: number) => ({ inode: 1, offset });

test('what was handed over within the last second is sent again after a break', async () => {
  const saved: number[] = [];
  const progress = progressFrom(at(0), async ({ offset }) => void saved.push(offset));

  progress.reach(at(10));
  vi.advanceTimersByTime(1500);
  progress.reach(at(20));
  const safe = progress.safe();
  await progress.close();

  expect([safe.offset, saved]).toEqual([10, [10]]);
});

test('after a while without a break all of it is safe, and is saved once', async () => {
  const saved: number[] = [];
  const progress = progressFrom(at(0), async ({ offset }) => void saved.push(offset));

  for (let offset = 1; offset <= 50; offset++) {
    progress.reach(at(offset));
    vi.advanceTimersByTime(10);
  }
  vi.advanceTimersByTime(3000);
  await progress.close();

  expect([progress.reached().offset, saved.at(-1), new Set(saved).size]).toEqual([50, 50, saved.length]);
});
