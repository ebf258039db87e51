/**
 * The variables of a stack: .env or --env-file, below the caller's environment.
 */
import { join, resolve } from 'node:path';
import { BerthError } from '../base/errors.ts';
import { parseDotenv } from './dotenv.ts';
import { isDotenvOff } from './find-files.ts';
import type { Findings } from './findings.ts';
import { existsSync, readBounded } from './input-files.ts';
import type { Variables } from './interpolate.ts';

export type VariablesRequest = {
  readonly cwd: string;
  readonly env: Variables;
  /** Instead of `.env`; without any, those of COMPOSE_ENV_FILES. */
  readonly envFiles: readonly string[];
};

/** USAGE when a file that was named does not exist; faults of the files are findings. */
export function readVariables(request: VariablesRequest, projectDir: string, findings: Findings): Variables {
  const { cwd, env, envFiles } = request;
  const asked = envFiles.length > 0 ? envFiles : (env.COMPOSE_ENV_FILES ?? '').split(',').filter(Boolean);
  const usual = isDotenvOff(env) ? [] : [join(projectDir, '.env')];
  const named = asked.length > 0 ? asked.map((file) => resolve(cwd, file)) : usual;
  const variables: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const file of named) {
    if (existsSync(file)) Object.assign(variables, readFile(file, { ...variables, ...env }, findings));
    else if (asked.length > 0) throw new BerthError('USAGE', `--env-file ${file} does not exist`);
  }
  return { ...variables, ...env };
}

function readFile(file: string, outer: Variables, findings: Findings): Readonly<Record<string, string>> {
  const text = readBounded(file);
  if (text === undefined) {
    findings.error({ file, line: 1, col: 1, width: 1 }, { message: `${file} is larger than 2 MiB` });
    return {};
  }
  findings.addSource(file, text);
  const { variables, faults } = parseDotenv(text, outer);
  for (const { line, message } of faults) findings.error({ file, line, col: 1, width: 1 }, { message });
  return variables;
}
