/** Images that are made here, layer by layer, and the leases that keep layers meanwhile. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { OciImage } from '../../../src/image/image-config.ts';
import { tar } from '../untar/tar-archive.ts';
import { type ImageWorld, imageWorld, inPieces, rootfs } from './image-world.ts';

const IMAGE: Omit<OciImage, 'rootfs'> = { architecture: 'amd64', os: 'linux', config: { Cmd: ['/bin/sh'] } };
const NONE: ReadonlySet<string> = new Set();

let world: ImageWorld;

beforeEach(async () => {
  world = await imageWorld();
});
afterEach(() => world.close());

const layer = (content: Buffer) => world.images.addLayer(inPieces(content), { lease: 'build-1' });
const upper = () => tar({ path: 'etc/' }, { path: 'etc/.wh.old' }, { path: 'etc/new', content: 'new' });

test('an image of two layers is mounted topmost first, and has what it was made of', async () => {
  const layers = [await layer(rootfs('base')), await layer(upper())];

  const made = await world.images.makeImage({ image: IMAGE, layers, names: ['made:1', 'made:2'] });

  const resolved = await world.images.resolve('made:2');
  expect(resolved).toMatchObject({ id: made.id, config: { cmd: ['/bin/sh'] } });
  expect(resolved?.lowers).toEqual(world.images.lowersOf(layers));
  expect(readFileSync(join(resolved!.lowers[0]!, 'etc/new'), 'utf8')).toBe('new');
  expect(await world.images.parts('made:1')).toMatchObject({ id: made.id, layers });
});

test('the same layers and config give the same image', async () => {
  const layers = [await layer(rootfs('base'))];

  const first = await world.images.makeImage({ image: IMAGE, layers, names: ['a'] });
  const second = await world.images.makeImage({ image: IMAGE, layers: [await layer(rootfs('base'))], names: ['b'] });

  expect(second).toEqual(first);
});

test('a layer without an image stays for as long as its lease, over a new start of the engine', async () => {
  await layer(rootfs('kept'));
  const again = await world.reopen();

  expect(world.content()).toMatchObject({ blobs: { length: 1 }, layers: { length: 1 } });

  await again.leases.release('build-1');
  await again.importRootfs(inPieces(rootfs('other')), 'other');
  await again.remove('other', NONE);
  expect(world.content()).toEqual({ blobs: [], layers: [], incoming: [] });
});

test('a name that can not be given makes nothing', async () => {
  const layers = [await layer(rootfs('base'))];
  const before = world.content();

  expect(() => world.images.makeImage({ image: IMAGE, layers, names: ['host'] })).toThrow(/reserved/);

  expect(world.content()).toEqual(before);
});
