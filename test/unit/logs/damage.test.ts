/** Logs that something has happened to: everything sound is read, and what is missing is said. */
import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseLogLine, splitRecords } from '../../../src/logs/log-line.ts';
import { readLog } from '../../../src/logs/read-log.ts';
import { all, record, texts } from './log-text.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'berth-damage-'));
  path = join(folder, 'log');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('zeros, half lines and what is no record are passed over, and a mark says so', async () => {
  const zeros = Buffer.alloc(10_000);
  const half = record(3, 'a line that was cut').slice(0, 30);
  const parts = [record(1, 'a'), zeros, record(2, 'b'), `${half}\n`, 'other text\n', record(4, 'c'), zeros];
  writeFileSync(path, Buffer.concat(parts.map((part) => Buffer.from(part))));

  expect(await all(readLog(path, { ended: true }))).toEqual([
    'a',
    '[berth: 10000 bytes of this log are damaged]',
    'b',
    '[berth: 42 bytes of this log are damaged]',
    'c',
    '[berth: 10000 bytes of this log are damaged]',
  ]);
});

test('bytes that are no UTF-8 go through as they are', async () => {
  const bytes = Buffer.from([0xff, 0xfe, 0x00, 0x80]);
  writeFileSync(path, Buffer.concat([Buffer.from(record(1, '').slice(0, -1)), bytes, Buffer.from('\n')]));

  const pieces: Buffer[] = [];
  for await (const piece of readLog(path)) pieces.push(parseLogLine([...splitRecords(piece)][0]!)!.text);

  expect(pieces).toEqual([bytes]);
});

test('a line of 100 MiB without an end is passed over with little memory', async () => {
  writeFileSync(path, record(1, 'before'));
  const block = Buffer.alloc(4 * 1024 * 1024, 'x');
  for (let i = 0; i < 25; i++) appendFileSync(path, block);
  appendFileSync(path, `\n${record(2, 'after')}`);
  const before = process.memoryUsage().rss;

  const read = await all(readLog(path));
  const tail = await all(readLog(path, { tail: 2 }));

  const mark = '[berth: 104857601 bytes of this log are damaged]';
  expect(read).toEqual(['before', mark, 'after']);
  expect(tail).toEqual(['before', mark, 'after']);
  expect(process.memoryUsage().rss - before).toBeLessThan(50 * 1024 * 1024);
});

test('half a record at the end of a log that is over is given out', async () => {
  writeFileSync(path, record(1, 'a') + record(2, 'half a line').slice(0, -8));

  expect(await all(readLog(path))).toEqual(['a']);
  expect(await all(readLog(path, { ended: true }))).toEqual(['a', 'half', '[berth: the log was cut off here]']);
});

test('a file that is cut while it is followed is read on', async () => {
  writeFileSync(path, record(1, 'a') + record(2, 'b'));
  let over = false;
  let wake = () => {};
  const follow = {
    signal: new AbortController().signal,
    done: () => over,
    onWake: (next: () => void) => {
      wake = next;
      return () => {};
    },
    pauses: true,
  };
  const seen: (string | undefined)[] = [];
  let pauses = 0;
  for await (const piece of readLog(path, { follow })) {
    seen.push(...texts(piece));
    if (piece.length > 0) continue;
    pauses += 1;
    if (pauses === 1) truncateSync(path, 0);
    if (pauses === 2) appendFileSync(path, record(3, 'c'));
    if (pauses === 3) over = true;
    wake();
  }

  expect(seen).toEqual(['a', 'b', '[berth: the log was cut]', 'c']);
});
