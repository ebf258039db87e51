/**
 * Which services a stack that is up has, and the refusal of names it has not.
 */
import { BerthError } from '../base/errors.ts';
import { recordsOf } from './observe.ts';
import type { World } from './world.ts';

/** Of the stack's record, and of what is left from earlier; empty when the stack is not up. */
export function knownServices(world: World, stack: string): ReadonlySet<string> {
  const record = world.store.stacks.get(stack);
  const present = recordsOf(world, stack).map((r) => r.service);
  return new Set([...(record?.stack.services.map((s) => s.name) ?? []), ...present]);
}

/** SERVICE_NOT_FOUND for the first name that the stack has not. A stack that is not up has nothing to compare with. */
export function refuseUnknownServices(world: World, stack: string, services: readonly string[]): void {
  refuseServicesBut(knownServices(world, stack), stack, services);
}

/** SERVICE_NOT_FOUND for the first that is none of `known`; nothing known, nothing refused. */
export function refuseServicesBut(known: ReadonlySet<string>, stack: string, services: readonly string[]): void {
  const unknown = known.size === 0 ? undefined : services.find((name) => !known.has(name));
  if (unknown === undefined) return;
  throw new BerthError('SERVICE_NOT_FOUND', `stack ${stack} has no service ${unknown}`, {
    hint: `its services are ${[...known].join(', ')}`,
  });
}
