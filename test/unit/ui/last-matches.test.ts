import { expect, test } from 'vitest';
import type { LogItem, LogSource } from '../../../src/engine/engine.ts';
import type { LineFilter } from '../../../src/logs/filter-lines.ts';
import { lastMatches } from '../../../src/ui/last-matches.ts';
import { EVERY_LINE } from '../../../src/ui/log-printer.ts';
import { records } from '../logs/log-records.ts';

const source = (service: string): LogSource => ({ container: `s-${service}-1`, service, replica: 1 });

type Logs = Readonly<Record<string, readonly string[]>>;

/** A log of which the last lines can be had, as the engine gives it; `later` comes after it has caught up. */
function logOf(logs: Logs, later: Logs = {}) {
  const asked: (number | undefined)[] = [];
  async function* open(tail: number | undefined): AsyncGenerator<LogItem> {
    asked.push(tail);
    yield { kind: 'sources', sources: Object.keys(logs).map(source), services: Object.keys(logs) };
    for (const [service, texts] of Object.entries(logs)) {
      const from = tail === undefined ? 0 : Math.max(0, texts.length - tail);
      yield { kind: 'lines', source: source(service), lines: records(texts.slice(from), from) };
    }
    yield { kind: 'caught-up' };
    for (const [service, texts] of Object.entries(later)) {
      yield { kind: 'lines', source: source(service), lines: records(texts, 1_000_000) };
    }
  }
  return { asked, open };
}

async function found(
  { open }: ReturnType<typeof logOf>,
  options: { filter: Partial<LineFilter>; count: number; canGrow?: boolean },
): Promise<string[]> {
  const filter = { ...EVERY_LINE, ...options.filter };
  const signal = new AbortController().signal;
  const lines: string[] = [];
  for await (const item of lastMatches({ canGrow: true, ...options, filter, open, signal })) {
    if (item.kind !== 'found') continue;
    for (const line of item.lines) lines.push(`${line.gap ? '-- ' : ''}${item.source.service}: ${line.text}`);
  }
  return lines;
}

const numbered = (count: number, text = 'line') => Array.from({ length: count }, (_, at) => `${text} ${at}.`);

test('it reads back until there are enough, and no further', async () => {
  const log = logOf({ web: numbered(100_000) });

  expect(await found(log, { filter: { patterns: [/00\./] }, count: 3 })).toEqual([
    'web: line 99700.',
    'web: line 99800.',
    'web: line 99900.',
  ]);
  expect(log.asked).toEqual([2_000]);
  expect(await found(log, { filter: { patterns: [/0000\.$/] }, count: 2 })).toEqual([
    'web: line 80000.',
    'web: line 90000.',
  ]);
  expect(log.asked.slice(1)).toEqual([2_000, 16_000, 128_000]);
});

test('what is not there is looked for to the beginning, once', async () => {
  const log = logOf({ web: numbered(3_000) });

  expect(await found(log, { filter: { patterns: [/no such/] }, count: 1 })).toEqual([]);
  expect(log.asked).toEqual([2_000, 16_000]);
});

test('each container has its own last lines, all in the order of time', async () => {
  const log = logOf({ web: ['x0', 'x1', '2', 'x3'], db: ['x0', '1', 'x2'] });

  expect(await found(log, { filter: { patterns: [/x/] }, count: 2 })).toEqual([
    'db: x0',
    'web: x1',
    'db: x2',
    'web: x3',
  ]);
});

test('what comes later is filtered on, with the context it has', async () => {
  const log = logOf({ web: ['x0', 'x1', '2'] }, { web: ['3', '4', 'x5'] });

  expect(await found(log, { filter: { patterns: [/x/], after: 2, before: 1 }, count: 1 })).toEqual([
    ...['web: x0', 'web: x1', 'web: 2', 'web: 3'],
    ...['web: 4', 'web: x5'],
  ]);
});

test('lines before the first found one are read as well', async () => {
  const texts = numbered(10_000).map((text, at) => (at === 8_001 ? 'x' : text));
  const log = logOf({ web: texts });

  expect(await found(log, { filter: { patterns: [/x/], before: 2 }, count: 1 })).toEqual([
    ...['web: line 7999.', 'web: line 8000.', 'web: x'],
  ]);
  expect(log.asked).toEqual([2_000, 16_000]);
});

test('a level that stands further back than what was read is found', async () => {
  const trace = numbered(5_000, '  at');
  const log = logOf({ web: ['INFO begin', 'ERROR boom', ...trace] });

  expect(await found(log, { filter: { leastLevel: 'error' }, count: 2 })).toEqual([
    'web:   at 4998.',
    'web:   at 4999.',
  ]);
  expect(await found(logOf({ web: trace }), { filter: { leastLevel: 'info' }, count: 1 })).toEqual(['web:   at 4999.']);
});

test('none at all are wanted: only what comes', async () => {
  const log = logOf({ web: ['x0', 'x1'] }, { web: ['x2'] });

  expect(await found(log, { filter: { patterns: [/x/] }, count: 0 })).toEqual(['web: x2']);
  expect(await found(log, { filter: { patterns: [/x/] }, count: 1, canGrow: false })).toEqual(['web: x1', 'web: x2']);
  expect(log.asked).toEqual([2_000, undefined]);
});
