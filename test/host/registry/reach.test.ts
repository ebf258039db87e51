/** How a registry is reached: through proxies, with private authorities and client certificates, by its mirrors. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { fetchManifest } from '../../../src/registry/fetch-manifest.ts';
import { listTags, searchCatalog, searchHub } from '../../../src/registry/list-tags.ts';
import { ownPlatform } from '../../../src/registry/platform.ts';
import { openRegistry } from '../../../src/registry/registry.ts';
import { type Authority, authority, type Pair, tlsDoor } from './certificates.ts';
import { type FakeProxy, fakeProxy } from './fake-proxy.ts';
import { type FakeRegistry, fakeRegistry, type Trick } from './fake-registry.ts';

let folder: string;
let ca: Authority;
let server: Pair;
let client: Pair;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'berth-reach-'));
  ca = authority(folder);
  server = ca.issue('server', ['registry.test', 'index.docker.io', '127.0.0.1', '192.0.2.7']);
  client = ca.issue('client');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let home: string;
let registry: FakeRegistry;
let open: { close(): Promise<void> }[];
beforeEach(async () => {
  home = mkdtempSync(join(folder, 'home-'));
  registry = await fakeRegistry();
  open = [registry];
});
afterEach(async () => {
  for (const one of open.reverse()) await one.close();
});
const opened = async <T extends { close(): Promise<void> }>(making: Promise<T>): Promise<T> => {
  const made = await making;
  open.push(made);
  return made;
};

const patience = { attempts: 2, backoffMs: 1, slowMs: 500, slowBytes: 1, maxWaitMs: 2000 };
const write = (path: string, text: string) => {
  mkdirSync(join(home, path, '..'), { recursive: true });
  writeFileSync(join(home, path), text);
};
/** What registries.json and certs.d of this person say. */
const settings = (registries: object = {}) =>
  write('.config/berth/registries.json', JSON.stringify({ registries, certs: [join(home, 'certs.d')] }));
const trusted = (host: string) => write(`certs.d/${host}/ca.crt`, ca.cert);
const login = (auths: Record<string, string>) => {
  const encoded = Object.entries(auths).map(([host, pair]) => [host, { auth: Buffer.from(pair).toString('base64') }]);
  write('.docker/config.json', JSON.stringify({ auths: Object.fromEntries(encoded) }));
};
const options = (env: Record<string, string> = {}) => ({ env: { HOME: home, ...env }, patience, idleMs: 5000 });
const fetchIt = async (domain: string, env: Record<string, string> = {}) => {
  const opening = await openRegistry(domain, options(env));
  try {
    const place = { repository: 'app', reference: '1' };
    let error: unknown;
    for (const source of opening.sources) {
      try {
        return (await fetchManifest(source, place, { platform: ownPlatform() })).digest;
      } catch (one) {
        error = one;
      }
    }
    throw error;
  } finally {
    opening.close();
  }
};
const refusal = async (work: Promise<unknown>) =>
  (await work.then(
    () => undefined,
    (error: unknown) => error,
  )) as Error;
const proxyUrl = (proxy: FakeProxy, user = '') => `http://${user}${proxy.host}`;
const asText = (error: Error | undefined) =>
  `${error?.message} ${JSON.stringify(error)} ${String(error?.cause)} ${error?.stack}`;

test('a plain registry is asked through HTTP_PROXY by its whole URL, with the password of the proxy for the proxy alone', async () => {
  const { digest } = registry.image('1', ['one']);
  settings({ 'registry.test:5000': { mirrors: ['http://registry.test:5000'] } });
  const proxy = await opened(
    fakeProxy({ 'registry.test:5000': Number(registry.host.split(':')[1]) }, { userPass: 'me:p@ss' }),
  );
  registry.trick(/./, (request) => {
    expect(request.headers['proxy-authorization']).toBeUndefined();
    return false;
  });

  expect(await fetchIt('registry.test:5000', { http_proxy: proxyUrl(proxy, 'me:p%40ss@') })).toBe(digest);

  expect(proxy.seen.map(({ method, target }) => `${method} ${target}`)).toContain(
    'GET http://registry.test:5000/v2/app/manifests/1',
  );
});

