/** Content of the store that a disk has lost under its name: the next pull brings it back, and nothing is made of it before. */
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ImageWorld, imageWorld } from '../image/image-world.ts';
import { type FakeRegistry, fakeRegistry, type Made, sha } from './fake-registry.ts';

let world: ImageWorld;
let registry: FakeRegistry;
let made: Made;
beforeEach(async () => {
  [world, registry] = await Promise.all([imageWorld(), fakeRegistry()]);
  made = registry.image('1', ['one', 'two'], { padding: 100_000 });
  await pull();
});
afterEach(async () => {
  await registry.close();
  world.close();
});

const name = () => `${registry.host}/app:1`;
const pull = () => world.images.pull(name(), { env: { HOME: world.dataDir } });
const blobPath = (digest: string) => join(world.dataDir, 'images/blobs/sha256', digest.slice(7));
const flip = (path: string) => {
  const bytes = readFileSync(path);
  bytes[50_000]! ^= 0xff;
  writeFileSync(path, bytes);
};
const loseFolders = () => {
  for (const hex of world.content().layers) rmSync(join(world.dataDir, 'layers', hex), { recursive: true });
};

const LOSSES: Readonly<Record<string, () => void>> = {
  'a blob of 0 bytes': () => truncateSync(blobPath(made.layers[0]!.digest), 0),
  'half a blob': () => truncateSync(blobPath(made.layers[0]!.digest), 1000),
  'a blob of 0 bytes whose folder is gone': () => {
    truncateSync(blobPath(made.layers[0]!.digest), 0);
    loseFolders();
  },
  'a blob with another byte whose folder is gone': () => {
    flip(blobPath(made.layers[0]!.digest));
    loseFolders();
  },
  'a manifest of 0 bytes': () => truncateSync(blobPath(made.digest), 0),
  'a config of zeros': () => {
    const { config } = JSON.parse(readFileSync(blobPath(made.digest), 'utf8')) as { config: { digest: string } };
    writeFileSync(blobPath(config.digest), Buffer.alloc(300));
  },
};

test.each(Object.entries(LOSSES))('%s is fetched again', async (_what, lose) => {
  lose();
  const again = await world.reopen();
  const asked = registry.seen.length;

  await again.pull(name(), { env: { HOME: world.dataDir } });

  const damaged = world
    .content()
    .blobs.filter((hex) => sha(readFileSync(blobPath(`sha256:${hex}`))) !== `sha256:${hex}`);
  expect(damaged).toEqual([]);
  expect(world.content()).toMatchObject({ incoming: [], layers: expect.arrayContaining([expect.any(String)]) });
  const { lowers } = (await again.resolve(name()))!;
  expect(readFileSync(join(lowers[1]!, 'bin/one'), 'utf8')).toBe('one');
  /* What is not damaged is not. */
  expect(registry.seen.slice(asked).filter(({ path }) => path.endsWith(made.layers[1]!.digest))).toEqual([]);
});

test('an image whose layer can not be unpacked again counts as missing, so that `up` fetches it', async () => {
  expect(await world.images.stored(name(), undefined)).toBeDefined();
  LOSSES['a blob of 0 bytes whose folder is gone']!();

  expect(await world.images.stored(name(), undefined)).toBeUndefined();
  await expect(world.images.resolve(name())).rejects.toMatchObject({
    code: 'STATE_CORRUPT',
    hint: 'pull or import the image again',
  });
});
