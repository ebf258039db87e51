import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeState } from '../../../src/base/atomic-file.ts';
import { openRecordStore } from '../../../src/engine/record-store.ts';
import type { StackRecord } from '../../../src/engine/records.ts';
import { containerRecord, service, stackOf } from '../../builders.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'berth-records-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a record written comes back when the store is opened again, until it is deleted', async () => {
  const record: StackRecord = { stack: stackOf(service('web')), positions: {}, volumes: [] };
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

const { attachments: _, ...withoutAttachments } = containerRecord();
const { mounts: __, ...withoutMounts } = service('web');

test.each([
  ['of a later version', 2, containerRecord(), 'it has schema 2, and this version knows 1'],
  ['without a list', 1, withoutAttachments, 'it has no attachments'],
  ['with an old service', 1, { ...containerRecord(), definition: withoutMounts }, 'it has no definition.mounts'],
  ['with an old address', 1, { ...containerRecord(), attachments: [{}] }, 'it has no attachments[0].sysctls'],
])('a record %s is refused by name, and left as it is', async (_name, schema, record, why) => {
  const path = join(folder, 'containers/c1/record.json');
  await writeState(path, schema, record);
  const before = await readFile(path, 'utf8');

  const opened = openRecordStore(folder, () => {});

  await expect(opened).rejects.toMatchObject({
    code: 'STATE_VERSION',
    message: `${path} was written by another version of berth: ${why}`,
  });
  expect(await readFile(path, 'utf8')).toBe(before);
});