test('a registry of TLS is reached through HTTPS_PROXY by CONNECT, and its certificate is checked', async () => {
  const { digest } = registry.image('1', ['one']);
  const door = await opened(tlsDoor(registry.host, server));
  const routes = { 'registry.test:443': door.port, '192.0.2.7:5000': door.port, 'other.test:443': door.port };
  const proxy = await opened(fakeProxy(routes, { userPass: 'me:canary' }));
  const env = { HTTPS_PROXY: proxyUrl(proxy, 'me:canary@') };
  settings();
  const stranger = await refusal(fetchIt('registry.test', env));
  for (const host of ['registry.test', '192.0.2.7:5000', 'other.test']) trusted(host);

  expect(await fetchIt('registry.test', env)).toBe(digest);
  expect(await fetchIt('192.0.2.7:5000', env)).toBe(digest);

  expect(stranger).toMatchObject({
    code: 'REGISTRY_UNREACHABLE',
    hint: expect.stringContaining('certs.d/registry.test/ca.crt'),
  });
  expect(await refusal(fetchIt('other.test', env))).toMatchObject({
    message: expect.stringContaining("does not match certificate's altnames"),
  });
  expect(proxy.seen.every(({ method }) => method === 'CONNECT')).toBe(true);
  /* One tunnel for all that is asked of a registry. */
  expect(proxy.seen.filter(({ target }) => target === '192.0.2.7:5000')).toHaveLength(1);
});

test.each(['http', 'https'])(
  'a proxy that refuses, or that says nothing, is named for %s without its password',
  async (scheme) => {
    const proxy = await opened(fakeProxy({}, { userPass: 'me:other' }));
    const silent = await opened(fakeProxy({}, { isSilent: true }));
    settings({ 'registry.test': { mirrors: [`${scheme}://registry.test`], insecure: true } });
    const env = (one: FakeProxy) => ({
      HTTPS_PROXY: proxyUrl(one, 'me:canary@'),
      HTTP_PROXY: proxyUrl(one, 'me:canary@'),
    });

    const refused = await refusal(fetchIt('registry.test', env(proxy)));
    const unheard = await refusal(openRegistry('registry.test', { ...options(env(silent)), idleMs: 50 }));
    const gone = await refusal(
      fetchIt('registry.test', {
        ...env(proxy),
        HTTPS_PROXY: 'http://me:canary@127.0.0.1:1',
        HTTP_PROXY: 'http://me:canary@127.0.0.1:1',
      }),
    );

    expect(refused).toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
      message: expect.stringContaining(`${proxy.host} answered with 407`),
    });
    expect(unheard).toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
    expect(gone).toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
    for (const error of [refused, unheard, gone]) expect(asText(error)).not.toMatch(/canary|bWU6Y2FuYXJ5/);
  },
);

test('who waits for a silent proxy can be interrupted', async () => {
  const silent = await opened(fakeProxy({}, { isSilent: true }));
  const opening = openRegistry('registry.test', {
    ...options({ HTTPS_PROXY: proxyUrl(silent) }),
    idleMs: 50_000,
    signal: AbortSignal.timeout(50),
  });

  expect(await refusal(opening)).toMatchObject({ code: 'ABORTED' });
});

test('NO_PROXY lets a registry be asked directly', async () => {
  const proxy = await opened(fakeProxy({}));
  /* 127.0.0.1 is never asked through a proxy, so a name that leads nowhere tells which way was taken. */
  const env = { HTTPS_PROXY: proxyUrl(proxy), NO_PROXY: '.invalid' };

  expect(await refusal(fetchIt('registry.invalid', env))).toMatchObject({
    message: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/),
  });

  expect(proxy.seen).toEqual([]);
});

