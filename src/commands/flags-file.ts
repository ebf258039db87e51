/**
 * Flags that say what a stack file can say (ports, mounts, limits): written as
 * one, so that they are read and checked by the same rules.
 */
import { BerthError, type Diagnostic } from '../base/errors.ts';
import { FLAGS_FILE } from '../stackfile/open-files.ts';

type Value = string | number | boolean | null | Values | { readonly [key: string]: Value | undefined };
type Values = readonly Value[];

/** What a service of the stack file would say. */
export type ServiceFlags = Readonly<Record<string, Value | undefined>>;

export type FlagsFile = {
  readonly service: string;
  readonly values: ServiceFlags;
  /** Keys whose value replaces the other files' whole, instead of being merged with it. */
  readonly replaced?: readonly string[];
  readonly networks?: ServiceFlags;
  readonly volumes?: ServiceFlags;
};

/** The text of the file; JSON is YAML. */
export function flagsFileText({ service, values, replaced = [], networks, volumes }: FlagsFile): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  const fields = given.map(([key, value]) => {
    const tag = replaced.includes(key) ? '!override ' : '';
    return `    ${JSON.stringify(key)}: ${tag}${textOf(value)}`;
  });
  return [
    `services:\n  ${JSON.stringify(service)}:`,
    ...(fields.length > 0 ? fields : ['    {}']),
    ...(networks ? [`networks: ${textOf(networks)}`] : []),
    ...(volumes ? [`volumes: ${textOf(volumes)}`] : []),
  ].join('\n');
}

/** Variables are the shell's business on a command line: a $ stays one. */
function textOf(value: Value | undefined): string {
  return JSON.stringify(value ?? null).replaceAll('$', '$$$$');
}

/** Declarations of the named volumes in `-v NAME:TARGET`; undefined when there are none. */
export function volumeNames(mounts: readonly string[]): ServiceFlags | undefined {
  const names = mounts.flatMap((text) => /^([\w][\w.-]*):/.exec(text)?.[1] ?? []);
  return names.length === 0 ? undefined : Object.fromEntries(names.map((name) => [name, {}]));
}

/** Findings about flags have no line that a person wrote. */
export async function withFlagErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const diagnostics = error instanceof BerthError ? (error.diagnostics ?? []) : [];
    if (!(error instanceof BerthError) || !diagnostics.some((d) => d.at?.file === FLAGS_FILE)) throw error;
    throw new BerthError('USAGE', error.message, {
      hint: error.hint,
      cause: error,
      diagnostics: diagnostics.map(withoutPlace),
    });
  }
}

function withoutPlace(diagnostic: Diagnostic): Diagnostic {
  if (diagnostic.at?.file !== FLAGS_FILE) return diagnostic;
  const { severity, message, path, hint } = diagnostic;
  const key = path?.split('.').slice(2).join('.');
  return { severity, message: key ? `${key}: ${message}` : message, path, hint };
}
