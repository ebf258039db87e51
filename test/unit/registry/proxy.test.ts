/** Which proxy a request goes through, by the variables as curl and Go's programs read them. */
import { expect, test } from 'vitest';
import { proxyFor } from '../../../src/registry/proxy.ts';

const PROXY = 'http://me:canary@proxy.test:3128';
const through = (url: string, noProxy: string) =>
  proxyFor(new URL(url), { HTTPS_PROXY: PROXY, HTTP_PROXY: PROXY, NO_PROXY: noProxy }) !== undefined;

test.each([
  ['', true],
  ['other.test', true],
  ['registry.test', false],
  ['REGISTRY.TEST', false],
  ['test', false],
  ['.test', false],
  ['*.test', false],
  ['istry.test', true],
  ['sub.registry.test', true],
  ['registry.test:5000', false],
  ['registry.test:443', true],
  ['a.test, registry.test', false],
  ['a.test registry.test', false],
  ['*', false],
  ['10.0.0.0/8', true],
])('for registry.test:5000, NO_PROXY=%s: %s', (noProxy, expected) => {
  expect(through('https://registry.test:5000/v2/', noProxy)).toBe(expected);
});

test.each([
  ['10.1.2.3', false],
  ['10.1.2.3:443', false],
  ['10.1.2.3:80', true],
  ['10.0.0.0/8', false],
  ['10.2.0.0/16', true],
  ['0.0.0.0/0', false],
  ['10.0.0.0/33', true],
  ['10.0.0.0/', true],
  ['2.3', true],
  ['fd00::/8', true],
])('for 10.1.2.3, NO_PROXY=%s: %s', (noProxy, expected) => {
  expect(through('https://10.1.2.3/v2/', noProxy)).toBe(expected);
});

test.each([
  ['fd00::1', false],
  ['[fd00::1]:5000', false],
  ['[fd00::1]:80', true],
  ['fd00::/8', false],
  ['10.0.0.0/8', true],
])('for [fd00::1]:5000, NO_PROXY=%s: %s', (noProxy, expected) => {
  expect(through('http://[fd00::1]:5000/v2/', noProxy)).toBe(expected);
});

test.each(['http://localhost:5000/', 'http://127.0.0.1/', 'http://[::1]/'])('%s is asked directly', (url) => {
  expect(through(url, '')).toBe(false);
});

test('each scheme has its variable; small letters count before capitals; a host alone is one of http', () => {
  const env = { HTTPS_PROXY: 'secure.test:1', https_proxy: 'https://small.test:2', HTTP_PROXY: 'plain.test:3' };

  expect(proxyFor(new URL('https://r.test'), env)?.href).toBe('https://small.test:2/');
  expect(proxyFor(new URL('http://r.test'), env)?.href).toBe('http://plain.test:3/');
  expect(proxyFor(new URL('http://r.test'), { HTTPS_PROXY: PROXY })).toBeUndefined();
});

test.each([
  'http://me:canary@',
  'socks5://me:canary@proxy.test',
  'http://me:canary%@proxy.test',
  'http://me:canary@a b',
])('%s is refused, and the error keeps the password secret', (text) => {
  const ask = () => proxyFor(new URL('https://r.test'), { HTTPS_PROXY: text });

  expect(ask).toThrow(expect.objectContaining({ code: 'REGISTRY_CONFIG_INVALID' }));
  expect(ask).not.toThrow(/canary/);
});
