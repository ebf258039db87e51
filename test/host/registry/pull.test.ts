/** Pulls of images that are as they should be, from registries that are not always. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PullProgress } from '../../../src/image/pull.ts';
import { type ImageWorld, imageWorld } from '../image/image-world.ts';
import { type FakeRegistry, fakeRegistry, INDEX } from './fake-registry.ts';
import { zstdCompressSync } from './zstd.ts';

let world: ImageWorld;
let registry: FakeRegistry;

beforeEach(async () => {
  [world, registry] = await Promise.all([imageWorld(), fakeRegistry()]);
});
afterEach(async () => {
  await registry.close();
  world.close();
});

const patience = { attempts: 3, backoffMs: 1, slowMs: 200, slowBytes: 16 };
const env = () => ({ HOME: world.dataDir });
const pull = (name: string, options: object = {}) =>
  world.images.pull(`${registry.host}/${name}`, { env: env(), patience, ...options });
const blobAsks = (digest: string) => registry.seen.filter(({ path }) => path.endsWith(digest));
const lowers = async (name: string) => (await world.images.resolve(`${registry.host}/${name}`))!.lowers;
const drop =
  (text: string, after: number): Parameters<FakeRegistry['trick']>[1] =>
  (_request, response, count) => {
    if (count > 1) return false;
    response.writeHead(200, { 'content-length': text.length });
    response.write(text.slice(0, after), () => response.destroy());
    return true;
  };

test('an image comes with its config, its layers and the digest that its registry means', async () => {
  const { digest } = registry.image('1', ['one', 'two']);

  const pulled = await pull('team/app:1');

  expect(pulled).toMatchObject({ name: `${registry.host}/team/app:1`, digest, isNew: true });
  const resolved = await world.images.resolve(`${registry.host}/team/app:1`);
  expect(resolved).toMatchObject({ id: pulled.id, config: { cmd: ['/bin/one'] } });
  expect(
    resolved!.lowers.map((folder, index) => readFileSync(join(folder, 'bin', ['two', 'one'][index]!), 'utf8')),
  ).toEqual(['two', 'one']);
  expect(world.content().incoming).toEqual([]);
  expect((await pull('team/app:1')).isNew).toBe(false);
});

test('skopeo reads the store where it lies', async () => {
  const { digest } = registry.image('1', ['one', 'two']);
  await pull('team/app:1');

  const raw = execFileSync('skopeo', [
    'inspect',
    '--raw',
    `oci:${join(world.dataDir, 'images')}:${registry.host}/team/app:1`,
  ]);

  expect((await import('node:crypto')).createHash('sha256').update(raw).digest('hex')).toBe(digest.slice(7));
});

test('of an index, the manifest of this machine or of the platform that was asked for is taken', async () => {
  const entries = ['amd64', 'arm64'].map((architecture) => {
    const digest = registry.image(`only-${architecture}`, [architecture], { architecture }).digest;
    return {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest,
      size: 1,
      platform: { os: 'linux', architecture },
    };
  });
  const index = registry.manifest('multi', { schemaVersion: 2, mediaType: INDEX, manifests: entries }, INDEX);
  const own = process.arch === 'x64' ? 'amd64' : 'arm64';

  expect(await pull('app:multi')).toMatchObject({ digest: index });
  expect((await world.images.inspect(`${registry.host}/app:multi`)).architecture).toBe(own);
  await pull('app:multi', { platform: 'linux/arm64/v8' });
  expect((await world.images.inspect(`${registry.host}/app:multi`)).architecture).toBe('arm64');
  await expect(pull('app:multi', { platform: 's390x' })).rejects.toMatchObject({
    code: 'IMAGE_PLATFORM_MISSING',
    hint: 'it is made for linux/amd64, linux/arm64',
  });
});

test('an image of another processor alone is refused, unless it is asked for', async () => {
  const other = process.arch === 'x64' ? 'arm64' : 'amd64';
  registry.image('1', ['one'], { architecture: other });

  await expect(pull('app:1')).rejects.toMatchObject({
    code: 'IMAGE_PLATFORM_MISSING',
    hint: `--platform linux/${other} pulls it all the same`,
  });
  expect(await pull('app:1', { platform: other })).toMatchObject({ isNew: true });
});

test('layers in zstd and layers that are not compressed come out the same', async () => {
  registry.image('zstd', ['one'], { compress: zstdCompressSync, padding: 300_000 });
  registry.image('plain', ['two'], { compress: (bytes) => bytes });

  await pull('app:zstd');
  await pull('app:plain');

  expect(readFileSync(join((await lowers('app:zstd'))[0]!, 'bin/one'), 'utf8')).toBe('one');
  expect(readFileSync(join((await lowers('app:plain'))[0]!, 'bin/two'), 'utf8')).toBe('two');
});

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9])('a connection that is reset at %i0 %% goes on from there', async (tenth) => {
  const { layers } = registry.image('1', ['one'], { padding: 200_000 });
  const { digest, bytes } = layers[0]!;
  const cut = Math.floor((bytes.length * tenth) / 10);
  registry.trick(new RegExp(digest), (_request, response, count) => {
    if (count > 1) return false;
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, cut), () => setImmediate(() => response.destroy()));
    return true;
  });

  await pull('app:1');

  const ranges = blobAsks(digest).map(({ range }) => range);
  expect(ranges).toHaveLength(2);
  expect(Number(/^bytes=(\d+)-$/.exec(ranges[1] ?? 'bytes=0-')?.[1])).toBeLessThanOrEqual(cut);
});

test('a registry that does not know Range begins again, and what is there already is passed over', async () => {
  const { layers } = registry.image('1', ['one'], { padding: 200_000 });
  const { digest, bytes } = layers[0]!;
  registry.trick(new RegExp(digest), (_request, response, count) => {
    response.writeHead(200, { 'content-length': bytes.length });
    if (count === 1) response.write(bytes.subarray(0, 120_000), () => setImmediate(() => response.destroy()));
    else response.end(bytes);
    return true;
  });

  await pull('app:1');

  expect(readFileSync(join((await lowers('app:1'))[0]!, 'bin/one'), 'utf8')).toBe('one');
});

test('what has come before the engine died is not fetched again', async () => {
  const { layers } = registry.image('1', ['one'], { padding: 500_000 });
  const { digest, bytes } = layers[0]!;
  let broken = true;
  registry.trick(new RegExp(digest), (_request, response) => {
    if (!broken) return false;
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, 300_000), () => setImmediate(() => response.destroy()));
    return true;
  });
  await expect(pull('app:1', { patience: { ...patience, attempts: 1 } })).rejects.toMatchObject({
    code: 'REGISTRY_UNREACHABLE',
  });
  expect(await world.images.resolve(`${registry.host}/app:1`)).toBeUndefined();
  broken = false;

  const again = await world.reopen();
  await again.pull(`${registry.host}/app:1`, { env: env(), patience });

  expect(blobAsks(digest).at(-1)?.range).toMatch(/^bytes=[1-9]\d{4,}-$/);
  expect(await again.resolve(`${registry.host}/app:1`)).toBeDefined();
});

test('a part that a power cut has filled with zeros is thrown away, and the pull succeeds', async () => {
  const { layers } = registry.image('1', ['one'], { padding: 300_000 });
  const hex = layers[0]!.digest.slice(7);
  mkdirSync(join(world.dataDir, 'images/incoming'), { recursive: true });
  writeFileSync(join(world.dataDir, `images/incoming/${hex}.part`), Buffer.alloc(100_000));

  await pull('app:1');

  expect(readFileSync(join((await lowers('app:1'))[0]!, 'bin/one'), 'utf8')).toBe('one');
  expect(world.content().incoming).toEqual([]);
});

test('two pulls at once fetch a layer once, and both see its bytes', async () => {
  const { layers } = registry.image('1', ['one'], { padding: 300_000 });
  registry.manifest('2', JSON.parse('{}'));
  const seen: PullProgress[][] = [[], []];

  await Promise.all(
    ['app:1', 'other:1'].map((name, i) => pull(name, { onProgress: (p: PullProgress) => seen[i]!.push(p) })),
  );

  expect(blobAsks(layers[0]!.digest)).toHaveLength(1);
  for (const one of seen)
    expect(one.at(-1)).toMatchObject({ state: 'done', bytes: layers[0]!.size, total: layers[0]!.size });
});

test('one of two pulls that is interrupted leaves the other alone', async () => {
  const { layers } = registry.image('1', ['one'], { padding: 300_000 });
  const { digest, bytes } = layers[0]!;
  /* Both want the layer before its first byte: one that comes later would begin anew. */
  let wanting = 0;
  let both = () => {};
  const wanted = new Promise<void>((resolve) => {
    both = resolve;
  });
  let finish = () => {};
  registry.trick(new RegExp(digest), async (_request, response) => {
    await wanted;
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, 1000));
    finish = () => response.end(bytes.subarray(1000));
    return true;
  });
  const stop = new AbortController();
  let begun = () => {};
  const beginning = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const want = ({ state }: PullProgress) => state === 'waiting' && ++wanting === 2 && both();
  const slow = { ...patience, slowMs: 20_000 };
  const one = pull('app:1', {
    signal: stop.signal,
    patience: slow,
    onProgress: (p: PullProgress) => (p.bytes > 0 ? begun() : want(p)),
  });
  const two = pull('other:1', { patience: slow, onProgress: want });
  await beginning;

  stop.abort();

  await expect(one).rejects.toMatchObject({ code: 'ABORTED' });
  finish();
  expect(await two).toMatchObject({ isNew: true });
  /* The connection of the one that left was not taken from the other. */
  expect(blobAsks(digest)).toHaveLength(1);
});

