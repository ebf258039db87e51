/** The canonical form as YAML that means the same when it is read again: dollars are doubled. */
import { printYaml } from './parse-yaml.ts';

export function printCanonical(canonical: unknown): string {
  return printYaml(escapeDollars(canonical));
}

function escapeDollars(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$');
  if (Array.isArray(value)) return value.map(escapeDollars);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, escapeDollars(inner)]));
}
