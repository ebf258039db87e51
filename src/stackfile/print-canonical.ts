/**
 * The canonical form as text that means the same when it is read again.
 */
import { printYaml } from './print-yaml.ts';

export type PrintOptions = {
  readonly format: 'yaml' | 'json';
  /** Variables have not been replaced: dollars stay as they are. */
  readonly variablesLeft?: boolean;
};

/** A dollar that is meant is doubled, for the next reader. */
export function printCanonical(
  canonical: unknown,
  { format, variablesLeft }: PrintOptions = { format: 'yaml' },
): string {
  const value = variablesLeft ? canonical : escapeDollars(canonical);
  return format === 'json' ? JSON.stringify(withNothings(value), null, 2) : printYaml(value).trimEnd();
}

function escapeDollars(value: unknown): unknown {
  return hasDollar(value) ? escaped(value) : value;
}

/** Most stacks have none: then nothing is copied. */
function hasDollar(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('$');
  return typeof value === 'object' && value !== null && Object.values(value).some(hasDollar);
}

function escaped(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$');
  if (Array.isArray(value)) return value.map(escaped);
  if (typeof value !== 'object' || value === null) return value;
  return mapped(value, escaped);
}

function mapped(value: object, change: (inner: unknown, key: string) => unknown): object {
  const result = Object.create(null) as Record<string, unknown>;
  for (const [key, inner] of Object.entries(value)) result[key] = change(inner, key);
  return result;
}

/** docker compose says in JSON that a command is the image's own, and that a network leaves its addresses open. */
function withNothings(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return mapped(value, (kind, name) => {
    if (typeof kind !== 'object' || kind === null) return kind;
    if (name === 'services')
      return mapped(kind, (service) => ({ command: null, entrypoint: null, ...(service as object) }));
    return name === 'networks' ? mapped(kind, (network) => ({ ...(network as object), ipam: ipamOf(network) })) : kind;
  });
}

function ipamOf(network: unknown): unknown {
  return (network as { ipam?: unknown } | null)?.ipam ?? {};
}
