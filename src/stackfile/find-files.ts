/**
 * Which stack files, and which folder they are relative to.
 */
import { basename, dirname, join, resolve } from 'node:path';
import { BerthError } from '../base/errors.ts';
import { parseDotenv } from './dotenv.ts';
import { type DotenvRequest, readDotenvs } from './dotenv-files.ts';
import { existsSync, readBounded, statSync } from './input-files.ts';
import { isRemote, remoteFiles, type Sources, STACK_FILE_NAMES } from './remote-files.ts';

/** `files` are those of `-f`, in order; `-` is stdin. */
export type FileRequest = DotenvRequest & {
  readonly files: readonly string[];
  /** Files of other machines that have been fetched. */
  readonly sources?: Sources;
};

export type FoundFiles = { readonly files: readonly string[]; readonly projectDir: string };

/** Absolute paths; STACK_FILE_NOT_FOUND when there are none, SourcesWanted when some are on other machines. */
export function findFiles(request: FileRequest): FoundFiles {
  const { cwd, files, projectDir, sources } = request;
  const named = files.length > 0 ? files : fromEnvironment(plainVariables(request, projectDir ?? cwd));
  const remote = remoteFiles(sources);
  const pathOf = (file: string) => (isRemote(file) ? remote.locate(file, {}) : resolve(cwd, file));
  const local = named.map((file) => (file === '-' ? '-' : pathOf(file)));
  remote.throwWanted();
  const paths = named.length > 0 ? local.map(String) : lookUp(cwd);
  for (const path of paths) if (path !== '-') refuseMissing(path);
  const first = paths[0] === '-' ? join(cwd, '-') : paths[0]!;
  return { files: paths, projectDir: projectDir === undefined ? dirname(first) : resolve(cwd, projectDir) };
}

/** COMPOSE_FILE may be said once and for all in .env; what is wrong with such a file is told when it is read for good. */
export function plainVariables(request: DotenvRequest, projectDir: string): FileRequest['env'] {
  const read = (path: string, outer: FileRequest['env']) => parseDotenv(readBounded(path) ?? '', outer).variables;
  return { ...readDotenvs(request, projectDir, read), ...request.env };
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

/** Any of docker compose's names goes with any of them. */
const OVERRIDES = ['compose.override', 'docker-compose.override'];

function withOverride(path: string): string[] {
  const own = `${basename(path).replace(/\.ya?ml$/, '')}.override`;
  const override = [own, ...OVERRIDES.filter((name) => name !== own && OVERRIDES.includes(own))]
    .flatMap((name) => [`${name}.yml`, `${name}.yaml`])
    .map((name) => join(dirname(path), name))
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
