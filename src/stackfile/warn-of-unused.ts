/**
 * Networks, volumes, secrets and configs that the files declare and no service uses, be its profile on or off.
 */
import type { Findings } from './findings.ts';
import { type MapTree, scalarText, type Tree, valueAt } from './tree.ts';

const KINDS = ['networks', 'volumes', 'secrets', 'configs', 'models'] as const;

/** A file without services is for others to use. */
export function warnOfUnused(tree: MapTree, findings: Findings): void {
  const services = valueAt(tree, 'services');
  if (services?.kind !== 'map' || services.entries.size === 0) return;
  const all = [...services.entries.values()].flatMap(({ value }) => [value, valueAt(value, 'build') ?? []].flat());
  for (const kind of KINDS) {
    const used = new Set(all.flatMap((service) => namesUsed(service, kind)));
    const declared = valueAt(tree, kind);
    if (declared?.kind !== 'map') continue;
    for (const [name, { key }] of declared.entries) {
      /* Declared, it says what the implied one is like. */
      if (used.has(name) || (kind === 'networks' && name === 'default')) continue;
      const message = `${kind.slice(0, -1)} ${name} is not used by any service`;
      findings.warning(key, { message, hint: 'remove it, or use it', path: `${kind}.${name}` });
    }
  }
}

function namesUsed(service: Tree, kind: string): string[] {
  const uses = valueAt(service, kind);
  if (uses?.kind === 'map') return [...uses.entries.keys()];
  if (uses?.kind !== 'list') return [];
  return uses.items.map((item) => scalarText(valueAt(item, 'source') ?? item));
}
