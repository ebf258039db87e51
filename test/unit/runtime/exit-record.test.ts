import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseExit, readExit, unknownExit } from '../../../src/runtime/exit-record.ts';

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'berth-exit-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
}

test('a record has code, signal, the OOM mark and times to the nanosecond', () => {
  expect(parseExit('137 9 1 1700000000000000001 1700000001234567890\n')).toEqual({
    code: 137,
    signal: 9,
    oomKilled: true,
    startedAt: '2023-11-14T22:13:20.000000001Z',
    finishedAt: '2023-11-14T22:13:21.234567890Z',
  });
});

test('the text of an exit frame has no newline', () => {
  expect(parseExit('0 0 0 1 2')).toMatchObject({ code: 0, signal: 0, oomKilled: false });
});

test.each(['', '0 0 0 1', '0 0 2 1 2', '-1 0 0 1 2', '0 0 0 1 2 3', 'null 0 0 1 2'])('"%s" is no record', (text) => {
  expect(parseExit(text)).toBeUndefined();
});

test('the record of a state folder is read', async () => {
  const dir = folder();
  writeFileSync(join(dir, 'exit'), '3 0 0 1 2\n');

  expect(await readExit(dir)).toMatchObject({ code: 3 });
});

test('a folder without one has none', async () => {
  expect(await readExit(folder())).toBeUndefined();
});

test('of a container whose monitor was killed the code is unknown', () => {
  const exit = unknownExit('2026-01-02T03:04:05.000Z');

  expect(exit).toMatchObject({ code: null, signal: 0, oomKilled: false, startedAt: '2026-01-02T03:04:05.000Z' });
});
