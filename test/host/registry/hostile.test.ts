/** Registries that lie: nothing wrong is stored, no secret leaves, and the error names what is wrong. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ImageWorld, imageWorld } from '../image/image-world.ts';
import { type FakeRegistry, fakeRegistry, INDEX, MANIFEST, sha, type Trick } from './fake-registry.ts';

let world: ImageWorld;
let registry: FakeRegistry;

beforeEach(async () => {
  [world, registry] = await Promise.all([imageWorld(), fakeRegistry()]);
});
afterEach(async () => {
  await registry.close();
  world.close();
});

const patience = { attempts: 2, backoffMs: 1, slowMs: 150, slowBytes: 64, maxWaitMs: 2000 };
const pull = (name = 'app:1', options: object = {}) =>
  world.images.pull(`${registry.host}/${name}`, { env: { HOME: world.dataDir }, patience, idleMs: 1000, ...options });
const nothingStored = async () => {
  expect(await world.images.list()).toHaveLength(1);
  const { blobs, layers } = world.content();
  expect(layers).toEqual([]);
  return blobs;
};
const reply =
  (status: number, body: string | Buffer = '', headers: Record<string, string | number> = {}): Trick =>
  (_request, response) => {
    response.writeHead(status, headers);
    response.end(body);
    return true;
  };

test.each<[string, (manifest: Record<string, unknown>, config: Record<string, unknown>) => void, RegExp]>([
  ['a manifest that is an index too', (m) => Object.assign(m, { manifests: [] }), /two ways/],
  ['another media type inside', (m) => Object.assign(m, { mediaType: INDEX }), /calls itself/],
  [
    'a digest with a path in it',
    (m) => Object.assign((m.layers as object[])[0]!, { digest: 'sha256:../../etc/passwd' }),
    /digest/,
  ],
  [
    'an upper-case digest',
    (m) => Object.assign((m.layers as object[])[0]!, { digest: `sha256:${'A'.repeat(64)}` }),
    /digest/,
  ],
  ['a short digest', (m) => Object.assign((m.layers as object[])[0]!, { digest: 'sha256:abcd' }), /digest/],
  [
    'an unknown algorithm',
    (m) => Object.assign((m.layers as object[])[0]!, { digest: `md5:${'a'.repeat(64)}` }),
    /digest/,
  ],
  ['a negative size', (m) => Object.assign((m.layers as object[])[0]!, { size: -1 }), /size/],
  ['a size that is no number', (m) => Object.assign((m.layers as object[])[0]!, { size: '10' }), /size/],
  [
    'a layer kept elsewhere',
    (m) =>
      Object.assign((m.layers as object[])[0]!, {
        mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
        urls: ['http://127.0.0.1:1/'],
      }),
    /outside the registry/,
  ],
  [
    'a layer of no file system',
    (m) => Object.assign((m.layers as object[])[0]!, { mediaType: 'text/plain' }),
    /no file system/,
  ],
  ['schema version 1', (m) => Object.assign(m, { schemaVersion: 1 }), /schema 1/],
  ['no layers', (m) => void delete m.layers, /no list of layers/],
  [
    'a thousand and one layers',
    (m) => Object.assign(m, { layers: Array.from({ length: 1001 }, () => (m.layers as object[])[0]) }),
    /more than 1000/,
  ],
  ['a config of fewer layers', (_m, c) => Object.assign(c, { rootfs: { type: 'layers', diff_ids: [] } }), /0 layers/],
  ['a config without layers', (_m, c) => void delete c.rootfs, /no list of layers/],
  [
    'a diff id that is no digest',
    (_m, c) => Object.assign(c, { rootfs: { type: 'layers', diff_ids: ['../x'] } }),
    /no list of layers/,
  ],
])('%s is refused', async (_name, change, message) => {
  registry.image('1', ['one'], { change });

  await expect(pull()).rejects.toMatchObject({
    code: 'IMAGE_CONTENT_INVALID',
    message: expect.stringMatching(message),
  });

  await nothingStored();
});

test.each([
  ['a name twice', '{"schemaVersion":2,"schemaVersion":2,"layers":[]}', /twice/],
  ['no JSON', '<html><body>sign in</body></html>', /web page/],
  ['a list', '[]', /no JSON object/],
  ['too deep', `{"schemaVersion":2,"x":${'['.repeat(5000)}${']'.repeat(5000)}}`, /nested/],
])('a manifest with %s is refused', async (_name, text, message) => {
  registry.manifest('1', Buffer.from(text));

  await expect(pull()).rejects.toMatchObject({
    code: 'IMAGE_CONTENT_INVALID',
    message: expect.stringMatching(message),
  });
});

test('a manifest of other content than its digest is refused', async () => {
  const { digest } = registry.image('1', ['one']);
  registry.trick(new RegExp(digest), reply(200, '{"schemaVersion":2}', { 'content-type': MANIFEST }));

  await expect(pull(`app@${digest}`)).rejects.toMatchObject({ code: 'IMAGE_CONTENT_INVALID' });
  await expect(pull(`app:other@${`sha256:${'0'.repeat(64)}`}`)).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
});

test('a manifest without an end is cut off', async () => {
  registry.trick(/manifests/, reply(200, Buffer.alloc(5 * 1024 * 1024, 32), { 'content-type': MANIFEST }));

  await expect(pull()).rejects.toMatchObject({
    code: 'REGISTRY_FAILED',
    message: expect.stringMatching(/longer than/),
  });
});

type BlobCase = readonly [string, (bytes: Buffer) => Trick, string];
test.each<BlobCase>([
  ['other bytes of the same length', (bytes) => reply(200, Buffer.from(bytes).fill(1, 40, 60)), 'IMAGE_'],
  ['a web page', () => reply(200, '<html>', { 'content-type': 'text/html' }), 'IMAGE_CONTENT_INVALID'],
  ['nothing', () => reply(200, '', { 'content-length': 0 }), 'IMAGE_CONTENT_INVALID'],
  ['more than its size', (bytes) => reply(200, Buffer.concat([bytes, Buffer.alloc(100)])), 'IMAGE_CONTENT_INVALID'],
  [
    'more than its size, in chunks',
    (bytes) => (_q, response) => {
      response.writeHead(200, { 'transfer-encoding': 'chunked' });
      response.end(Buffer.concat([bytes, Buffer.alloc(100)]));
      return true;
    },
    'IMAGE_CONTENT_INVALID',
  ],
  [
    'an encoding on top',
    (bytes) => reply(200, gzipSync(bytes), { 'content-encoding': 'gzip' }),
    'IMAGE_CONTENT_INVALID',
  ],
  ['500 without an end', () => reply(500), 'REGISTRY_FAILED'],
  ['429 for an hour', () => reply(429, '', { 'retry-after': 3600 }), 'REGISTRY_LIMITED'],
  ['403', () => reply(403), 'REGISTRY_DENIED'],
  [
    'one byte a while',
    (bytes) => (_q, response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      let at = 0;
      const timer = setInterval(() => response.write(bytes.subarray(at, ++at)), 20);
      response.on('close', () => clearInterval(timer));
      return true;
    },
    'REGISTRY_UNREACHABLE',
  ],
  ['silence', () => () => true, 'REGISTRY_UNREACHABLE'],
  [
    'a connection that is reset each time',
    () => (_q, response) => {
      response.destroy();
      return true;
    },
    'REGISTRY_UNREACHABLE',
  ],
])(
  'a layer that comes with %s is an error by name, and nothing of it is stored',
  async (_name, trick, code) => {
    const { layers } = registry.image('1', ['one'], { padding: 20_000 });
    registry.trick(new RegExp(layers[0]!.digest), trick(layers[0]!.bytes));

    await expect(pull()).rejects.toMatchObject({ code: expect.stringContaining(code) });

    await nothingStored();
    expect(await world.images.resolve(`${registry.host}/app:1`)).toBeUndefined();
  },
  60_000,
);

test.each<[string, string]>([
  ['other bytes', 'bytes 0-10/99'],
  ['another length', 'bytes 1000-20000/999999'],
])('a range of %s is refused', async (_name, contentRange) => {
  const { layers } = registry.image('1', ['one'], { padding: 20_000 });
  const { digest, bytes } = layers[0]!;
  registry.trick(new RegExp(digest), (request, response) => {
    if (request.headers.range) response.writeHead(206, { 'content-range': contentRange });
    else response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, 1000), () => setImmediate(() => response.destroy()));
    return true;
  });

  await expect(pull()).rejects.toMatchObject({ code: 'IMAGE_CONTENT_INVALID' });
  await nothingStored();
});

test('a tar that is another one than its image says is refused, whatever its blob is', async () => {
  registry.image('1', ['one'], {
    change: (_m, config) => Object.assign(config, { rootfs: { type: 'layers', diff_ids: [sha('another')] } }),
  });

  await expect(pull()).rejects.toMatchObject({
    code: 'IMAGE_CONTENT_INVALID',
    message: expect.stringMatching(/its tar has the digest/),
  });

  await nothingStored();
});

test('a layer that is here already is not lent to an image that only claims it', async () => {
  registry.image('good', ['good']);
  await pull('app:good');
  const [kept] = world.content().layers;
  registry.image('evil', ['evil'], {
    change: (_m, config) => Object.assign(config, { rootfs: { type: 'layers', diff_ids: [`sha256:${kept}`] } }),
  });

  await expect(pull('app:evil')).rejects.toMatchObject({ code: 'IMAGE_CONTENT_INVALID' });
});

/* Who is asked with which secret. */
type Third = { readonly host: string; readonly seen: IncomingMessage[]; readonly server: Server };
async function third(port: (request: IncomingMessage) => [number, Record<string, string>, string]): Promise<Third> {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    const [status, headers, body] = port(request);
    response.writeHead(status, headers);
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, seen, server };
}
const login = () => {
  mkdirSync(join(world.dataDir, '.docker'), { recursive: true });
  const auth = Buffer.from('me:canary').toString('base64');
  writeFileSync(join(world.dataDir, '.docker/config.json'), JSON.stringify({ auths: { [registry.host]: { auth } } }));
};
const wantsBasic: Trick = (request, response) => {
  if (request.headers.authorization?.startsWith('Basic ')) return false;
  response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' });
  response.end();
  return true;
};