test('a client certificate of certs.d opens what is closed to others, by host and port', async () => {
  const { digest } = registry.image('1', ['one']);
  const door = await opened(tlsDoor(registry.host, server, ca.cert));
  const host = `127.0.0.1:${door.port}`;
  settings({ [host]: { insecure: false } });
  trusted(host);
  trusted('127.0.0.1');
  const closed = await refusal(fetchIt(host));
  write(`certs.d/${host}/client.cert`, client.cert);
  const keyless = await refusal(fetchIt(host));
  write(`certs.d/${host}/client.key`, client.key);

  expect(await fetchIt(host)).toBe(digest);

  expect(closed).toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
  expect(keyless).toMatchObject({ code: 'REGISTRY_CONFIG_INVALID', message: expect.stringContaining('client.key') });
  expect([...new Set(door.clients)]).toEqual(['client']);
});

test.each([
  ['ca.crt', { 'ca.crt': 'no PEM' }],
  ['client.cert', { 'client.cert': 'no PEM', 'client.key': 'canary' }],
  ['client.key', { 'client.cert': () => client.cert, 'client.key': 'canary' }],
  ['client.key', { 'client.cert': () => client.cert, 'client.key': () => server.key }],
])('a %s that is none is an error that names the file', async (name, files) => {
  settings();
  for (const [file, text] of Object.entries(files))
    write(`certs.d/127.0.0.1:1/${file}`, typeof text === 'string' ? text : text());

  const error = await refusal(fetchIt('127.0.0.1:1'));

  expect(error).toMatchObject({
    code: 'REGISTRY_CONFIG_INVALID',
    message: expect.stringContaining(`1/${name}: it is no`),
  });
  expect(asText(error)).not.toMatch(/canary/);
});

const deny: Trick = (_request, response) => {
  response.writeHead(404).end();
  return true;
};
const demand =
  (userPass: string): Trick =>
  (request, response) => {
    if (request.headers.authorization === `Basic ${Buffer.from(userPass).toString('base64')}`) return false;
    response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    return true;
  };

test('mirrors are asked in their order, each with its own credentials alone, and the registry when they have it not', async () => {
  const [first, second] = [await opened(fakeRegistry()), await opened(fakeRegistry())];
  const { digest } = registry.image('1', ['one']);
  first.trick(/manifests/, deny);
  second.trick(/manifests/, demand('second:two'));
  registry.trick(/manifests/, demand('main:three'));
  settings({ [registry.host]: { mirrors: [`http://${first.host}`, `http://${second.host}/hub`] } });
  login({ [registry.host]: 'main:three', [second.host]: 'second:two' });

  expect(await fetchIt(registry.host)).toBe(digest);

  const headers = (one: FakeRegistry) =>
    one.seen
      .filter(({ path }) => path.includes('manifests'))
      .map(({ path, authorization }) => `${path} ${authorization ?? '-'}`);
  const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;
  expect(headers(first)).toEqual(['/v2/app/manifests/1 -']);
  expect(headers(second)).toEqual(['/hub/v2/app/manifests/1 -', `/hub/v2/app/manifests/1 ${basic('second:two')}`]);
  expect(headers(registry)).toEqual(['/v2/app/manifests/1 -', `/v2/app/manifests/1 ${basic('main:three')}`]);
});

test('a mirror answers for a registry that is silent, but nothing that is meant for the registry goes to it', async () => {
  const mirror = await opened(fakeRegistry());
  const { digest } = mirror.image('1', ['one']);
  settings({ '127.0.0.1:1': { mirrors: [`http://${mirror.host}`] } });

  expect(await fetchIt('127.0.0.1:1')).toBe(digest);

  expect(await refusal(listTags('127.0.0.1:1', 'app', options()))).toMatchObject({
    code: 'REGISTRY_UNREACHABLE',
    message: expect.stringContaining('127.0.0.1:1'),
  });
  expect(mirror.seen.some(({ path }) => path.includes('tags'))).toBe(false);
});

