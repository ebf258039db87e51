/** Names, removal, damage and leftovers of the image store. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ImageWorld, imageWorld, inPieces, rootfs } from './image-world.ts';

let world: ImageWorld;

beforeEach(async () => {
  world = await imageWorld();
});
afterEach(() => world.close());

const NONE: ReadonlySet<string> = new Set();
const add = (name: string, text = name) => world.images.importRootfs(inPieces(gzipSync(rootfs(text))), name);
const blobPath = (digest: string) => join(world.dataDir, 'images/blobs/sha256', digest.replace('sha256:', ''));

test('what was imported is there after the engine has started again', async () => {
  const image = await add('base:1');

  const again = await world.reopen();

  expect(await again.inspect('base:1')).toMatchObject({ id: image.id, names: ['base:1'] });
  expect((await again.list()).map(({ names }) => names)).toEqual([['host'], ['base:1']]);
});

test('a missing image is undefined to resolve, and inspect says what was meant', async () => {
  await add('postgres:16');

  expect(await world.images.resolve('postgers:16')).toBeUndefined();
  await expect(world.images.inspect('postgers:16')).rejects.toMatchObject({
    code: 'IMAGE_NOT_FOUND',
    message: 'image postgers:16 is not on this machine',
    hint: 'did you mean postgres:16?',
  });
  await expect(world.images.remove('hots', NONE)).rejects.toMatchObject({ hint: 'did you mean host?' });
  await expect(world.images.inspect('other')).rejects.toMatchObject({ hint: '`berth image ls` lists what is there' });
});

test('the last name takes the content with it, and nothing of another image', async () => {
  await add('a');
  await add('b');
  const before = world.content();

  const removed = await world.images.remove('a', NONE);

  expect(removed).toMatchObject({ untagged: ['a:latest'] });
  expect(removed.deleted).toHaveLength(3);
  expect(world.content()).toMatchObject({ blobs: { length: 3 }, layers: { length: 1 } });
  expect(before.layers).toHaveLength(2);
  expect(await world.images.resolve('b')).toBeDefined();
});

test('a layer that another image has as well stays', async () => {
  await add('a', 'same');
  await add('b', 'same');

  await world.images.remove('a', NONE);

  expect(readFileSync(join((await world.images.resolve('b'))!.lowers[0]!, 'bin/sh'), 'utf8')).toBe('same');
});

test('an image of a container is not removed', async () => {
  const { id } = await add('a');

  await expect(world.images.remove('a', new Set([id]))).rejects.toMatchObject({
    code: 'IMAGE_IN_USE',
    hint: expect.any(String),
  });
  expect(await world.images.resolve('a')).toBeDefined();
});

test('the host image can not be removed', async () => {
  await expect(world.images.remove('host', NONE)).rejects.toMatchObject({ code: 'IMAGE_REFERENCE_INVALID' });
});

test('a name can be given again: the new image is found, the old content goes with the next removal', async () => {
  const first = await add('a', 'first');
  const second = await add('a', 'second');
  await add('b');

  await world.images.remove('b', NONE);

  expect(first.id).not.toBe(second.id);
  expect((await world.images.resolve('a'))?.id).toBe(second.id);
  expect(world.content()).toMatchObject({ blobs: { length: 3 }, layers: { length: 1 } });
});

test('a layer under a mounted overlay stays, although no name leads to it', async () => {
  await add('a', 'first');
  const lower = (await world.images.resolve('a'))!.lowers[0]!;
  const dirs = ['upper', 'work', 'merged'].map((name) => join(world.dataDir, name));
  for (const dir of dirs) mkdirSync(dir);
  execFileSync('mount', [
    '-t',
    'overlay',
    'overlay',
    '-o',
    `lowerdir=${lower},upperdir=${dirs[0]},workdir=${dirs[1]}`,
    dirs[2]!,
  ]);
  try {
    await add('a', 'second');
    await add('b');
    await world.images.remove('b', NONE);
    expect(existsSync(join(lower, 'bin/sh'))).toBe(true);
  } finally {
    execFileSync('umount', [dirs[2]!]);
  }

  await world.reopen();

  expect(existsSync(lower)).toBe(false);
});

test('a layer that somebody removed is unpacked again when it is needed', async () => {
  await add('a');
  const lower = (await world.images.resolve('a'))!.lowers[0]!;
  rmSync(lower, { recursive: true });

  const image = await world.images.resolve('a');

  expect(readFileSync(join(image!.lowers[0]!, 'bin/sh'), 'utf8')).toBe('a');
});

test('a missing layer whose archive is another one by now is refused', async () => {
  await add('a');
  const { layers } = await world.images.inspect('a');
  rmSync((await world.images.resolve('a'))!.lowers[0]!, { recursive: true });
  writeFileSync(blobPath(layers[0]!.digest), gzipSync(rootfs('forged')));

  await expect(world.images.resolve('a')).rejects.toMatchObject({
    code: 'STATE_CORRUPT',
    hint: 'pull or import the image again',
  });
  expect(world.content().layers).toEqual([]);
});

const DAMAGE: Readonly<Record<string, (path: string) => void>> = {
  'cut to nothing': (path) => writeFileSync(path, ''),
  'cut in half': (path) => writeFileSync(path, readFileSync(path).subarray(0, 60)),
  'filled with zeros': (path) => writeFileSync(path, Buffer.alloc(200)),
  missing: (path) => rmSync(path),
  forged: (path) => writeFileSync(path, readFileSync(path, 'utf8').replace('linux', 'minix').replace('2', '3')),
};

test.each(Object.entries(DAMAGE))(
  'a config that is %s is an error by name; the image is listed and can be removed',
  async (_name, damage) => {
    const { id } = await add('a');
    await add('b');
    damage(blobPath(id));

    await expect(world.images.resolve('a')).rejects.toMatchObject({ code: 'STATE_CORRUPT', hint: expect.any(String) });
    expect((await world.images.list()).map(({ names }) => names)).toEqual([['host'], ['a:latest'], ['b:latest']]);
    expect(await world.images.remove('a', NONE)).toMatchObject({ untagged: ['a:latest'] });
    expect(await world.images.resolve('b')).toBeDefined();
    expect(world.content()).toMatchObject({ blobs: { length: 3 }, layers: { length: 1 } });
  },
);

test('while an image is damaged nothing of it is swept away', async () => {
  const { id } = await add('a');
  await add('b');
  const { blobs } = world.content();
  writeFileSync(blobPath(id), '');

  await world.reopen();

  expect(world.content().blobs).toEqual(blobs);
});

test.each(['', '{"manif', '\0\0\0\0', '[]', '{"manifests":"none"}'])(
  'an index that reads %j is set aside, and nothing is removed meanwhile',
  async (text) => {
    await add('a');
    const { blobs } = world.content();
    const index = join(world.dataDir, 'images/index.json');
    const whole = readFileSync(index);
    writeFileSync(index, text);

    const again = await world.reopen();
    await expect(again.inspect('a')).rejects.toMatchObject({
      code: 'IMAGE_NOT_FOUND',
      hint: expect.stringContaining('index.json.corrupt'),
    });
    expect(readFileSync(`${index}.corrupt`, 'utf8')).toBe(text);
    expect(world.content().blobs).toEqual(blobs);

    writeFileSync(index, whole);
    rmSync(`${index}.corrupt`);
    expect(await (await world.reopen()).resolve('a')).toBeDefined();
  },
);

test('an index that names a digest outside of the store is not believed', async () => {
  const manifests = [
    {
      mediaType: 'x',
      digest: 'sha256:../../../../etc/passwd',
      size: 1,
      annotations: { 'org.opencontainers.image.ref.name': 'docker.io/library/a:latest' },
    },
  ];
  writeFileSync(join(world.dataDir, 'images/index.json'), JSON.stringify({ schemaVersion: 2, manifests }));

  expect(await (await world.reopen()).resolve('a')).toBeUndefined();
});

test('what a crash left half done is removed at the start', async () => {
  await add('a');
  const before = world.content();
  writeFileSync(join(world.dataDir, 'images/incoming/0123'), 'half');
  writeFileSync(join(world.dataDir, 'images/index.json.0123abcd.tmp'), 'half');
  writeFileSync(blobPath('e'.repeat(64)), 'a blob without an image');
  writeFileSync(join(world.dataDir, 'images/blobs/sha256/f.0123abcd.tmp'), 'half');
  mkdirSync(join(world.dataDir, 'layers/.part-1-1/bin'), { recursive: true });
  mkdirSync(join(world.dataDir, 'layers', 'd'.repeat(64)));

  await world.reopen();

  expect(world.content()).toEqual(before);
  expect(existsSync(join(world.dataDir, 'images/index.json.0123abcd.tmp'))).toBe(false);
});
