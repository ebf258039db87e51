/**
 * environment of a service -> its variables; what was in files is there already, keys without a value have the caller's.
 */
import { type Conversion, mappingOf, type Raw } from './conversion.ts';

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