test('a redirect to another port does not get the password, and a challenge from there is not answered', async () => {
  login();
  const { layers } = registry.image('1', ['one']);
  const other = await third(() => [401, { 'www-authenticate': 'Basic realm="gimme"' }, '']);
  registry.trick(/./, wantsBasic);
  registry.trick(new RegExp(layers[0]!.digest), reply(307, '', { location: `http://${other.host}/blob` }));

  await expect(pull()).rejects.toMatchObject({ code: 'REGISTRY_DENIED' });

  expect(other.seen.length).toBeGreaterThan(0);
  expect(other.seen.map(({ headers }) => headers.authorization)).toEqual(other.seen.map(() => undefined));
  other.server.close();
});

test('a redirect to a store of blobs is followed', async () => {
  login();
  const { layers } = registry.image('1', ['one']);
  const store = await fakeRegistry();
  store.blob(layers[0]!.bytes);
  registry.trick(/./, wantsBasic);
  registry.trick(
    new RegExp(layers[0]!.digest),
    reply(307, '', { location: `http://${store.host}/v2/x/blobs/${layers[0]!.digest}` }),
  );

  expect(await pull()).toMatchObject({ isNew: true });
  expect(store.seen[0]?.authorization).toBeUndefined();
  await store.close();
});

test.each([
  ['a file', 'file:///etc/passwd'],
  ['the address where clouds keep secrets', 'http://169.254.169.254/latest/meta-data'],
  ['a link-local address', 'http://[fe80::1]/'],
  ['no address', 'http://0.0.0.0/'],
  ['a user in the URL', 'http://a:b@127.0.0.1:1/'],
  ['no URL', 'http://['],
])('a redirect to %s is refused', async (_name, location) => {
  const { layers } = registry.image('1', ['one']);
  registry.trick(new RegExp(layers[0]!.digest), reply(307, '', { location }));

  await expect(pull()).rejects.toMatchObject({
    code: 'REGISTRY_FAILED',
    message: expect.stringMatching(/sends on to/),
  });
});

