/**
 * Variables of providers that have not been asked now: a plan that is only looked at, a change of scale.
 *
 * They are what the containers have from the last time; else each container
 * would seem to have lost them.
 */
import type { Provider } from '../model/provider.ts';
import type { Service, Stack } from '../model/stack.ts';

type Known = { readonly service: string; readonly definition: Service };

export function withKnownVariables(
  stack: Stack,
  providers: readonly Provider[] | undefined,
  containers: readonly Known[],
): Stack {
  const dependants = new Set(providers?.flatMap((provider) => provider.dependants));
  if (dependants.size === 0) return stack;
  const services = stack.services.map((service) => {
    const known = containers.find((c) => c.service === service.name && c.definition.provided !== undefined);
    return dependants.has(service.name) && known ? withThose(service, known.definition) : service;
  });
  return { ...stack, services };
}

function withThose(service: Service, { environment, provided = [] }: Service): Service {
  const values = provided.flatMap((key) => (environment[key] === undefined ? [] : [[key, environment[key]] as const]));
  return { ...service, environment: { ...service.environment, ...Object.fromEntries(values) }, provided };
}