test('a pull that is interrupted leaves nothing but the part to go on from', async () => {
  const { layers } = registry.image('1', ['one'], { padding: 300_000 });
  const { digest, bytes } = layers[0]!;
  registry.trick(new RegExp(digest), (_request, response) => {
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, 100_000));
    return true;
  });
  const stop = new AbortController();
  const pulling = pull('app:1', {
    signal: stop.signal,
    patience: { ...patience, slowMs: 20_000 },
    onProgress: (p: PullProgress) => p.bytes > 0 && stop.abort(),
  });

  await expect(pulling).rejects.toMatchObject({ code: 'ABORTED' });

  expect(world.content()).toMatchObject({ blobs: [], layers: [], incoming: [`${digest.slice(7)}.part`] });
});

test.each([
  ['429 with Retry-After', 429, { 'retry-after': '0' }],
  ['500', 500, {}],
  ['502', 502, {}],
  ['503 with a date', 503, { 'retry-after': new Date(0).toUTCString() }],
])('%s passes', async (_name, status, headers) => {
  const { layers } = registry.image('1', ['one']);
  const trick: Parameters<FakeRegistry['trick']>[1] = (_request, response, count) => {
    if (count > 2) return false;
    response.writeHead(status, headers);
    response.end('no');
    return true;
  };
  registry.trick(/manifests\/1$/, trick);
  registry.trick(new RegExp(layers[0]!.digest), trick);

  expect(await pull('app:1')).toMatchObject({ isNew: true });
});

