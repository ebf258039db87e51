/**
 * The variables of a person's environment that decide how registries are talked to; nothing else of it leaves the command.
 */
import type { UserEnvironment } from './docker-config.ts';

const NAMES = [
  'HOME',
  'PATH',
  'DOCKER_CONFIG',
  'XDG_CONFIG_HOME',
  'XDG_RUNTIME_DIR',
  'BERTH_REGISTRIES',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  /* Credential helpers that talk to a desktop's keyring. */
  'DBUS_SESSION_BUS_ADDRESS',
  'GNUPGHOME',
  'PASSWORD_STORE_DIR',
] as const;

export function userEnvironment(env: NodeJS.ProcessEnv): UserEnvironment {
  return Object.fromEntries(NAMES.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}