test('redirects in a circle come to an end', async () => {
  const { layers } = registry.image('1', ['one']);
  registry.trick(new RegExp(layers[0]!.digest), reply(302, '', { location: `/v2/app/blobs/${layers[0]!.digest}` }));

  await expect(pull()).rejects.toMatchObject({ code: 'REGISTRY_FAILED', message: expect.stringMatching(/redirects/) });
});

test('a token is fetched with the password, used for all layers, and fetched again when it ends in the middle', async () => {
  login();
  registry.image('1', ['one', 'two', 'three']);
  let valid = 1;
  const tokens = await third(() => [200, {}, JSON.stringify({ token: `t${valid}` })]);
  registry.trick(/\/(manifests|blobs)\//, (request, response, count) => {
    if (request.url?.includes('/blobs/') && count === 1 && valid === 1 && request.headers.authorization === 'Bearer t1')
      valid = 2;
    if (request.headers.authorization === `Bearer t${valid}`) return false;
    response.writeHead(401, {
      'www-authenticate': `Bearer realm="http://${tokens.host}/token",service="s",scope="repository:app:pull"`,
    });
    response.end();
    return true;
  });

  await pull();

  expect(tokens.seen.map(({ headers }) => headers.authorization)).toEqual(
    tokens.seen.map(() => `Basic ${Buffer.from('me:canary').toString('base64')}`),
  );
  expect(tokens.seen.length).toBeLessThanOrEqual(3);
  expect(registry.seen.some(({ authorization }) => authorization?.startsWith('Basic'))).toBe(false);
  tokens.server.close();
});

