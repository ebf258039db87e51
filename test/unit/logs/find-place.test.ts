/** Finding a place in a large log: what is counted is how much of it is read. */
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseLogLine, splitRecords } from '../../../src/logs/log-line.ts';
import { countTail, type ReadLogOptions, readLog } from '../../../src/logs/read-log.ts';

const PER_FILE = 200_000;
const START_MS = Date.parse('2026-01-01T00:00:00Z');
const MIB = 1024 * 1024;

let folder: string;
let path: string;

/** Three files of a record a millisecond each. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'berth-place-'));
  path = join(folder, 'log');
  for (const [index, name] of [`${path}.2`, `${path}.1`, path].entries()) {
    const lines = Array.from({ length: PER_FILE }, (_, i) => recordAt(index * PER_FILE + i));
    writeFileSync(name, lines.join(''));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function recordAt(n: number): string {
  const time = new Date(START_MS + n).toISOString().slice(0, -1);
  return `${time}000000Z stdout F line ${n} of a log with a text of a usual length, so that it is large\n`;
}

async function read(options: ReadLogOptions) {
  let bytes = 0;
  const numbers: number[] = [];
  for await (const piece of readLog(path, { ...options, onRead: (n) => (bytes += n) })) {
    for (const record of splitRecords(piece)) {
      numbers.push(Number(parseLogLine(record)?.text.toString().split(' ')[1]));
    }
  }
  return { numbers, bytes };
}

test('the last lines are found from the end', async () => {
  const { numbers, bytes } = await read({ tail: 100 });

  expect([numbers.length, numbers[0], numbers.at(-1)]).toEqual([100, 599_900, 599_999]);
  expect(bytes).toBeLessThan(MIB);
});

test('the tail goes on in rotated files', async () => {
  const { numbers } = await read({ tail: PER_FILE + 10 });

  expect([numbers.length, numbers[0], numbers.at(-1)]).toEqual([PER_FILE + 10, 399_990, 599_999]);
});

test('a time is found by halving, in whichever file it lies', async () => {
  for (const n of [0, 1, 123_456, 199_999, 200_000, 345_678, 599_990]) {
    const window = { sinceMs: START_MS + n, untilMs: START_MS + n + 9 };
    const { numbers, bytes } = await read({ window });

    expect(numbers).toEqual(Array.from({ length: 10 }, (_, i) => n + i));
    expect(bytes).toBeLessThan(2 * MIB);
  }
  expect(statSync(path).size).toBeGreaterThan(15 * MIB);
});

test('times before and after all there is', async () => {
  expect((await read({ window: { untilMs: START_MS - 1 } })).numbers).toEqual([]);
  const after = await read({ window: { sinceMs: START_MS + 600_000 } });
  expect(after.numbers).toEqual([]);
  expect(after.bytes).toBeLessThan(MIB);
  expect((await read({ window: { sinceMs: START_MS - 1 }, tail: 1 })).numbers).toEqual([599_999]);
});

test('the tail is counted inside of the window', async () => {
  const window = { sinceMs: START_MS + 300_000, untilMs: START_MS + 400_004 };

  expect((await read({ window, tail: 3 })).numbers).toEqual([400_002, 400_003, 400_004]);
  expect(await countTail(path, 1_000_000, window)).toBe(100_005);
  expect((await read({ window: { sinceMs: START_MS + 599_998 }, tail: 5 })).numbers).toEqual([599_998, 599_999]);
});

test('2 GiB of log are not read for the last lines of it', async () => {
  const huge = join(folder, 'huge', 'log');
  mkdirSync(join(folder, 'huge'));
  const file = openSync(huge, 'w');
  writeSync(file, recordAt(0));
  /* Nothing but a hole between the first lines and the last. */
  ftruncateSync(file, 2048 * MIB);
  const end = `\n${Array.from({ length: 200 }, (_, i) => recordAt(i + 1)).join('')}`;
  writeSync(file, end, 2048 * MIB);
  closeSync(file);
  let bytes = 0;
  const numbers: number[] = [];

  for await (const piece of readLog(huge, { tail: 100, onRead: (n) => (bytes += n) })) {
    for (const record of splitRecords(piece)) numbers.push(Number(parseLogLine(record)?.text.toString().split(' ')[1]));
  }

  expect([numbers.length, numbers[0], numbers.at(-1)]).toEqual([100, 101, 200]);
  expect(bytes).toBeLessThan(MIB);
});
