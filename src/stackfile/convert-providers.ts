/**
 * Services that a provider stands for: beside the stack, since no container does.
 */
import { sortByDependency } from '../model/graph.ts';
import type { Provider } from '../model/provider.ts';
import { type Conversion, type Raw, rawOf, textList } from './conversion.ts';

type Named = readonly [name: string, raw: Raw];

/** In the order in which they are asked. */
export function convertProviders(conversion: Conversion, services: readonly Named[]): Provider[] {
  const providers = services.filter(([, raw]) => isProvided(raw));
  const names = new Set(providers.map(([name]) => name));
  if (names.size === 0) return [];
  for (const [name, raw] of services) if (!names.has(name)) refuseSharing(conversion, name, { raw, names });
  const converted = providers.map(([name, raw]) => providerOf(conversion, { name, raw, names }, services));
  return sorted(converted);
}

export function isProvided(raw: Raw): boolean {
  return raw.provider !== undefined && raw.provider !== null;
}

type One = { readonly name: string; readonly raw: Raw; readonly names: ReadonlySet<string> };

function providerOf({ report }: Conversion, { name, raw, names }: One, services: readonly Named[]): Provider {
  const path = `services.${name}`;
  const { type, options } = rawOf(raw.provider);
  if (type === 'compose') report.error(`${path}.provider.type`, '"compose" is no provider', 'name its program');
  const after = Object.keys(rawOf(raw.depends_on));
  for (const other of after.filter((needed) => !names.has(needed))) {
    const message = `service ${name} has a provider, which is asked before any container starts: it can not need ${other}`;
    report.error(`${path}.depends_on.${other}`, message, 'let it depend on other providers only');
  }
  return {
    service: name,
    type: String(type),
    options: Object.fromEntries(Object.entries(rawOf(options)).map(([key, value]) => [key, textList(value)])),
    after: after.filter((needed) => names.has(needed)),
    dependants: services.filter(([, other]) => Object.hasOwn(rawOf(other.depends_on), name)).map(([other]) => other),
    definition: raw,
  };
}

/** Attributes that take something of another service's container. */
const SHARING = {
  network_mode: /^service:/,
  pid: /^service:/,
  ipc: /^service:/,
  links: /^/,
  volumes_from: /^(?!container:)/,
};

type Sharing = Omit<One, 'name'>;

function refuseSharing({ report }: Conversion, service: string, { raw, names }: Sharing): void {
  for (const [key, pattern] of Object.entries(SHARING)) {
    const shared = textList(raw[key]).filter((text) => pattern.test(text));
    const other = shared.map((text) => text.replace(pattern, '').split(':')[0]!).find((name) => names.has(name));
    if (other === undefined) continue;
    const message = `service ${other} has a provider: there is no container for \`${key}\` of ${service}`;
    report.error(`services.${service}.${key}`, message, 'use the variables that it gives to those that depend on it');
  }
}

/** A cycle has been reported already. */
function sorted(providers: readonly Provider[]): Provider[] {
  try {
    return sortByDependency(
      providers.map((provider) => ({ name: provider.service, after: provider.after, provider })),
    ).map((node) => node.provider);
  } catch {
    return [...providers];
  }
}
