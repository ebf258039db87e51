/**
 * The images of a stack that have to do with a registry, each once.
 */

import { BerthError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import type { Service, Stack } from '../model/stack.ts';

type Choice = { readonly 'include-deps'?: boolean; readonly 'ignore-buildable'?: boolean };

/** Those of the named services, or of all. SERVICE_NOT_FOUND. */
export function servicesWithImages(stack: Stack, names: readonly string[], choice: Choice): readonly Service[] {
  const unknown = names.find((name) => !stack.services.some((one) => one.name === name));
  if (unknown !== undefined) {
    const all = stack.services.map(({ name }) => name);
    const near = nearest(unknown, all);
    throw new BerthError('SERVICE_NOT_FOUND', `the stack has no service ${unknown}`, {
      hint: near === undefined ? `it has ${all.join(', ')}` : `did you mean ${near}?`,
    });
  }
  const chosen = new Set(names.length === 0 ? stack.services.map(({ name }) => name) : names);
  if (choice['include-deps']) addDependencies(stack, chosen);
  const services = stack.services.filter(
    (one) =>
      chosen.has(one.name) && one.image !== '' && one.image !== 'host' && !(choice['ignore-buildable'] && isBuilt(one)),
  );
  return [...new Map(services.map((one) => [`${one.image} ${one.platform ?? ''}`, one])).values()];
}

function addDependencies(stack: Stack, chosen: Set<string>): void {
  /* A Set that grows while it is walked is walked to its new end. */
  for (const name of chosen) {
    for (const { service } of stack.services.find((one) => one.name === name)?.dependsOn ?? []) chosen.add(service);
  }
}

function isBuilt(service: Service): boolean {
  return service.build != null;
}
