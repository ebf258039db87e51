/**
 * The program that stands behind a provider's `type`.
 *
 * A plugin of docker's command line is one too, as docker compose has it.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Where docker keeps plugins, after the user's own folder. */
const PLUGIN_FOLDERS = ['/usr/local/lib', '/usr/local/libexec', '/usr/lib', '/usr/libexec'].map((folder) =>
  join(folder, 'docker/cli-plugins'),
);

export type ProgramSearch = {
  /** A path with a slash is relative to this. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
};

/** `berth-TYPE`, docker's plugin `docker-TYPE`, or TYPE itself; undefined when there is none. */
export function findProgram(type: string, { folder, env }: ProgramSearch): string | undefined {
  if (type.includes('/')) return [resolve(folder, type)].find(isProgram);
  const path = (env.PATH ?? '').split(':').filter((entry) => entry.startsWith('/'));
  const plugins = [join(env.HOME ?? '/root', '.docker/cli-plugins'), ...PLUGIN_FOLDERS];
  const candidates = [
    ...path.map((entry) => join(entry, `berth-${type}`)),
    ...[...plugins, ...path].map((entry) => join(entry, `docker-${type}`)),
    ...path.map((entry) => join(entry, type)),
  ];
  return candidates.find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
