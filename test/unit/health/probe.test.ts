import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Health, type ProbeOutcome, startProbing } from '../../../src/health/probe.ts';

const SPEC = { intervalMs: 1000, timeoutMs: 500, retries: 3, startPeriodMs: 0, startIntervalMs: 5000 };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function probing(outcomes: boolean[], spec = SPEC) {
  const seen: Health[] = [];
  let probes = 0;
  const probe = async (): Promise<ProbeOutcome> => {
    const ok = outcomes[Math.min(probes, outcomes.length - 1)]!;
    probes++;
    return { ok, output: ok ? 'fine' : 'refused' };
  };
  const handle = startProbing(spec, probe, (health) => seen.push(health));
  return { handle, seen, count: () => probes };
}

test('the first probe runs at once: a ready container is healthy without waiting an interval', async () => {
  const { handle, seen } = probing([true]);

  await vi.advanceTimersByTimeAsync(0);

  expect(seen).toEqual(['healthy']);
  handle.stop();
});

test('retries failures in a row make it unhealthy, one success healthy again', async () => {
  const { handle, seen } = probing([true, false, false, false, true]);

  await vi.advanceTimersByTimeAsync(4000);

  expect(seen).toEqual(['healthy', 'unhealthy', 'healthy']);
  handle.stop();
});

test('failures within the start period do not count, and probes come often', async () => {
  const { handle, seen, count } = probing([false], { ...SPEC, startPeriodMs: 3000 });

  await vi.advanceTimersByTimeAsync(2900);

  expect(seen).toEqual([]);
  expect(count()).toBeGreaterThan(4);
  await vi.advanceTimersByTimeAsync(4000);
  expect(seen).toEqual(['unhealthy']);
  expect(handle.lastOutput()).toBe('refused');
  handle.stop();
});

test('nothing is probed or told after a stop', async () => {
  const { handle, seen, count } = probing([false]);
  await vi.advanceTimersByTimeAsync(0);
  handle.stop();
  const before = count();

  await vi.advanceTimersByTimeAsync(10_000);

  expect(count()).toBe(before);
  expect(seen).toEqual([]);
});
