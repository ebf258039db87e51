/**
 * How a registry is reached: registries.json (mirrors, plain HTTP) and certs.d (authorities, client certificates).
 *
 * `/etc/berth/registries.json`, then `~/.config/berth/registries.json`, or
 * the one that BERTH_REGISTRIES names. docs/images.md describes the keys.
 */
import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { BerthError, errnoOf } from '../base/errors.ts';
import { isLoopback } from './address.ts';
import type { UserEnvironment } from './docker-config.ts';
import type { TlsSettings } from './transport.ts';

export type Endpoint = {
  /** `https://registry-1.docker.io`, without a slash at the end; a mirror's may have a path. */
  readonly base: string;
  readonly tls: TlsSettings;
  readonly isMirror: boolean;
};

type RegistryEntry = { readonly mirrors?: readonly string[]; readonly insecure?: boolean };
type RegistriesFile = {
  readonly registries?: Readonly<Record<string, RegistryEntry>>;
  readonly certs?: readonly string[];
};

const HUB = 'registry-1.docker.io';
const CERTS = ['/etc/berth/certs.d', '/etc/docker/certs.d', '/etc/containers/certs.d'];

/** In the order in which they are tried: mirrors first. REGISTRY_CONFIG_INVALID names file and key. */
export function endpointsOf(domain: string, env: UserEnvironment): Endpoint[] {
  const file = readRegistries(env);
  const entry = file.registries?.[domain] ?? {};
  const reach = (host: string, isMirror: boolean): Endpoint[] => {
    const insecure = file.registries?.[host]?.insecure ?? isLoopback(host.replace(/:\d+$/, '').replace(/^\[|\]$/g, ''));
    const tls = tlsOf(host, { insecure, folders: [...(file.certs ?? []), ...CERTS] });
    const secure: Endpoint = { base: `https://${host}`, tls, isMirror };
    return insecure ? [secure, { ...secure, base: `http://${host}` }] : [secure];
  };
  const mirrors = (entry.mirrors ?? []).flatMap((mirror) => {
    const url = new URL(mirror.includes('://') ? mirror : `https://${mirror}`);
    const path = url.pathname.replace(/\/$/, '');
    if (url.protocol === 'http:')
      return [{ base: `http://${url.host}${path}`, tls: { verify: false }, isMirror: true }];
    return reach(url.host, true).map((one) => ({ ...one, base: `${one.base}${path}` }));
  });
  return [...mirrors, ...reach(domain === 'docker.io' ? HUB : domain, false)];
}

function readRegistries(env: UserEnvironment): RegistriesFile {
  const home = env.XDG_CONFIG_HOME || (env.HOME ? join(env.HOME, '.config') : undefined);
  const paths = env.BERTH_REGISTRIES
    ? [env.BERTH_REGISTRIES]
    : ['/etc/berth/registries.json', ...(home ? [join(home, 'berth/registries.json')] : [])];
  const files = paths.map((path) => readOne(path, path === env.BERTH_REGISTRIES));
  return {
    registries: Object.assign({}, ...files.map((file) => file.registries ?? {})) as RegistriesFile['registries'],
    certs: files.flatMap((file) => file.certs ?? []),
  };
}

function readOne(path: string, mustExist: boolean): RegistriesFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (!mustExist && (errnoOf(cause) === 'ENOENT' || errnoOf(cause) === 'ENOTDIR')) return {};
    throw invalid(path, `it can not be read (${errnoOf(cause)})`);
  }
  return checked(path, parsed(path, text));
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(path, (cause as Error).message);
  }
}

function checked(path: string, value: unknown): RegistriesFile {
  const file = objectOf(path, 'the file', value);
  onlyKeys(path, file, ['registries', 'certs']);
  if (file.certs !== undefined && !isTexts(file.certs)) throw invalid(path, '"certs" is no list of folders');
  for (const [domain, raw] of Object.entries(objectOf(path, '"registries"', file.registries ?? {}))) {
    const entry = objectOf(path, `"${domain}"`, raw);
    onlyKeys(path, entry, ['mirrors', 'insecure']);
    if (entry.insecure !== undefined && typeof entry.insecure !== 'boolean')
      throw invalid(path, `"insecure" of "${domain}" is neither true nor false`);
    if (entry.mirrors === undefined) continue;
    if (!isTexts(entry.mirrors)) throw invalid(path, `"mirrors" of "${domain}" is no list of URLs`);
    for (const mirror of entry.mirrors) {
      const url = mirror.includes('://') ? mirror : `https://${mirror}`;
      if (!/^https?:\/\//.test(url) || !URL.canParse(url)) throw invalid(path, `"${mirror}" is no URL of a mirror`);
    }
  }
  return value as RegistriesFile;
}

function objectOf(path: string, what: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw invalid(path, `${what} is no object`);
}

function onlyKeys(path: string, value: Record<string, unknown>, keys: readonly string[]): void {
  const other = Object.keys(value).find((key) => !keys.includes(key));
  if (other !== undefined) throw invalid(path, `"${other}" is unknown; there are ${keys.join(', ')}`);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function invalid(path: string, why: string): BerthError {
  return new BerthError('REGISTRY_CONFIG_INVALID', `${path}: ${why}`, { hint: 'docs/images.md shows an example' });
}

/** `HOST/ca.crt` and any other *.crt are authorities, `NAME.cert` with `NAME.key` is ours towards the registry. */
function tlsOf(host: string, { insecure, folders }: { insecure: boolean; folders: readonly string[] }): TlsSettings {
  const found = folders.map((folder) => join(folder, host)).filter((folder) => existsSync(folder));
  const files = found.flatMap((folder) =>
    readdirSync(folder)
      .sort()
      .map((name) => join(folder, name)),
  );
  const ca = files.filter((path) => path.endsWith('.crt')).map(readCertificate);
  const cert = files.find((path) => path.endsWith('.cert'));
  const key = cert?.replace(/\.cert$/, '.key');
  if (key !== undefined && !existsSync(key)) throw invalid(cert!, `there is no ${key} beside it`);
  return {
    verify: !insecure || ca.length > 0,
    ...(ca.length > 0 && { ca }),
    ...(cert !== undefined && readPair(cert, key!)),
  };
}

function readCertificate(path: string): string {
  const text = readPem(path);
  try {
    new X509Certificate(text);
    return text;
  } catch {
    throw invalid(path, 'it is no certificate in PEM form');
  }
}

function readPair(certPath: string, keyPath: string): Pick<TlsSettings, 'cert' | 'key'> {
  const pair = { cert: readCertificate(certPath), key: readPem(keyPath) };
  try {
    createSecureContext(pair);
    return pair;
  } catch {
    /* OpenSSL's own words say nothing of files. */
    throw invalid(keyPath, `it is no key in PEM form without a password, or not the one of ${certPath}`);
  }
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw invalid(path, `it can not be read (${errnoOf(cause)})`);
  }
}
