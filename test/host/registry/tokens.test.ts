/** Who somebody is towards a registry: tokens of each kind, helpers, waiting when told to; nothing secret is said aloud. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { forgetSecret, keepSecret } from '../../../src/registry/credentials.ts';
import { listTags } from '../../../src/registry/list-tags.ts';
import { checkLogin } from '../../../src/registry/registry.ts';
import { type FakeRegistry, fakeRegistry, type Trick } from './fake-registry.ts';

let home: string;
let registry: FakeRegistry;
let tokens: FakeRegistry;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'berth-tokens-'));
  [registry, tokens] = await Promise.all([fakeRegistry(), fakeRegistry()]);
});
afterEach(async () => {
  await Promise.all([registry.close(), tokens.close()]);
  rmSync(home, { recursive: true, force: true });
});

const env = () => ({ HOME: home, PATH: `${join(home, 'bin')}:/usr/bin:/bin` });
const patience = { attempts: 3, backoffMs: 1, slowMs: 500, slowBytes: 1, maxWaitMs: 5000 };
const options = () => ({ env: env(), patience, idleMs: 5000 });
const tags = () => listTags(registry.host, 'app', options());
const config = (value: object) => {
  mkdirSync(join(home, '.docker'), { recursive: true });
  writeFileSync(join(home, '.docker/config.json'), JSON.stringify(value));
};
const helper = (script: string) => {
  mkdirSync(join(home, 'bin'), { recursive: true });
  writeFileSync(join(home, 'bin/docker-credential-mine'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  config({ credHelpers: { [registry.host]: 'mine' } });
};
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;
const refusal = async (work: Promise<unknown>) =>
  (await work.then(
    () => undefined,
    (error: unknown) => error,
  )) as Error;
const asText = (error: Error) => `${error.message} ${JSON.stringify(error)} ${String(error.cause)} ${error.stack}`;

/** The registry lets in who has the token. */
const bearer =
  (token: () => string): Trick =>
  (request, response) => {
    if (request.headers.authorization === `Bearer ${token()}`) return response.end('{"tags":["1"]}') !== undefined;
    const realm = `http://${tokens.host}/token`;
    response
      .writeHead(401, { 'www-authenticate': `Bearer realm="${realm}",service="reg",scope="repository:app:pull"` })
      .end();
    return true;
  };
/** The token service; `asked` is what came in a form. */
function grants(answer: (asked: URLSearchParams) => object): string[] {
  const forms: string[] = [];
  tokens.trick(/token/, async (request, response) => {
    let form = '';
    for await (const chunk of request) form += String(chunk);
    forms.push(`${request.method} ${form}`);
    response.end(JSON.stringify(answer(new URLSearchParams(form))));
    return true;
  });
  return forms;
}

test('nobody in particular gets a token too, for this scope of this service', async () => {
  registry.trick(
    /tags/,
    bearer(() => 'anonymous'),
  );
  grants(() => ({ access_token: 'anonymous' }));

  expect(await tags()).toEqual(['1']);

  expect(tokens.seen).toMatchObject([
    { method: 'GET', path: '/token?service=reg&scope=repository%3Aapp%3Apull', authorization: undefined },
  ]);
});

test.each([
  ['config.json', () => config({ auths: { [registry.host]: { identitytoken: 'refresh-canary' } } })],
  [
    'a helper that answers <token>',
    () => helper(`cat >/dev/null; echo '{"Username":"<token>","Secret":"refresh-canary"}'`),
  ],
])('an identity token of %s is traded by POST, and goes nowhere else', async (_name, prepare) => {
  prepare();
  registry.trick(
    /tags/,
    bearer(() => 'access'),
  );
  const forms = grants((asked) => ({
    access_token: asked.get('refresh_token') === 'refresh-canary' ? 'access' : 'no',
  }));

  expect(await tags()).toEqual(['1']);

  expect(forms).toEqual([
    'POST grant_type=refresh_token&service=reg&client_id=berth&scope=repository%3Aapp%3Apull&refresh_token=refresh-canary',
  ]);
  expect(JSON.stringify([registry.seen, tokens.seen])).not.toContain('canary');
});

test('a token that ends in the middle is asked for anew once', async () => {
  let valid = 1;
  const pages = ['{"tags":["1"]}', '{"tags":["2"]}'];
  registry.trick(/tags/, (request, response, count) => {
    const isSecond = request.url!.includes('last');
    if (isSecond && count === 1) valid = 2;
    if (request.headers.authorization !== `Bearer t${valid}`) return bearer(() => 'none')(request, response, count);
    if (!isSecond) response.setHeader('link', '</v2/app/tags/list?last=1>; rel="next"');
    response.end(pages[isSecond ? 1 : 0]);
    return true;
  });
  grants(() => ({ token: `t${valid}`, expires_in: 3600 }));

  expect(await tags()).toEqual(['1', '2']);
  expect(tokens.seen).toHaveLength(2);
});

