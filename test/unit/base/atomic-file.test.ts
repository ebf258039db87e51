import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readState, removeUnfinished, writeAtomic, writeState } from '../../../src/base/atomic-file.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'berth-state-'));
});

afterEach(() => rm(folder, { recursive: true }));

test('a state file comes back as it was, in a folder that is made', async () => {
  const path = join(folder, 'deep', 'a.json');

  await writeState(path, 1, { name: 'web', list: [1, '}'] });

  expect(await readState(path, 1)).toEqual({ name: 'web', list: [1, '}'] });
  expect(await readdir(join(folder, 'deep'))).toEqual(['a.json']);
});

test('no file is no value', async () => {
  expect(await readState(join(folder, 'none.json'), 1)).toBeUndefined();
});

test.each([
  ['empty', ''],
  ['cut', (text: string) => text.slice(0, text.length / 2)],
  ['one byte flipped', (text: string) => text.replace('web', 'wec')],
  ['zeros', (text: string) => '\0'.repeat(text.length)],
  ['another schema', (text: string) => text.replace('"schema":1', '"schema":9')],
])('a damaged file (%s) is set aside and named', async (_name, damage) => {
  const path = join(folder, 'a.json');
  await writeState(path, 1, { name: 'web' });
  const text = await readFile(path, 'utf8');
  await writeFile(path, typeof damage === 'string' ? damage : damage(text));

  await expect(readState(path, 1)).rejects.toMatchObject({ code: 'STATE_CORRUPT' });
  expect(await readdir(folder)).toEqual(['a.json.corrupt']);
});

test('a failed write leaves the old content and no leftovers', async () => {
  const path = join(folder, 'a');
  await writeAtomic(path, 'old');

  await expect(writeAtomic(join(path, 'b'), 'new')).rejects.toThrow();

  expect(await readFile(path, 'utf8')).toBe('old');
  expect(await readdir(folder)).toEqual(['a']);
});

test('what a write left that was killed is removed, and nothing else', async () => {
  await writeState(join(folder, 'shop.json'), 1, {});
  for (const name of ['shop.json.1ee23c6f.tmp', 'notes.tmp']) await writeFile(join(folder, name), '{"sch');

  await removeUnfinished(folder);

  expect((await readdir(folder)).sort()).toEqual(['notes.tmp', 'shop.json']);
});
