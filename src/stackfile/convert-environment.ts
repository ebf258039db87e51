/**
 * environment of a service -> its variables; what was in files is there already, keys without a value have the caller's.
 */
import type { Service } from '../model/stack.ts';
import { type Conversion, mappingOf, type Raw, rawOf } from './conversion.ts';
import { plainValue } from './tree.ts';

/** A key that nobody gives a value is left out. */
export function convertEnvironment({ report }: Conversion, service: Raw, path: string): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [key, value] of mappingOf(service.environment)) {
    if (key === '') report.error(`${path}.environment`, 'a variable needs a name', 'write KEY=VALUE');
    if (value !== null)
      Object.defineProperty(result, key, { value, enumerable: true, writable: true, configurable: true });
  }
  return result;
}

type Ignoring = { readonly raw: Raw; readonly top: Raw; readonly name: string };

/** `x-berth.file-changes: ignore`, of the service or at the top, and the variables that only files give. */
export function convertIgnoredFiles(
  { declared }: Conversion,
  { raw, top, name }: Ignoring,
): Pick<Service, 'ignoredFiles'> {
  const changes = rawOf(raw['x-berth'])['file-changes'] ?? rawOf(top['x-berth'])['file-changes'];
  if (changes !== 'ignore') return {};
  const services = rawOf(rawOf(plainValue(declared)).services);
  const written = new Set(mappingOf(rawOf(services[name]).environment).map(([key]) => key));
  const all = mappingOf(raw.environment).map(([key]) => key);
  return { ignoredFiles: { environment: all.filter((key) => !written.has(key)) } };
}
