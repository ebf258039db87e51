/** Gathering what was touched: one run for a burst, one at a time, nothing forgotten. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type QuietBatch, quietBatch } from '../../../src/watch/quiet-batch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function batches(durationMs = 0): { readonly runs: string[][]; readonly batch: QuietBatch } {
  const runs: string[][] = [];
  const run = async ({ paths }: { readonly paths: ReadonlySet<string> }) => {
    runs.push([...paths]);
    await new Promise((resolve) => setTimeout(resolve, durationMs));
  };
  return { runs, batch: quietBatch({ quietMs: 50, run }) };
}

test('five thousand files over three seconds are one run, when there is quiet', async () => {
  const { runs, batch } = batches();

  for (let i = 0; i < 5_000; i += 1) {
    batch.touch(`${i}`);
    if (i % 100 === 0) await vi.advanceTimersByTimeAsync(49);
  }
  expect(runs).toEqual([]);
  await vi.advanceTimersByTimeAsync(51);

  expect(runs.map((paths) => paths.length)).toEqual([5_000]);
});

test('what is touched during a run is done after it, all at once', async () => {
  const { runs, batch } = batches(1_000);

  batch.touch('a');
  await vi.advanceTimersByTimeAsync(60);
  batch.touch('b');
  await vi.advanceTimersByTimeAsync(500);
  batch.touch('c');
  await vi.advanceTimersByTimeAsync(3_000);

  expect(runs).toEqual([['a'], ['b', 'c']]);
  expect(batch.isIdle()).toBe(true);
});

test('something that never stops writing is acted on after ten seconds', async () => {
  const { runs, batch } = batches();

  for (let i = 0; i < 300; i += 1) {
    batch.touch('log');
    await vi.advanceTimersByTimeAsync(40);
  }

  expect(runs).toEqual([['log']]);
});

test('after the end nothing begins', async () => {
  const { runs, batch } = batches();

  batch.touch('a');
  batch.close();
  await vi.advanceTimersByTimeAsync(1_000);

  expect(runs).toEqual([]);
});
