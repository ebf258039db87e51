/**
 * Which services of a stack file take part: those without profiles, and those of a profile that is on.
 */
import { type MapTree, mapValues, scalarText, type Tree, valueAt, withEntry, withoutEntry } from './tree.ts';

export type Selection = {
  /** Switched on by name; `*` is all. */
  readonly profiles: readonly string[];
  /** Named on the command line: the profiles of these are on, also for others that have them. */
  readonly services: readonly string[];
};

/** The tree without the services that are off, and without optional dependencies on services that are not there. */
export function selectServices(tree: MapTree, { profiles, services: named }: Selection): MapTree {
  const services = valueAt(tree, 'services');
  if (services?.kind !== 'map') return tree;
  const on = new Set([...profiles, ...named.flatMap((name) => profilesOf(valueAt(services, name)))]);
  const active = mapValues(services, (service) => {
    const own = profilesOf(service);
    return own.length === 0 || on.has('*') || own.some((profile) => on.has(profile)) ? service : undefined;
  });
  const complete = mapValues(active, (service) => withoutOptional(service, active));
  return withEntry(tree, 'services', complete);
}

export function profilesOf(service: Tree | undefined): string[] {
  const profiles = valueAt(service, 'profiles');
  return profiles?.kind === 'list' ? profiles.items.map(scalarText) : [];
}

function withoutOptional(service: Tree, { entries }: MapTree): Tree {
  const needs = valueAt(service, 'depends_on');
  if (service.kind !== 'map' || needs?.kind !== 'map') return service;
  const left = mapValues(needs, (value, name) => {
    const required = valueAt(value, 'required');
    const optional = required?.kind === 'scalar' && required.value === false;
    return entries.has(name) || !optional ? value : undefined;
  });
  if (left.entries.size === needs.entries.size) return service;
  return left.entries.size > 0 ? withEntry(service, 'depends_on', left) : withoutEntry(service, 'depends_on');
}
