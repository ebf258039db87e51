/** A disk that is full, really: nothing half is visible, and with room again the pull goes on from where it was. */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ImageWorld, imageWorld, inPieces, rootfs } from '../image/image-world.ts';
import { tar } from '../untar/tar-archive.ts';
import { type FakeRegistry, fakeRegistry, sha } from './fake-registry.ts';

const MIB = 1 << 20;

let registry: FakeRegistry;
let world: ImageWorld;
beforeEach(async () => {
  registry = await fakeRegistry();
});
afterEach(async () => {
  await registry.close();
  world.close();
});

const pull = (name: string) =>
  world.images.pull(`${registry.host}/${name}`, { env: { HOME: world.dataDir }, patience: { attempts: 2 } });
const enlarge = (options: string) => execFileSync('mount', ['-o', `remount,${options}`, world.dataDir]);
const fill = (bytes: number) => writeFileSync(join(world.dataDir, 'ballast'), Buffer.alloc(bytes));

/** What every file and folder of the store that has a name must be. */
function violations(): string[] {
  const { blobs, layers, incoming } = world.content();
  const blob = (hex: string) => readFileSync(join(world.dataDir, 'images/blobs/sha256', hex));
  return [
    ...blobs.filter((hex) => sha(blob(hex)) !== `sha256:${hex}`).map((hex) => `blob ${hex} is damaged`),
    ...layers.filter((name) => !/^[0-9a-f]{64}$/.test(name)).map((name) => `half a layer: ${name}`),
    ...incoming.filter((name) => !/^[0-9a-f]{64}\.part$/.test(name)).map((name) => `half a blob: ${name}`),
  ];
}

test('a pull that fills the disk says so, leaves nothing half, and goes on with room', async () => {
  world = await imageWorld('size=5m');
  const { layers } = registry.image('1', ['one', 'two', 'three'], { padding: 3 * MIB });

  await expect(pull('app:1')).rejects.toMatchObject({
    code: 'DISK_FULL',
    message: expect.stringMatching(/^the disk of the image store is full/),
  });

  expect(violations()).toEqual([]);
  expect(await world.images.resolve(`${registry.host}/app:1`)).toBeUndefined();
  const partOf = (digest: string) =>
    statSync(join(world.dataDir, 'images/incoming', `${digest.slice(7)}.part`), { throwIfNoEntry: false })?.size ?? 0;
  const kept = layers.map(({ digest }) => partOf(digest));
  expect(Math.max(...kept)).toBeGreaterThan(0);
  const asked = registry.seen.length;
  enlarge('size=64m');
  expect(await pull('app:1')).toMatchObject({ isNew: true });
  for (const [index, { digest, size }] of layers.entries()) {
    const ranges = registry.seen.slice(asked).filter(({ path }) => path.endsWith(digest));
    const had = kept[index]!;
    expect(ranges.map(({ range }) => range)).toEqual(had === size ? [] : [had > 0 ? `bytes=${had}-` : undefined]);
  }
  expect(violations()).toEqual([]);
  expect(world.content().incoming).toEqual([]);
});

test('a disk without inodes is full as well', async () => {
  world = await imageWorld('size=64m,nr_inodes=60');
  const many = tar(...Array.from({ length: 100 }, (_, i) => ({ path: `file-${i}`, content: 'x' })));

  await expect(world.images.importRootfs(inPieces(many, MIB), 'many')).rejects.toMatchObject({
    code: 'DISK_FULL',
    message: expect.stringContaining('No space left on device'),
  });

  expect(world.content()).toEqual({ blobs: [], layers: [], incoming: [] });
  enlarge('nr_inodes=1000');
  await world.images.importRootfs(inPieces(many, MIB), 'many');
});

test('on a full disk names stay as they were, the store opens, and what is removed makes room', async () => {
  world = await imageWorld('size=3m');
  await world.images.importRootfs(inPieces(rootfs('one')), 'one');
  await world.images.importRootfs(inPieces(rootfs('two')), 'two');
  expect(() => fill(8 * MIB)).toThrow('ENOSPC');

  await expect(world.images.tag('one', 'x'.repeat(100))).rejects.toMatchObject({ code: 'DISK_FULL' });
  await expect(world.images.importRootfs(inPieces(rootfs('three')), 'three')).rejects.toMatchObject({
    code: 'DISK_FULL',
  });

  expect(violations()).toEqual([]);
  const again = await world.reopen();
  expect((await again.list()).flatMap(({ names }) => names)).toEqual(['host', 'one:latest', 'two:latest']);
  expect(await again.resolve('one')).toMatchObject({ config: { cmd: ['/bin/sh'] } });
});
