/**
 * Docker's config.json: where `docker login` keeps what it was told, which we share.
 *
 * `auths`, `credsStore` and `credHelpers`; everything else in the file is
 * kept as it is. Read anew for each call: a login counts at once.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomic } from '../base/atomic-file.ts';
import { BerthError, errnoOf } from '../base/errors.ts';

/** Of the person who asks, not of the engine. */
export type UserEnvironment = Readonly<Record<string, string | undefined>>;

export type AuthEntry = {
  /** base64 of `user:password`. */
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
};

export type DockerConfig = {
  readonly auths?: Readonly<Record<string, AuthEntry>>;
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string>>;
};

export function dockerConfigPath(env: UserEnvironment): string {
  return join(env.DOCKER_CONFIG || join(env.HOME || '/root', '.docker'), 'config.json');
}

/** REGISTRY_CONFIG_INVALID when it is no JSON; empty when there is none. */
export async function readDockerConfig(env: UserEnvironment): Promise<DockerConfig> {
  const path = dockerConfigPath(env);
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
    throw new SyntaxError('it is no object');
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT' || errnoOf(cause) === 'ENOTDIR') return {};
    /* The parser's own words quote the text, and with it what is secret in it. */
    const why = errnoOf(cause) ?? 'it is no JSON object';
    throw new BerthError('REGISTRY_CONFIG_INVALID', `${path} can not be read: ${why}`, {
      hint: 'correct or remove it, then `berth login` again',
    });
  }
}

export async function writeDockerConfig(env: UserEnvironment, config: DockerConfig): Promise<void> {
  await writeAtomic(dockerConfigPath(env), `${JSON.stringify(config, null, '\t')}\n`, { mode: 0o600 });
}
