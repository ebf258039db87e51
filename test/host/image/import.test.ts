/** Archives become images, or leave nothing behind. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { END, tar } from '../untar/tar-archive.ts';
import { type ImageWorld, imageWorld, inPieces, rootfs } from './image-world.ts';

let world: ImageWorld;

beforeEach(async () => {
  world = await imageWorld();
});
afterEach(() => world.close());

const hexOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const EMPTY = { blobs: [], layers: [], incoming: [] };

test.each([
  ['plain', (bytes: Buffer) => bytes, 'application/vnd.oci.image.layer.v1.tar'],
  ['gzip', (bytes: Buffer) => gzipSync(bytes), 'application/vnd.oci.image.layer.v1.tar+gzip'],
  [
    'gzip in two members',
    (b: Buffer) => Buffer.concat([gzipSync(b.subarray(0, 700)), gzipSync(b.subarray(700))]),
    'application/vnd.oci.image.layer.v1.tar+gzip',
  ],
])('a %s archive is stored as it came and unpacked under the digest of its tar', async (_name, pack, mediaType) => {
  const archive = pack(rootfs('one'));

  const image = await world.images.importRootfs(inPieces(archive), 'base:1');
  const resolved = await world.images.resolve('base:1');
  const inspected = await world.images.inspect('docker.io/library/base:1');

  const folder = join(world.dataDir, 'layers', hexOf(rootfs('one')));
  expect(resolved).toMatchObject({ id: image.id, reference: 'docker.io/library/base:1', lowers: [folder], binds: [] });
  expect(readFileSync(join(folder, 'bin/sh'), 'utf8')).toBe('one');
  expect(inspected.layers).toEqual([
    { digest: `sha256:${hexOf(archive)}`, diffId: `sha256:${hexOf(rootfs('one'))}`, sizeBytes: archive.length },
  ]);
  expect(readFileSync(join(world.dataDir, 'images/blobs/sha256', hexOf(archive)))).toEqual(archive);
  expect(manifestOf('docker.io/library/base:1').layers[0]?.mediaType).toBe(mediaType);
  expect(world.content()).toMatchObject({ layers: [hexOf(rootfs('one'))], incoming: [] });
});

type ManifestText = { readonly layers: { readonly mediaType: string }[] };

function manifestOf(name: string): ManifestText {
  const index = JSON.parse(readFileSync(join(world.dataDir, 'images/index.json'), 'utf8')) as {
    manifests: { digest: string; annotations: Record<string, string> }[];
  };
  const found = index.manifests.find(({ annotations }) => annotations['org.opencontainers.image.ref.name'] === name);
  return JSON.parse(
    readFileSync(join(world.dataDir, 'images/blobs/sha256', found!.digest.slice(7)), 'utf8'),
  ) as ManifestText;
}

test('every blob is what its name says', async () => {
  await world.images.importRootfs(inPieces(gzipSync(rootfs('one'))), 'base');

  const folder = join(world.dataDir, 'images/blobs/sha256');
  expect(world.content().blobs.map((hex) => hexOf(readFileSync(join(folder, hex))))).toEqual(world.content().blobs);
});

test('progress counts the bytes that came, and given settings are those of the image', async () => {
  const archive = rootfs('one');
  const seen: number[] = [];

  await world.images.importRootfs(inPieces(archive), 'base', {
    onProgress: (bytes) => seen.push(bytes),
    config: { cmd: ['/bin/run'], env: ['A=1'], user: 'app', workingDir: '/srv' },
  });

  expect(seen.at(-1)).toBe(archive.length);
  expect((await world.images.resolve('base'))?.config).toMatchObject({
    cmd: ['/bin/run'],
    env: ['A=1'],
    user: 'app',
    workingDir: '/srv',
  });
});

test('a layer that two images have in common is unpacked once', async () => {
  await world.images.importRootfs(inPieces(rootfs('one')), 'a');
  const { ino } = statSync((await world.images.resolve('a'))!.lowers[0]!);

  await world.images.importRootfs(inPieces(gzipSync(rootfs('one'))), 'b');

  expect(statSync((await world.images.resolve('b'))!.lowers[0]!).ino).toBe(ino);
  expect(world.content().layers).toHaveLength(1);
});

test('the root of a layer is open to all although the archive and the umask say nothing of it', async () => {
  const umask = process.umask(0o077);
  await world.images
    .importRootfs(inPieces(tar({ path: 'bin/sh', content: 'x' })), 'base')
    .finally(() => process.umask(umask));

  expect(statSync((await world.images.resolve('base'))!.lowers[0]!).mode & 0o7777).toBe(0o755);
});

const gz = gzipSync(rootfs('one'));
const REFUSED: readonly (readonly [name: string, archive: Buffer, why: RegExp])[] = [
  ['an empty archive', Buffer.alloc(0), /it is empty/],
  ['text', Buffer.from('hello '.repeat(200)), /no tar archive/],
  ['a tar that is cut', rootfs('one').subarray(0, 1536), /cut short/],
  ['a gzip that is cut', gz.subarray(0, gz.length - 20), /unexpected end of file/],
  [
    'a gzip with a wrong checksum',
    Buffer.concat([gz.subarray(0, gz.length - 8), Buffer.alloc(4, 7), gz.subarray(gz.length - 4)]),
    /incorrect data check/,
  ],
  ['an entry that leads outside', tar({ path: '../out' }), /\.\.\/out: the name leads outside/],
  [
    'a saved image',
    tar({ path: 'manifest.json', content: '[]' }, { path: 'repositories' }),
    /a saved image, not a root/,
  ],
  ['an OCI archive', tar({ path: 'oci-layout', content: '{}' }, { path: 'blobs/' }), /a saved image, not a root/],
];

test.each(REFUSED)('%s is refused and leaves nothing', async (_name, archive, why) => {
  const importing = world.images.importRootfs(inPieces(archive), 'base');

  await expect(importing).rejects.toMatchObject({
    code: 'IMAGE_ARCHIVE_INVALID',
    message: expect.stringMatching(why),
    hint: expect.any(String),
  });
  expect(world.content()).toEqual(EMPTY);
  expect(await world.images.resolve('base')).toBeUndefined();
});

test('an archive that claims more than the disk has is refused at once', async () => {
  const huge = tar({ path: 'bin/' }, { path: 'huge', raw: [[124, Buffer.from('800000000000ffffffffffff', 'hex')]] });

  await expect(world.images.importRootfs(inPieces(huge), 'base')).rejects.toMatchObject({
    code: 'DISK_FULL',
    message: expect.stringMatching(
      /^the disk of the image store is full: the archive holds huge: more than \d+ bytes$/,
    ),
    hint: expect.stringContaining('frees some'),
  });
  expect(world.content()).toEqual(EMPTY);
});

test('folders nested deeper than any path may be long are removed again', async () => {
  const step = 'd/'.repeat(1000);
  const nested = tar(
    { path: step },
    ...Array.from({ length: 5 }, (_, i) => [
      { path: `l${i}`, type: 'symlink', link: i === 0 ? step : `l${i - 1}/${step}` } as const,
      { path: `l${i}/${step.slice(0, 80)}` },
    ]).flat(),
    { path: '../refused' },
  );

  await expect(world.images.importRootfs(inPieces(nested), 'base')).rejects.toMatchObject({
    code: 'IMAGE_ARCHIVE_INVALID',
  });
  expect(world.content()).toEqual(EMPTY);
});

test('an archive that ends with an error leaves nothing', async () => {
  const broken = Readable.from(
    (function* () {
      yield rootfs('one').subarray(0, 600);
      throw new Error('the connection was reset');
    })(),
  );

  await expect(world.images.importRootfs(broken, 'base')).rejects.toMatchObject({ code: 'IMAGE_ARCHIVE_INVALID' });
  expect(world.content()).toEqual(EMPTY);
});

test('an import that is interrupted while it receives leaves nothing', async () => {
  const stopping = new AbortController();
  const endless = Readable.from(
    (async function* () {
      for (;;) {
        yield Buffer.alloc(1 << 16);
        await new Promise((resolve) => setImmediate(resolve));
      }
    })(),
  );

  const importing = world.images.importRootfs(endless, 'base', {
    signal: stopping.signal,
    onProgress: (bytes) => bytes > 1 << 20 && stopping.abort(),
  });

  await expect(importing).rejects.toMatchObject({ code: 'ABORTED' });
  expect(world.content()).toEqual(EMPTY);
});

test('an import that is interrupted while it unpacks leaves nothing', async () => {
  const stopping = new AbortController();
  const archive = tar({ path: 'big', content: Buffer.alloc(64 << 20, 1) });

  const importing = world.images.importRootfs(inPieces(archive, 1 << 20), 'base', {
    signal: stopping.signal,
    onProgress: (bytes) => bytes === archive.length && setTimeout(() => stopping.abort(), 40),
  });

  await expect(importing).rejects.toMatchObject({ code: 'ABORTED' });
  expect(world.content()).toEqual(EMPTY);
});

test.each(['host', 'Not/Lower', `base@sha256:${'0'.repeat(64)}`, ''])('%j can not be given as a name', async (name) => {
  await expect(world.images.importRootfs(inPieces(rootfs('one')), name)).rejects.toMatchObject({
    code: 'IMAGE_REFERENCE_INVALID',
  });
  expect(world.content()).toEqual(EMPTY);
});

test('imports side by side do not disturb each other', async () => {
  const texts = ['one', 'two', 'three', 'one', 'four'];

  await Promise.all(texts.map((text, i) => world.images.importRootfs(inPieces(gzipSync(rootfs(text))), `image:${i}`)));

  const found = await Promise.all(texts.map((_, i) => world.images.resolve(`image:${i}`)));
  expect(found.map((image) => readFileSync(join(image!.lowers[0]!, 'bin/sh'), 'utf8'))).toEqual(texts);
  expect(world.content()).toMatchObject({ incoming: [] });
  expect(world.content().layers).toHaveLength(4);
});

test('an import while others are removed loses nothing', async () => {
  await world.images.importRootfs(inPieces(rootfs('old')), 'old');

  const [, image] = await Promise.all([
    world.images.remove('old', new Set()),
    world.images.importRootfs(inPieces(rootfs('new')), 'new'),
    world.images.importRootfs(inPieces(rootfs('other')), 'other').then(() => world.images.remove('other', new Set())),
  ]);

  expect(await world.images.inspect('new')).toMatchObject({ id: image.id });
  expect(world.content().layers).toEqual([hexOf(rootfs('new'))]);
});

test('padding behind the end of the tar belongs to the digest', async () => {
  const padded = Buffer.concat([rootfs('one'), END, END]);

  await world.images.importRootfs(inPieces(padded), 'base');

  expect(world.content().layers).toEqual([hexOf(padded)]);
});
