/**
 * Which files of variables a stack has: those that were asked for, or `.env` here and `.env` of the project.
 *
 * As docker compose has it: while no stack file is named, `.env` of the folder
 * one stands in counts before the one beside the stack file, since it may be
 * the one that names the file (COMPOSE_FILE).
 */
import { join, resolve } from 'node:path';
import { BerthError } from '../base/errors.ts';
import { existsSync } from './input-files.ts';

export type DotenvRequest = {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Stack files that were named; undefined: `cwd` has nothing to say. */
  readonly files?: readonly string[];
  readonly projectDir?: string;
  /** Instead of `.env`; without any, those of COMPOSE_ENV_FILES. */
  readonly envFiles?: readonly string[];
};

export type Variables = Readonly<Record<string, string | undefined>>;

/** What one file says, with the variables that it may use. */
export type ReadDotenv = (path: string, outer: Variables) => Readonly<Record<string, string>>;

/** Of all files together, without the environment; USAGE when a file that was asked for does not exist. */
export function readDotenvs(request: DotenvRequest, projectDir: string, read: ReadDotenv): Record<string, string> {
  const { cwd, env, envFiles = [] } = request;
  const asked = envFiles.length > 0 ? envFiles : (env.COMPOSE_ENV_FILES ?? '').split(',').filter(Boolean);
  const variables = Object.create(null) as Record<string, string>;
  for (const path of asked.map((file) => resolve(cwd, file))) {
    if (!existsSync(path)) throw new BerthError('USAGE', `--env-file ${path} does not exist`);
    Object.assign(variables, read(path, { ...variables, ...env }));
  }
  if (asked.length > 0) return variables;
  for (const path of usualFiles(request, projectDir))
    for (const [name, value] of Object.entries(read(path, { ...variables, ...env }))) variables[name] ??= value;
  return variables;
}

/** Those that count first come first. */
function usualFiles({ cwd, env, files, projectDir: given }: DotenvRequest, projectDir: string): string[] {
  if (isDotenvOff(env)) return [];
  const isHere = files?.length === 0 && given === undefined;
  const folders = new Set([...(isHere ? [cwd] : []), projectDir]);
  return [...folders].map((folder) => join(folder, '.env')).filter((path) => existsSync(path));
}

/** COMPOSE_DISABLE_ENV_FILE: only the caller's own variables count. */
function isDotenvOff(env: DotenvRequest['env']): boolean {
  return /^(1|t|true|y|yes|on)$/i.test(env.COMPOSE_DISABLE_ENV_FILE ?? '');
}
