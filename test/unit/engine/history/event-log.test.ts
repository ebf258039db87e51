import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HistoryEvent } from '../../../../src/engine/history/event.ts';
import { type EventLog, openEventLog } from '../../../../src/engine/history/event-log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'berth-events-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = () => openEventLog(folder, () => {});
const fact = (why: string) => ({ type: 'container', action: 'start', why, stack: 'shop' }) as const;

async function all(log: EventLog): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  for await (const event of log.read()) events.push(event);
  return events;
}

test('events survive the engine, and their ids go on counting', async () => {
  const first = await open();
  first.add(fact('one'));
  const cause = first.add(fact('two'));
  first.close();

  const second = await open();
  second.add({ ...fact('three'), cause });

  const events = await all(second);
  second.close();
  expect(events.map(({ id, why, cause }) => ({ id, why, cause }))).toEqual([
    { id: 1, why: 'one', cause: null },
    { id: 2, why: 'two', cause: null },
    { id: 3, why: 'three', cause: 2 },
  ]);
});

test('a half line, NUL bytes and foreign JSON are passed over; nothing after them is lost', async () => {
  const first = await open();
  first.add(fact('one'));
  first.add(fact('two'));
  first.close();
  const path = join(folder, 'events', 'events.log');
  truncateSync(path, statSync(path).size - 20);
  appendFileSync(path, '\n\0\0\0\n[1]\nnull');

  const second = await open();
  second.add(fact('three'));

  const events = await all(second);
  second.close();
  expect(events.map((e) => [e.id, e.why])).toEqual([
    [1, 'one'],
    [2, 'three'],
  ]);
});

test('the log is bounded: two files of 4 MiB, the newest events kept', async () => {
  const log = await open();
  const long = 'x'.repeat(10_000);

  for (let i = 0; i < 6_000; i++) log.add(fact(`${i} ${long}`));

  const events = await all(log);
  log.close();
  const files = readdirSync(join(folder, 'events'));
  expect(files.sort()).toEqual(['events.1.log', 'events.log']);
  for (const name of files) expect(statSync(join(folder, 'events', name)).size).toBeLessThan(4.1 * 1024 * 1024);
  expect(events.at(-1)?.id).toBe(6_000);
  expect(events.map((e) => e.id)).toEqual(Array.from({ length: events.length }, (_, i) => 6_001 - events.length + i));
});
