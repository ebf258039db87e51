/**
 * env_file and environment of a service -> its variables.
 *
 * Later files win over earlier ones, `environment` over all. A key without a
 * value takes the caller's; one that the caller does not have is left out.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { absolutePath, booleanOr, type Conversion, itemsOf, mappingOf, type Raw } from './conversion.ts';
import { parseDotenv } from './dotenv.ts';

export function convertEnvironment(conversion: Conversion, service: Raw, path: string): Record<string, string> {
  const result: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [index, file] of envFiles(service.env_file).entries()) {
    const place = Array.isArray(service.env_file) ? `${path}.env_file[${index}]` : `${path}.env_file`;
    Object.assign(result, readEnvFile(conversion, file, place));
  }
  const written = mappingOf(service.environment);
  for (const [index, [key, value]] of written.entries()) {
    if (Array.isArray(service.environment))
      conversion.alias(`${path}.environment.${key}`, `${path}.environment[${index}]`);
    if (key === '')
      conversion.report.error(`${path}.environment[${index}]`, 'a variable needs a name', 'write KEY=VALUE');
    const actual = value ?? (Object.hasOwn(conversion.variables, key) ? conversion.variables[key] : undefined);
    if (actual !== undefined) result[key] = actual;
    else delete result[key];
  }
  return { ...result };
}

type EnvFile = { readonly path: string; readonly required: boolean; readonly raw: boolean };

function envFiles(value: unknown): EnvFile[] {
  const items = Array.isArray(value) ? itemsOf(value).map(([, item]) => item) : [value ?? []].flat();
  return items.map((item) => {
    if (typeof item !== 'object' || item === null) return { path: String(item), required: true, raw: false };
    const { path, required, format } = item as Raw;
    return { path: String(path), required: booleanOr(required, true), raw: format === 'raw' };
  });
}

function readEnvFile(conversion: Conversion, file: EnvFile, place: string): Record<string, string> {
  const path = absolutePath(conversion, file.path);
  if (!existsSync(path)) {
    if (file.required)
      conversion.report.error(
        place,
        `the env_file ${path} does not exist`,
        'make it, or write `required: false` beside its path',
      );
    return {};
  }
  if (statSync(path).isDirectory()) {
    conversion.report.error(place, `the env_file ${path} is a folder`, 'name a file of KEY=VALUE lines');
    return {};
  }
  const text = readFileSync(path, 'utf8');
  if (file.raw) return rawVariables(text);
  const { variables, faults } = parseDotenv(text, conversion.variables);
  for (const { line, message } of faults) conversion.report.error(place, `${path}:${line}: ${message}`);
  return { ...variables };
}

/** KEY=VALUE a line, the value as it is; comments and empty lines are left out. */
function rawVariables(text: string): Record<string, string> {
  const lines = text.split(/\r?\n/).filter((line) => line.includes('=') && !/^\s*#/.test(line));
  return Object.fromEntries(mappingOf(lines).map(([key, value]) => [key.trim(), value ?? '']));
}
