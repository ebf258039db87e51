/**
 * What a provider says of itself: which options its actions take, and which they need. It need not say anything.
 */
import { spawn } from 'node:child_process';

const LIMIT_MS = 10_000;
const MAX_BYTES = 1024 * 1024;

export type ProviderAction = 'up' | 'down' | 'stop';

type Parameter = { readonly name: string; readonly required?: boolean };

/** undefined: it said nothing, and takes every option. */
export type ProviderMetadata = Partial<Record<ProviderAction, { readonly parameters?: readonly Parameter[] }>>;

/** Runs `PROGRAM compose metadata`; one that fails, hangs or says something else has none. */
export async function readMetadata(program: string, folder: string): Promise<ProviderMetadata | undefined> {
  return await new Promise((resolve) => {
    const child = spawn(program, ['compose', 'metadata'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      cwd: folder,
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.length > MAX_BYTES) child.kill('SIGKILL');
    });
    child.on('error', () => resolve(undefined));
    child.on('close', (code) => resolve(code === 0 ? parseMetadata(text) : undefined));
  });
}

function parseMetadata(text: string): ProviderMetadata | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    const said = typeof value === 'object' && value !== null && ('up' in value || 'down' in value);
    return said ? (value as ProviderMetadata) : undefined;
  } catch {
    return undefined;
  }
}

export type Options = Readonly<Record<string, readonly string[]>>;

/** The options that the action takes, as flags. */
export function flagsOf(options: Options, metadata: ProviderMetadata | undefined, action: ProviderAction): string[] {
  const taken = metadata && new Set((metadata[action]?.parameters ?? []).map(({ name }) => name));
  return Object.entries(options)
    .filter(([key]) => !taken || taken.has(key))
    .flatMap(([key, values]) => values.map((value) => `--${key}=${value}`));
}

/** The first option that the action needs and the stack file does not give. */
export function missingOption(
  options: Options,
  metadata: ProviderMetadata | undefined,
  action: ProviderAction,
): string | undefined {
  const needed = (metadata?.[action]?.parameters ?? []).filter(({ required }) => required === true);
  return needed.find(({ name }) => !Object.hasOwn(options, name))?.name;
}
