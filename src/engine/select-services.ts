/**
 * Which services a request means: those named, and what they depend on.
 */
import { BerthError } from '../base/errors.ts';
import type { Stack } from '../model/stack.ts';

/** Names of the services to act on; an empty list means all. SERVICE_NOT_FOUND for a name the stack has not. */
export function selectServices(
  stack: Stack,
  names: readonly string[],
  options: { readonly withDependencies: boolean },
): ReadonlySet<string> {
  const known = new Map(stack.services.map((s) => [s.name, s]));
  if (names.length === 0) return new Set(known.keys());
  const selected = new Set<string>();
  const add = (name: string): void => {
    const service = known.get(name);
    if (!service || selected.has(name)) return;
    selected.add(name);
    if (options.withDependencies) for (const dependency of service.dependsOn) add(dependency.service);
  };
  for (const name of names) {
    if (!known.has(name)) throw unknownService(stack, name);
    add(name);
  }
  return selected;
}

function unknownService(stack: Stack, name: string): BerthError {
  const names = stack.services.map((s) => s.name).join(', ');
  return new BerthError('SERVICE_NOT_FOUND', `stack ${stack.name} has no service ${name}`, {
    hint: names === '' ? 'it has no services' : `its services are ${names}`,
  });
}