test('a new token that is refused too is the end', async () => {
  registry.trick(
    /tags/,
    bearer(() => 'another'),
  );
  grants(() => ({ token: 'stale' }));

  expect(await refusal(tags())).toMatchObject({ code: 'REGISTRY_DENIED' });

  expect(tokens.seen).toHaveLength(1);
});

test.each([
  ['seconds', () => '1'],
  ['a date', () => new Date(Date.now() + 2000).toUTCString()],
])('429 with Retry-After in %s is waited for', async (_name, after) => {
  const at: number[] = [];
  registry.trick(/tags/, (_request, response, count) => {
    at.push(Date.now());
    if (count === 1) response.writeHead(429, { 'retry-after': after() }).end();
    else response.end('{"tags":["1"]}');
    return true;
  });

  expect(await tags()).toEqual(['1']);

  /* A date has whole seconds: of two, more than one is left. */
  expect(at[1]! - at[0]!).toBeGreaterThanOrEqual(950);
});

test.each([
  ['seconds', () => '3600'],
  ['a date', () => new Date(Date.now() + 3600_000).toUTCString()],
])('429 with an hour in %s is an error that says how long', async (_name, after) => {
  registry.trick(/tags/, (_request, response) => {
    response.writeHead(429, { 'retry-after': after() }).end();
    return true;
  });

  expect(await refusal(tags())).toMatchObject({
    code: 'REGISTRY_LIMITED',
    hint: expect.stringMatching(/in (3600|359\d) s/),
  });

  expect(registry.seen.filter(({ path }) => path.includes('tags'))).toHaveLength(1);
});

test('a login with a wrong password is refused with the words of the registry, and without the password', async () => {
  registry.trick(/./, (request, response) => {
    if (request.headers.authorization === basic('me:right')) return false;
    const body = '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}';
    response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end(body);
    return true;
  });
  const login = (password: string) => checkLogin(registry.host, { kind: 'password', user: 'me', password }, options());

  const error = await refusal(login('canary'));

  expect(error).toMatchObject({
    code: 'REGISTRY_DENIED',
    message: expect.stringContaining('authentication required'),
    hint: expect.stringContaining(`berth login ${registry.host}`),
  });
  expect(asText(error)).not.toMatch(/canary|bWU6Y2FuYXJ5/);
  await login('right');
});

test('a helper that can not keep a password is an error without it, and the password goes to no file', async () => {
  helper('cat >&2; echo "no keyring for canary"; exit 1');
  const before = readFileSync(join(home, '.docker/config.json'), 'utf8');

  const error = await refusal(keepSecret(registry.host, { user: 'me', password: 'canary' }, env()));

  expect(error).toMatchObject({
    code: 'CREDENTIALS_FAILED',
    message: expect.stringContaining('docker-credential-mine store'),
  });
  expect(asText(error)).not.toMatch(/canary|bWU6Y2FuYXJ5/);
  expect(readFileSync(join(home, '.docker/config.json'), 'utf8')).toBe(before);
});

test('what a helper says when it fails is shown, unless it is its secret', async () => {
  registry.trick(
    /tags/,
    bearer(() => 'x'),
  );
  helper('cat >/dev/null; echo "the keyring is locked"; exit 1');
  const locked = await refusal(tags());
  helper('cat >/dev/null; echo \'{"Username":"me","Secret":"canary"}\'; exit 1');
  const spilt = await refusal(tags());

  expect(locked).toMatchObject({
    code: 'CREDENTIALS_FAILED',
    message: expect.stringContaining('the keyring is locked'),
  });
  expect(spilt).toMatchObject({ code: 'CREDENTIALS_FAILED', message: expect.stringContaining('it ended with 1') });
  expect(asText(spilt)).not.toContain('canary');
});

test('a helper gets the password by stdin alone, and forgets it', async () => {
  helper(`echo "$0 $*" >> ${join(home, 'calls')}; cat >> ${join(home, 'kept')}`);

  expect(await keepSecret(registry.host, { user: 'me', password: 'canary' }, env())).toBe('docker-credential-mine');
  await forgetSecret(registry.host, env());

  expect(readFileSync(join(home, 'kept'), 'utf8')).toBe(
    `{"ServerURL":"${registry.host}","Username":"me","Secret":"canary"}${registry.host}`,
  );
  expect(readFileSync(join(home, 'calls'), 'utf8')).not.toContain('canary');
  expect(readFileSync(join(home, '.docker/config.json'), 'utf8')).not.toMatch(/canary|bWU6Y2FuYXJ5/);
});