test.each([
  ['a page instead of a token', 200, '<html>'],
  ['no token', 200, '{}'],
  ['a token with a line break', 200, '{"token":"a\\nb"}'],
])('%s is an error', async (_name, status, body) => {
  registry.image('1', ['one']);
  const tokens = await third(() => [status, {}, body]);
  registry.trick(/manifests/, reply(401, '', { 'www-authenticate': `Bearer realm="http://${tokens.host}/"` }));

  await expect(pull()).rejects.toMatchObject({
    code: 'REGISTRY_FAILED',
    message: expect.stringMatching(/without a token/),
  });
  tokens.server.close();
});

test('a credential helper that fails is named, and what it says stays secret', async () => {
  mkdirSync(join(world.dataDir, '.docker'));
  mkdirSync(join(world.dataDir, 'bin'));
  writeFileSync(
    join(world.dataDir, '.docker/config.json'),
    JSON.stringify({ credHelpers: { [registry.host]: 'mine' } }),
  );
  const helper = (script: string) =>
    writeFileSync(join(world.dataDir, 'bin/docker-credential-mine'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const env = { HOME: world.dataDir, PATH: `${join(world.dataDir, 'bin')}:/usr/bin:/bin` };
  registry.image('1', ['one']);
  registry.trick(/manifests|blobs/, wantsBasic);

  await expect(pull('app:1', { env })).rejects.toMatchObject({
    code: 'CREDENTIALS_FAILED',
    message: expect.stringContaining('docker-credential-mine'),
  });
  helper('cat > /dev/null; echo canary-half-answer');
  const error = await pull('app:1', { env }).catch((one: unknown) => one);
  expect(error).toMatchObject({ code: 'CREDENTIALS_FAILED' });
  expect(String(error)).not.toContain('canary');
  helper('read server; echo "{\\"ServerURL\\":\\"$server\\",\\"Username\\":\\"me\\",\\"Secret\\":\\"canary\\"}"');
  expect(await pull('app:1', { env })).toMatchObject({ isNew: true });
});