test('insecure means any certificate, then plain HTTP; without it neither', async () => {
  const { digest } = registry.image('1', ['one']);
  const door = await opened(tlsDoor(registry.host, server));
  const secure = `127.0.0.1:${door.port}`;
  settings({ [secure]: { insecure: true } });
  const lax = await fetchIt(secure);
  settings({ [secure]: { insecure: false }, [registry.host]: { insecure: false } });

  const strict = await refusal(fetchIt(secure));
  const plain = await refusal(fetchIt(registry.host));

  expect(lax).toBe(digest);
  expect([strict, plain]).toMatchObject([
    { code: 'REGISTRY_UNREACHABLE' },
    { code: 'REGISTRY_UNREACHABLE', hint: expect.stringContaining('insecure') },
  ]);
});

/* Docker Hub is found by the name that everybody knows: a proxy leads it here. */
const hub = async (answers: Trick) => {
  registry.trick(/^\/v1\/search/, answers);
  const door = await opened(tlsDoor(registry.host, server));
  const proxy = await opened(fakeProxy({ 'index.docker.io:443': door.port }));
  settings();
  trusted('index.docker.io');
  return options({ HTTPS_PROXY: proxyUrl(proxy) });
};

test("Docker Hub's answer to a search is read, and the word is asked for as it is", async () => {
  const results = [
    {
      name: 'redis',
      description: 'a store\n\u001b[31mof keys',
      star_count: 13000,
      is_official: true,
      is_automated: false,
      pull_count: 1,
    },
    { name: 'me/redis', description: null, star_count: 0, is_official: false },
    { description: 'no name' },
    null,
  ];
  const asUser = await hub((_request, response) => {
    response.end(JSON.stringify({ num_pages: 1, num_results: 4, page: 1, page_size: 25, query: 'redis', results }));
    return true;
  });

  const found = await searchHub('redis & co', 25, asUser);

  expect(found).toEqual([
    { name: 'redis', description: 'a store [31mof keys', stars: 13000, official: true },
    { name: 'me/redis', description: '', stars: 0, official: false },
  ]);
  expect(registry.seen.at(-1)?.path).toBe('/v1/search?q=redis+%26+co&n=25');
});

test.each(['<html>', '[]', '{}', '{"results":{}}'])(
  'an answer of Docker Hub that is %s is an error, or nothing',
  async (text) => {
    const asUser = await hub((_request, response) => void response.end(text) === undefined);

    const found = await searchHub('redis', 25, asUser).catch((error: unknown) => error);

    if (text === '<html>' || text === '[]') expect(found).toMatchObject({ code: 'REGISTRY_FAILED' });
    else expect(found).toEqual([]);
  },
);

test('a catalog of several pages is read to its end by Link, and links that lead elsewhere are not followed', async () => {
  const other = await opened(fakeRegistry());
  const pages: Record<string, [string[], string?]> = {
    '?n=1000': [['a/one', 'b'], '</v2/_catalog?last=b&n=1000>; rel="next"'],
    '?last=b&n=1000': [['c/one'], `<http://${registry.host}/v2/_catalog?last=c>; rel=next`],
    '?last=c': [['d/one'], `<http://${other.host}/v2/_catalog?last=d>; rel="next"`],
  };
  registry.trick(/_catalog/, (request, response) => {
    const [repositories, link] = pages[request.url!.slice('/v2/_catalog'.length)]!;
    response.writeHead(200, link === undefined ? {} : { link }).end(JSON.stringify({ repositories }));
    return true;
  });

  const found = await searchCatalog(registry.host, 'one', options());

  expect(found.map(({ name }) => name)).toEqual(['a/one', 'c/one', 'd/one'].map((name) => `${registry.host}/${name}`));
  expect(other.seen).toEqual([]);
});

test('a list that leads to itself comes to an end', async () => {
  registry.trick(/_catalog|tags/, (request, response) => {
    response.writeHead(200, { link: `<${request.url}>; rel="next"` }).end('{"repositories":["a"],"tags":["1"]}');
    return true;
  });

  expect(await refusal(searchCatalog(registry.host, 'a', options()))).toMatchObject({
    code: 'REGISTRY_FAILED',
    message: expect.stringContaining('without an end'),
  });
  expect(registry.seen.length).toBeLessThan(10);
});