test('a mirror is asked first; what it lacks comes from the registry', async () => {
  const mirror = await fakeRegistry();
  registry.image('1', ['one', 'two']);
  const { layers } = mirror.image('1', ['one', 'two']);
  mirror.trick(new RegExp(layers[1]!.digest), (_request, response) => {
    response.writeHead(404);
    response.end();
    return true;
  });
  const file = join(world.dataDir, 'registries.json');
  writeFileSync(file, JSON.stringify({ registries: { [registry.host]: { mirrors: [`http://${mirror.host}`] } } }));

  await pull('app:1', { env: { ...env(), BERTH_REGISTRIES: file } });

  expect(registry.seen.filter(({ path }) => path !== '/v2/').map(({ path }) => path)).toEqual([
    `/v2/app/blobs/${layers[1]!.digest}`,
  ]);
  await mirror.close();
});

test('a store that is swept between two pulls loses nothing that was begun', async () => {
  const { layers } = registry.image('1', ['one', 'two']);
  /* The first layer is there before the second one breaks: a layer that fails ends the others. */
  let done = () => {};
  const first = new Promise<void>((resolve) => {
    done = resolve;
  });
  const cut = drop('x'.repeat(50), 10);
  registry.trick(new RegExp(layers[1]!.digest), async (request, response, count) => {
    await first;
    return await cut(request, response, count);
  });
  registry.image('2', ['three']);
  const onProgress = ({ layer, state }: PullProgress) => layer === layers[0]!.digest && state === 'done' && done();
  const hasty = { ...patience, attempts: 1, slowMs: 20_000 };
  await expect(pull('app:1', { patience: hasty, onProgress })).rejects.toThrow();
  await pull('app:2');

  await world.images.remove(`${registry.host}/app:2`, new Set());

  await pull('app:1');
  expect(blobAsks(layers[0]!.digest)).toHaveLength(1);
});
