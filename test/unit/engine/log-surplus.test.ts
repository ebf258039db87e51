import { expect, test } from 'vitest';
import type { KeptRun } from '../../../src/engine/logs/kept-runs.ts';
import { type LogRun, lanesOf } from '../../../src/engine/logs/log-lanes.ts';
import { parseRunName } from '../../../src/engine/logs/run-folder.ts';
import { surplusRuns } from '../../../src/engine/logs/surplus.ts';

const KEEP = { count: 2, bytes: 1000, ageMs: 3_600_000 };
const NOW = Date.parse('2026-01-02T00:00:00Z');

function kept(id: string, minutesAgo: number, more: Partial<KeptRun> = {}): KeptRun {
  const at = new Date(NOW - minutesAgo * 60_000).toISOString();
  return {
    id,
    service: 'web',
    replica: 1,
    name: id,
    createdAt: at,
    endedAt: at,
    keep: null,
    folder: id,
    bytes: 10,
    ...more,
  };
}

const goes = (runs: readonly KeptRun[], keep = KEEP) =>
  surplusRuns(runs, keep, NOW)
    .map((run) => run.id)
    .sort();

test('so many are kept of each replica, and of one-off runs together', () => {
  const runs = [kept('a', 5), kept('b', 4), kept('c', 3), kept('d', 2, { replica: 2 }), kept('e', 1, { replica: 0 })];

  expect(goes(runs)).toEqual(['a']);
  expect(goes(runs, { ...KEEP, count: 0 })).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('older ones go until the rest is small enough; what is too old goes anyway', () => {
  const runs = [kept('old', 61), kept('big', 3, { bytes: 600, replica: 2 }), kept('new', 1, { bytes: 500 })];

  expect(goes(runs)).toEqual(['big', 'old']);
});

test('nothing is kept of a container that wrote nothing, and it does not count', () => {
  expect(goes([kept('a', 3), kept('empty', 2, { bytes: 0 }), kept('b', 1)])).toEqual(['empty']);
});

test('a folder tells service, replica and container', () => {
  expect(parseRunName('a.b.12.0123abcd')).toEqual({ service: 'a.b', replica: 12, id: '0123abcd' });
  expect(parseRunName('web')).toBeUndefined();
});

test('runs of a replica that follow one another are one lane, those at the same time are two', () => {
  const run = (id: string, [start, end]: readonly [string, string | null], replica = 1): LogRun => ({
    id,
    source: { container: id, service: 'web', replica, oneOff: false },
    path: id,
    createdAt: start,
    startedAt: start,
    endedAt: end,
  });
  const runs = [
    run('a', ['1', '2']),
    run('x', ['1', '9'], 2),
    run('b', ['3', '5']),
    run('c', ['4', null]),
    run('d', ['6', null]),
  ];

  expect(lanesOf(runs).map((lane) => lane.map(({ id }) => id))).toEqual([['a', 'b', 'd'], ['x'], ['c']]);
});
