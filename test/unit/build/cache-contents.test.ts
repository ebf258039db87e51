import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CacheContents, contentsOf, readContents } from '../../../src/build/cache/cache-contents.ts';
import { openLocalCache } from '../../../src/build/cache/open-local-cache.ts';
import { writeLocalCache } from '../../../src/build/cache/write-local-cache.ts';
import type { CacheRecord } from '../../../src/build/solve/build-cache.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'berth-cache-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const key = (digit: string) => digit.repeat(64);
const diffId = (digit: string) => `sha256:${key(digit)}`;

test('min has the layers of the result, max those of every step, a layer once', () => {
  const used = new Map<string, CacheRecord>([
    [key('c'), layer('a')],
    [key('b'), layer('e')],
    [key('d'), layer('a')],
    [key('1'), { kind: 'layer', layer: null, title: 'WORKDIR /', createdAt: '' }],
    [key('2'), { kind: 'digest', digest: key('9'), matches: 2 }],
  ]);

  const max = contentsOf(used, { mode: 'max' });
  const min = contentsOf(used, { mode: 'min', result: new Set([diffId('a')]) });

  expect(max.layers.map((one) => one.diffId)).toEqual([diffId('e'), diffId('a')]);
  expect(max.records.map((one) => one.key[0])).toEqual(['1', '2', 'b', 'c', 'd']);
  expect(min.layers.map((one) => one.diffId)).toEqual([diffId('a')]);
  expect(min.records.map((one) => one.key[0])).toEqual(['1', '2', 'c', 'd']);
  expect(readContents(JSON.stringify(max), 'x')).toEqual(max);
});

test('what is no cache is refused', () => {
  const good = { layers: [{ diffId: diffId('a'), size: 1 }], records: [{ key: key('1'), title: 't', layer: 0 }] };
  const bad: unknown[] = [
    'x',
    null,
    {},
    { ...good, layers: [{ diffId: '../../x', size: 1 }] },
    { ...good, layers: [{ diffId: diffId('a'), size: -1 }] },
    { ...good, records: [{ key: '../x', title: 't', layer: 0 }] },
    { ...good, records: [{ key: key('1'), title: 't', layer: 1 }] },
    { ...good, records: [{ key: key('1'), layer: 0 }] },
    { ...good, records: [null] },
  ];

  for (const value of bad) expect(() => readContents(JSON.stringify(value), 'it')).toThrow('it is no cache of berth');
});

test('a folder keeps one cache a tag, and nothing that no tag needs', async () => {
  const tars = join(folder, 'tars');
  const path = join(folder, 'cache');
  const write = (tag: string, digit: string) => {
    writeFileSync(tars, `tar ${digit}`);
    return writeLocalCache({ path, tag, contents: contents(digit), tarOf: () => tars });
  };
  await write('one', 'a');
  await write('two', 'b');
  await write('one', 'c');

  const one = await openLocalCache({ path, tag: 'one' });
  const two = await openLocalCache({ path, tag: 'two' });

  expect([one, two].map((cache) => cache.contents)).toEqual([contents('c'), contents('b')]);
  expect(await textOf(await two.readLayer(diffId('b')))).toBe('tar b');
  expect(await one.readLayer(diffId('a'))).toBeUndefined();
  /* Two manifests, two configs, two layers. */
  expect(readdirSync(join(path, 'blobs/sha256'))).toHaveLength(6);
  await expect(openLocalCache({ path, tag: 'none' })).rejects.toThrow('it has no tag none');
});

test('a folder with other files is left alone, a damaged cache is none', async () => {
  writeFileSync(join(folder, 'mine'), 'mine');
  const cache = { tag: 'latest', contents: contents('a'), tarOf: () => join(folder, 'mine') };
  const path = join(folder, 'cache');
  await writeLocalCache({ ...cache, path });
  for (const name of readdirSync(join(path, 'blobs/sha256'))) writeFileSync(join(path, 'blobs/sha256', name), 'other');

  await expect(writeLocalCache({ ...cache, path: folder })).rejects.toThrow('it has other files in it');
  await expect(openLocalCache({ path, tag: 'latest' })).rejects.toThrow('is damaged or missing');
  await expect(openLocalCache({ path: join(folder, 'none'), tag: 'latest' })).rejects.toThrow('there is none yet');
  expect(readFileSync(join(folder, 'mine'), 'utf8')).toBe('mine');
});

function layer(digit: string): CacheRecord {
  const descriptor = { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: diffId(digit), size: 5 };
  return { kind: 'layer', layer: { diffId: diffId(digit), descriptor }, title: 'RUN x', createdAt: '' };
}

function contents(digit: string): CacheContents {
  return {
    layers: [{ diffId: diffId(digit), size: 5 }],
    records: [{ key: key(digit), title: 'RUN x', layer: 0 }],
  };
}

async function textOf(stream: AsyncIterable<Buffer> | undefined): Promise<string> {
  let text = '';
  if (stream) for await (const chunk of stream) text += chunk.toString();
  return text;
}
