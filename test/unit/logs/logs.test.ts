import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { closeLogFiles, type LogFile } from '../../../src/logs/log-files.ts';
import { mergeLogs } from '../../../src/logs/merge-logs.ts';
import { newerFiles } from '../../../src/logs/newer-files.ts';
import { readLog } from '../../../src/logs/read-log.ts';
import { inWindow } from '../../../src/logs/time-window.ts';
import { all, record, texts } from './log-text.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'berth-logs-'));
  path = join(folder, 'log');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('rotated files are read first, a record that is being written not at all', async () => {
  writeFileSync(`${path}.2`, record(1, 'a'));
  writeFileSync(`${path}.1`, record(2, 'b'));
  writeFileSync(path, record(3, 'c') + record(4, 'half').slice(0, 20));

  expect(await all(readLog(path))).toEqual(['a', 'b', 'c']);
});

test('the tail counts lines over files, a line of several records once', async () => {
  writeFileSync(`${path}.1`, record(1, 'a') + record(2, 'b'));
  writeFileSync(path, record(3, 'long ', 'P') + record(4, 'line') + record(5, 'd'));

  expect(await all(readLog(path, { tail: 1 }))).toEqual(['d']);
  expect(await all(readLog(path, { tail: 2 }))).toEqual(['long ', 'line', 'd']);
  expect(await all(readLog(path, { tail: 3 }))).toEqual(['b', 'long ', 'line', 'd']);
  expect(await all(readLog(path, { tail: 0 }))).toEqual([]);
  expect(await all(readLog(path, { tail: 99 }))).toEqual(['a', 'b', 'long ', 'line', 'd']);
});

test('the tail of a log that is larger than a block', async () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => record(i, `line ${i}`));
  writeFileSync(path, lines.join(''));

  const tail = await all(readLog(path, { tail: 9_000 }));

  expect([tail.length, tail[0], tail.at(-1)]).toEqual([9_000, 'line 11000', 'line 19999']);
});

test('a follower goes on over rotations, also past the last kept file', async () => {
  writeFileSync(path, record(1, 'a'));
  let over = false;
  let wake: () => void = () => {};
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
    if (pauses === 1) {
      appendFileSync(path, record(2, 'b'));
      renameSync(path, `${path}.1`);
      writeFileSync(path, record(3, 'c'));
    }
    if (seen.at(-1) === 'c') {
      rmSync(`${path}.1`);
      renameSync(path, `${path}.1`);
      writeFileSync(path, record(4, 'd'));
      over = true;
    }
    wake();
  }

  expect(seen).toEqual(['a', 'b', 'c', 'd']);
});

test('what rotation takes away is held for a slow reader, and only so much of it', async () => {
  const files: LogFile[] = [];
  const newer = newerFiles(path, files, {});
  const rotateTo = async (n: number) => {
    renameSync(path, `${path}.1`);
    writeFileSync(path, record(n, `${n}`));
    await newer.look();
  };
  writeFileSync(path, record(1, 'a'));
  await newer.look();
  const first = files[0]!;

  for (let n = 2; n <= 16; n++) await rotateTo(n);
  const held = files.length;
  for (let n = 17; n <= 20; n++) await rotateTo(n);
  const last = files.at(-1)!;
  const passed = files.splice(0, files.length - 1);
  await newer.look();
  await newer.close();
  await closeLogFiles(passed);

  expect([held, passed.length + 1]).toEqual([16, 16]);
  expect([newer.isGapAfter(first), newer.isGapAfter(last)]).toEqual([false, true]);
});

test('several logs come in the order of time', async () => {
  const of = async function* (source: string, ...pieces: string[]) {
    for (const piece of pieces) yield { source, lines: Buffer.from(piece) };
  };
  const merged: string[] = [];
  for await (const { source, lines } of mergeLogs([
    of('x', record(1, 'a') + record(4, 'd'), record(6, 'f')),
    of('y', record(2, 'b') + record(3, 'c') + record(5, 'e')),
  ])) {
    merged.push(...texts(lines).map((text) => `${source}:${text}`));
  }

  expect(merged).toEqual(['x:a', 'y:b', 'y:c', 'x:d', 'y:e', 'x:f']);
});

test('a window of time keeps what lies in it', () => {
  const at = Date.parse('2026-01-01T00:00:00.002Z');
  const lines = Buffer.from(record(1_000_000, 'a') + record(2_000_000, 'b') + record(3_000_000, 'c'));

  expect(texts(inWindow(lines, { sinceMs: at }))).toEqual(['b', 'c']);
  expect(texts(inWindow(lines, { untilMs: at }))).toEqual(['a', 'b']);
});
