/**
 * Which proxy a request goes through: HTTP_PROXY, HTTPS_PROXY and NO_PROXY, in capitals or not.
 *
 * Pure. As curl and Go's programs read them; loopback is never asked through a proxy.
 */
import { BlockList, isIP } from 'node:net';
import { BerthError } from '../base/errors.ts';
import { isLoopback } from './address.ts';

export type ProxyEnvironment = Readonly<Record<string, string | undefined>>;

/** The proxy's URL, with its user and password; undefined: direct. REGISTRY_CONFIG_INVALID, without what is secret in it. */
export function proxyFor(url: URL, env: ProxyEnvironment): URL | undefined {
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const text = variableOf(env, name);
  if (!text || isLoopback(hostOf(url)) || isExcluded(url, variableOf(env, 'NO_PROXY') ?? '')) return undefined;
  return proxyUrl(text, name);
}

function proxyUrl(text: string, name: string): URL {
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  const isUsable = url !== undefined && /^https?:$/.test(url.protocol) && isDecodable(url.username + url.password);
  if (isUsable) return url;
  throw new BerthError('REGISTRY_CONFIG_INVALID', `${name} is no URL of an HTTP proxy`, {
    hint: 'write http://HOST:PORT, or http://USER:PASSWORD@HOST:PORT with %25 for a % in the password',
  });
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function variableOf(env: ProxyEnvironment, name: string): string | undefined {
  return env[name.toLowerCase()] || env[name] || undefined;
}

function isExcluded(url: URL, list: string): boolean {
  const host = hostOf(url);
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => matches(entry, host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return isInSubnet(entry, host);
  const [, name = entry, only] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
  if (only !== undefined && only !== port) return false;
  const bare = name.replace(/^\[|\]$/g, '').replace(/^\*?\./, '');
  return host === bare || (isIP(host) === 0 && host.endsWith(`.${bare}`));
}

function isInSubnet(entry: string, host: string): boolean {
  const [address = '', bits = ''] = entry.split('/');
  const family = isIP(address);
  if (family === 0 || isIP(host) !== family || !/^\d+$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128))
    return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const subnet = new BlockList();
  subnet.addSubnet(address, Number(bits), type);
  return subnet.check(host, type);
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
}
