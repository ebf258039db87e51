/**
 * Flags by which every command finds its stack, and the stack they find.
 */
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../base/errors.ts';
import type { Provider } from '../model/provider.ts';
import type { Positions, SecretValues, Stack } from '../model/stack.ts';
import { forgetInputs } from '../stackfile/input-files.ts';
import { printWarnings } from '../ui/print-error.ts';
import { type Fetching, withSources } from './remote-sources.ts';

const FILE = {
  multiple: true,
  multipleNonGreedy: true,
  summary: 'stack file to read; later ones override earlier ones',
} as const;

/** For commands whose -f means something else. */
export const FILE_LONG_FLAG = Flags.string(FILE);

const PROJECT = { summary: 'name of the stack, instead of the folder or the `name:` in the file' };

/** For commands whose -p means something else. */
export const PROJECT_LONG_FLAG = Flags.string(PROJECT);

export const STACK_FLAGS = {
  file: Flags.string({ ...FILE, char: 'f' }),
  'project-name': Flags.string({ ...PROJECT, char: 'p' }),
  'project-directory': Flags.string({ summary: 'folder that relative paths start from' }),
  profile: Flags.string({ multiple: true, multipleNonGreedy: true, summary: 'switch a profile on' }),
  'env-file': Flags.string({ multiple: true, multipleNonGreedy: true, summary: 'file of variables, instead of .env' }),
  yes: Flags.boolean({ char: 'y', summary: 'fetch stack files of other machines without asking' }),
};

/** `--dry-run` of commands that change something. */
export const DRY_RUN_FLAG = {
  'dry-run': Flags.boolean({ summary: 'say what would be done and change nothing' }),
};

/** `--dry-run` of commands that change nothing anyway: scripts give it to all. */
export const NOTHING_TO_CHANGE = {
  'dry-run': Flags.boolean({ hidden: true, summary: 'accepted for scripts: nothing is changed anyway' }),
};

export type StackFlagValues = {
  readonly file?: string[];
  readonly 'project-name'?: string;
  readonly 'project-directory'?: string;
  readonly profile?: string[];
  readonly 'env-file'?: string[];
  readonly yes?: boolean;
};

export type LoadedStack = {
  readonly stack: Stack;
  readonly positions: Positions;
  readonly secrets: SecretValues;
  readonly providers: readonly Provider[];
  readonly canonical: unknown;
};

/** Reads the stack files; warnings go to stderr, errors are STACK_FILE_INVALID with all findings. */
export async function loadFromFlags(
  flags: StackFlagValues,
  services: readonly string[] = [],
  more: { readonly readOnly?: boolean; readonly flagsText?: string } = {},
): Promise<LoadedStack> {
  const { loadStack } = await import('../stackfile/load-stack.ts');
  const request = { ...requestOf(flags, services), ...more };
  const { warnings, ...loaded } = await withSources(fetchingOf(flags), (sources) => loadStack({ ...request, sources }));
  printWarnings(warnings);
  if (warnings.length > 0) forgetInputs();
  return isSet('COMPOSE_COMPATIBILITY') ? { ...loaded, stack: { ...loaded.stack, nameSeparator: '_' } } : loaded;
}

/** The name alone: works with a stack file that has errors, so that a running stack can always be looked at and taken down. */
export async function stackNameFromFlags(flags: StackFlagValues): Promise<string> {
  if (flags['project-name'] !== undefined) return flags['project-name'];
  const { readStackName } = await import('../stackfile/stack-name.ts');
  const request = requestOf(flags, []);
  return await withSources(lookingOf(flags), (sources) => readStackName({ ...request, sources }));
}

/** The folder of the stack file that tells the name; undefined when the person names the stack, or there is no file. */
export async function stackFolderFromFlags(flags: StackFlagValues): Promise<string | undefined> {
  if (flags['project-name'] !== undefined || process.env.COMPOSE_PROJECT_NAME) return undefined;
  const { findFiles } = await import('../stackfile/find-files.ts');
  try {
    const request = requestOf(flags, []);
    return (await withSources(lookingOf(flags), (sources) => findFiles({ ...request, sources }))).projectDir;
  } catch (error) {
    if (error instanceof BerthError && error.code === 'STACK_FILE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** For commands that read the whole stack: as it is now. */
export function fetchingOf({ yes }: StackFlagValues): Fetching {
  return { yes: yes === true };
}

/** For those that look at what runs, or end it: that must do without the other machine. */
export function lookingOf(flags: StackFlagValues): Fetching {
  return { ...fetchingOf(flags), lastIsEnough: true };
}

export function requestOf(flags: StackFlagValues, services: readonly string[]) {
  return {
    cwd: process.cwd(),
    env: process.env,
    files: flags.file ?? [],
    projectDir: flags['project-directory'],
    projectName: flags['project-name'],
    profiles: flags.profile ?? [],
    envFiles: flags['env-file'] ?? [],
    services,
  };
}

/** COMPOSE_PARALLEL_LIMIT, which `--parallel` sets; undefined: as many as the plan's order allows. */
export function parallelLimit(): number | undefined {
  const text = process.env.COMPOSE_PARALLEL_LIMIT;
  if (!text || text === '-1') return undefined;
  const limit = Number(text);
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw new BerthError('USAGE', `--parallel (COMPOSE_PARALLEL_LIMIT) is ${text}`, {
    hint: 'it is a number from 1 on, or -1 for no limit',
  });
}

/** `true`, `1`, `yes` of a variable, as docker compose reads them. */
export function isSet(name: string): boolean {
  return /^(1|t|true|y|yes|on)$/i.test(process.env[name] ?? '');
}

/** `10`, in seconds as docker compose takes it; USAGE when it is no number. */
export function secondsToMs(value: number | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (value < 0) throw new BerthError('USAGE', 'a time can not be negative');
  return value * 1000;
}
