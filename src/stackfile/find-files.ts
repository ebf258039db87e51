/**
 * Which stack files, and which folder they are relative to.
 */
import { dirname, join, resolve } from 'node:path';
import { BerthError } from '../base/errors.ts';
import { parseDotenv } from './dotenv.ts';
import { existsSync, readBounded, statSync } from './input-files.ts';
import { isRemote, remoteFiles, type Sources, STACK_FILE_NAMES } from './remote-files.ts';

export type FileRequest = {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `-f`, in order; `-` is stdin. */
  readonly files: readonly string[];
  readonly projectDir?: string;
  /** Files of other machines that have been fetched. */
  readonly sources?: Sources;
};

export type FoundFiles = { readonly files: readonly string[]; readonly projectDir: string };

/** Absolute paths; STACK_FILE_NOT_FOUND when there are none, SourcesWanted when some are on other machines. */
export function findFiles({ cwd, env, files, projectDir, sources }: FileRequest): FoundFiles {
  const named = files.length > 0 ? files : fromEnvironment({ ...dotenvOf(projectDir ?? cwd, env), ...env });
  const remote = remoteFiles(sources);
  const pathOf = (file: string) => (isRemote(file) ? remote.locate(file, {}) : resolve(cwd, file));
  const local = named.map((file) => (file === '-' ? '-' : pathOf(file)));
  remote.throwWanted();
  const paths = named.length > 0 ? local.map(String) : lookUp(cwd);
  for (const path of paths) if (path !== '-') refuseMissing(path);
  const first = paths[0] === '-' ? join(cwd, '-') : paths[0]!;
  return { files: paths, projectDir: projectDir === undefined ? dirname(first) : resolve(cwd, projectDir) };
}

/** COMPOSE_FILE may be said once and for all in .env. */
function dotenvOf(folder: string, env: FileRequest['env']): Readonly<Record<string, string>> {
  const path = join(folder, '.env');
  return existsSync(path) && !isDotenvOff(env) ? parseDotenv(readBounded(path) ?? '', env).variables : {};
}

/** COMPOSE_DISABLE_ENV_FILE: only the caller's own variables count. */
export function isDotenvOff(env: FileRequest['env']): boolean {
  return /^(1|t|true|y|yes|on)$/i.test(env.COMPOSE_DISABLE_ENV_FILE ?? '');
}

function fromEnvironment(env: FileRequest['env']): string[] {
  const text = env.COMPOSE_FILE;
  if (text === undefined || text === '') return [];
  /* An address has colons of its own: with several files it needs another separator. */
  if (isRemote(text) && !env.COMPOSE_PATH_SEPARATOR) return [text];
  return text.split(env.COMPOSE_PATH_SEPARATOR || ':');
}

/** In this folder and those above; an override beside it comes along. */
function lookUp(cwd: string): string[] {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const name = STACK_FILE_NAMES.find((candidate) => existsSync(join(folder, candidate)));
    if (name !== undefined) return withOverride(join(folder, name));
    if (folder === dirname(folder)) throw notFound(cwd);
  }
}

function withOverride(path: string): string[] {
  const override = ['yaml', 'yml']
    .map((extension) => path.replace(/\.ya?ml$/, `.override.${extension}`))
    .find((file) => existsSync(file));
  return override === undefined ? [path] : [path, override];
}

function refuseMissing(path: string): void {
  if (existsSync(path) && !statSync(path).isDirectory()) return;
  throw new BerthError('STACK_FILE_NOT_FOUND', `${path} ${existsSync(path) ? 'is a folder' : 'does not exist'}`, {
    hint: 'name a stack file with -f',
  });
}

function notFound(cwd: string): BerthError {
  return new BerthError('STACK_FILE_NOT_FOUND', `there is no stack file in ${cwd} or above`, {
    hint: 'make one with `berth init`, or name one with -f; looked for stack.yaml, compose.yaml, docker-compose.yml',
  });
}
