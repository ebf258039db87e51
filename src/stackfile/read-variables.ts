/**
 * The variables of a stack: .env or --env-file, below the caller's environment.
 */
import { parseDotenv } from './dotenv.ts';
import { type DotenvRequest, readDotenvs } from './dotenv-files.ts';
import type { Findings } from './findings.ts';
import { readBounded } from './input-files.ts';
import type { Variables } from './interpolate.ts';

/** USAGE when a file that was named does not exist; faults of the files are findings. */
export function readVariables(request: DotenvRequest, projectDir: string, findings: Findings): Variables {
  const variables = readDotenvs(request, projectDir, (path, outer) => readFile(path, outer, findings));
  return { ...variables, ...request.env };
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
