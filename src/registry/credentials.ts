/**
 * The secret for a registry: asked of a helper, or read from Docker's config.json; kept and forgotten the same way.
 */
import { BerthError } from '../base/errors.ts';
import { eraseFromHelper, getFromHelper, storeInHelper } from './credential-helper.ts';
import {
  type AuthEntry,
  type DockerConfig,
  dockerConfigPath,
  readDockerConfig,
  type UserEnvironment,
  writeDockerConfig,
} from './docker-config.ts';
import type { Secret } from './secret.ts';

/** Docker Hub's key in config.json, since its first version. */
const HUB_KEY = 'https://index.docker.io/v1/';

/** undefined: anonymous. */
export async function secretFor(domain: string, env: UserEnvironment): Promise<Secret | undefined> {
  const config = await readDockerConfig(env);
  const key = keyOf(domain);
  const helper = helperOf(config, key);
  if (helper !== undefined) {
    const secret = await getFromHelper({ name: helper, env }, key);
    if (secret) return secret;
  }
  const entry = entryOf(config, key);
  return entry && secretOf(entry, dockerConfigPath(env));
}

/** Where it was kept. */
export async function keepSecret(
  domain: string,
  pair: { readonly user: string; readonly password: string },
  env: UserEnvironment,
): Promise<string> {
  const config = await readDockerConfig(env);
  const key = keyOf(domain);
  const helper = helperOf(config, key);
  if (helper !== undefined) {
    await storeInHelper({ name: helper, env }, key, pair);
    await writeDockerConfig(env, { ...config, auths: { ...config.auths, [key]: {} } });
    return `docker-credential-${helper}`;
  }
  const auth = Buffer.from(`${pair.user}:${pair.password}`).toString('base64');
  await writeDockerConfig(env, { ...config, auths: { ...config.auths, [key]: { auth } } });
  return dockerConfigPath(env);
}

/** false: there was nothing to forget. */
export async function forgetSecret(domain: string, env: UserEnvironment): Promise<boolean> {
  const config = await readDockerConfig(env);
  const key = keyOf(domain);
  const helper = helperOf(config, key);
  const isKnown = entryOf(config, key) !== undefined;
  if (helper !== undefined) await eraseFromHelper({ name: helper, env }, key);
  if (!isKnown) return helper !== undefined;
  const auths = Object.fromEntries(Object.entries(config.auths ?? {}).filter(([name]) => hostOf(name) !== hostOf(key)));
  await writeDockerConfig(env, { ...config, auths });
  return true;
}

function keyOf(domain: string): string {
  return domain === 'docker.io' || domain === 'index.docker.io' ? HUB_KEY : domain;
}

function helperOf(config: DockerConfig, key: string): string | undefined {
  const helpers = config.credHelpers ?? {};
  const name = Object.keys(helpers).find((one) => hostOf(one) === hostOf(key));
  return (name === undefined ? undefined : helpers[name]) || config.credsStore || undefined;
}

/** Keys are host names, or URLs as older versions wrote them. */
function entryOf(config: DockerConfig, key: string): AuthEntry | undefined {
  const auths = config.auths ?? {};
  const name = Object.hasOwn(auths, key) ? key : Object.keys(auths).find((one) => hostOf(one) === hostOf(key));
  return name === undefined ? undefined : auths[name];
}

function hostOf(key: string): string {
  const host = key.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  return host === 'docker.io' || host === 'registry-1.docker.io' ? 'index.docker.io' : host;
}

function secretOf(entry: AuthEntry, path: string): Secret | undefined {
  if (entry.registrytoken) return { kind: 'bearer', token: entry.registrytoken };
  if (entry.identitytoken) return { kind: 'identity', token: entry.identitytoken };
  if (entry.username && entry.password) return { kind: 'password', user: entry.username, password: entry.password };
  if (!entry.auth) return undefined;
  const pair = Buffer.from(entry.auth, 'base64').toString('utf8').replace(/\0+$/, '');
  const colon = pair.indexOf(':');
  if (colon < 1) {
    throw new BerthError('REGISTRY_CONFIG_INVALID', `an "auth" in ${path} is no base64 of user:password`, {
      hint: '`berth login` writes it anew',
    });
  }
  return { kind: 'password', user: pair.slice(0, colon), password: pair.slice(colon + 1) };
}
