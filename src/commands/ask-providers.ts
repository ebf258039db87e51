/**
 * Providers of a stack: asked before its containers are made, told when it stops or goes.
 *
 * The command runs their programs, not the engine: they are the person's own,
 * with the person's variables and terminal.
 */
import { BerthError } from '../base/errors.ts';
import type { Engine, UpRequest } from '../engine/engine.ts';
import type { Plan } from '../engine/plan.ts';
import type { Provider } from '../model/provider.ts';
import type { Positions, Service, Stack } from '../model/stack.ts';
import { callProvider, type ProviderCall, type Told } from '../provider/call-provider.ts';
import { noteLine } from '../ui/output.ts';
import { withSources } from './remote-sources.ts';
import { lookingOf, requestOf, type StackFlagValues } from './stack-flags.ts';

type Asking = { readonly quiet: boolean };

/** The request with their variables in the stack, and without the names of those that are no containers. */
export async function askProviders(request: UpRequest, { quiet }: Asking): Promise<UpRequest> {
  const { providers = [], ...rest } = request;
  if (providers.length === 0) return rest;
  const needed = neededProviders(request);
  const told = new Map<string, Told>();
  for (const provider of needed)
    told.set(provider.service, await callProvider({ ...callOf(request, provider, quiet), action: 'up' }));
  const services = rest.stack.services.map((service) => withVariables(service, needed, told));
  return { ...rest, services: containersOf(request), stack: { ...rest.stack, services } };
}

/** What `up` would do: those that would be asked, then the engine's steps. */
export async function planWithProviders(engine: Engine, request: UpRequest): Promise<Plan> {
  const asked = neededProviders(request).map(({ service, type }) => ({ service, type }));
  if (asked.length === 0) return await engine.plan(request);
  const services = containersOf(request);
  const none = namesOnlyProviders(request);
  const plan = none ? { stack: request.stack.name, steps: [] } : await engine.plan({ ...request, services });
  return { ...plan, providers: asked };
}

/** Of the services that are named, those that are containers. */
export function containersOf({ services, providers = [] }: Pick<UpRequest, 'services' | 'providers'>): string[] {
  return services.filter((name) => !providers.some((provider) => provider.service === name));
}

/** Only providers are named: there is nothing for the engine to do. */
export function namesOnlyProviders(request: Pick<UpRequest, 'services' | 'providers'>): boolean {
  return request.services.length > 0 && containersOf(request).length === 0;
}

function callOf({ stack, positions }: Whose, provider: Provider, quiet: boolean): Omit<ProviderCall, 'action'> {
  return {
    provider,
    stack: stack.name,
    folder: stack.projectDir,
    at: positions[`services.${provider.service}.provider.type`],
    env: process.env,
    onInfo: (message) => (quiet ? undefined : noteLine(`${provider.service}: ${message}`)),
  };
}

type Whose = { readonly stack: Stack; readonly positions: Positions };

/** Those that are named, and those whose variables the services need that are acted on. */
function neededProviders({ stack, providers = [], services, noDeps }: UpRequest): readonly Provider[] {
  if (services.length === 0) return providers;
  const acted = new Set(services);
  if (!noDeps) for (const name of acted) for (const d of dependenciesOf(stack, name)) acted.add(d);
  const wanted = new Set(
    providers.filter((p) => acted.has(p.service) || (!noDeps && p.dependants.some((d) => acted.has(d)))),
  );
  for (const one of wanted) for (const p of providers) if (one.after.includes(p.service)) wanted.add(p);
  return providers.filter((provider) => wanted.has(provider));
}

function dependenciesOf(stack: Stack, name: string): readonly string[] {
  return stack.services.find((service) => service.name === name)?.dependsOn.map((d) => d.service) ?? [];
}

/** What a provider tells wins over what the file says; without its prefix that is worth a note. */
function withVariables(service: Service, providers: readonly Provider[], told: ReadonlyMap<string, Told>): Service {
  const own = providers.filter(({ dependants }) => dependants.includes(service.name));
  if (own.length === 0) return service;
  const variables: Record<string, string> = {};
  for (const { service: name } of own) {
    const { own: prefixed = {}, raw = {} } = told.get(name) ?? {};
    for (const key of Object.keys(raw))
      if (Object.hasOwn(service.environment, key) && service.environment[key] !== raw[key])
        noteLine(`note: ${name} sets ${key} of service ${service.name}, which has another value in its stack file`);
    Object.assign(variables, prefixed, raw);
  }
  const provided = Object.keys(variables).sort();
  return { ...service, environment: { ...service.environment, ...variables }, provided };
}

export type Telling = Asking & {
  readonly stack: Stack | undefined;
  readonly positions: Positions;
  readonly providers: readonly Provider[];
  readonly services: readonly string[];
};

/** Providers of the stack files, be their profiles on or off; of files that can not be read there are none that are known. */
export async function providersToTell(
  flags: StackFlagValues,
  services: readonly string[],
  quiet: boolean,
): Promise<Telling> {
  const { loadStack } = await import('../stackfile/load-stack.ts');
  try {
    const loaded = await withSources(lookingOf(flags), (sources) =>
      loadStack({ ...requestOf(flags, []), profiles: ['*'], readOnly: true, sources }),
    );
    return { ...loaded, services, quiet };
  } catch (error) {
    if (!(error instanceof BerthError)) throw error;
    return { stack: undefined, positions: {}, providers: [], services, quiet };
  }
}

/** For `--dry-run`. */
export function tellingLines(telling: Telling, action: 'down' | 'stop'): string[] {
  return toldProviders(telling).map(
    ({ type, service }) => `provider ${type}: ${action} ${service}, after all containers`,
  );
}

function toldProviders({ providers, services }: Telling): readonly Provider[] {
  return providers.filter(({ service }) => services.length === 0 || services.includes(service)).reverse();
}

/** In the reverse order of `up`; all are told, and the first that failed is thrown. */
export async function tellProviders(telling: Telling, action: 'down' | 'stop'): Promise<void> {
  const { stack, positions, quiet } = telling;
  if (!stack) return;
  let failed: { readonly error: unknown } | undefined;
  for (const provider of toldProviders(telling)) {
    try {
      await callProvider({ ...callOf({ stack, positions }, provider, quiet), action });
    } catch (error) {
      failed ??= { error };
    }
  }
  if (failed) throw failed.error;
}
