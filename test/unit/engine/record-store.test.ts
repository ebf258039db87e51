import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRecordStore } from '../../../src/engine/record-store.ts';
import type { StackRecord } from '../../../src/engine/records.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'berth-records-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a record written comes back when the store is opened again, until it is deleted', async () => {
  const record = { positions: {} } as StackRecord;
  const first = await openRecordStore(folder, () => {});
  await first.stacks.put('shop', record);

  const second = await openRecordStore(folder, () => {});
  expect(second.stacks.get('shop')).toEqual(record);
  await second.stacks.delete('shop');

  expect((await openRecordStore(folder, () => {})).stacks.all()).toEqual([]);
});

/* An engine killed between the file's creation and its rename left it for ever. */
test('a record half written by a killed engine is no record, and is removed', async () => {
  await mkdir(join(folder, 'stacks'));
  await writeFile(join(folder, 'stacks/shop.json.1ee23c6f.tmp'), '{"schema":');
  const told: string[] = [];

  const store = await openRecordStore(folder, (line) => told.push(line));

  expect([store.stacks.all(), told, await readdir(join(folder, 'stacks'))]).toEqual([[], [], []]);
});
