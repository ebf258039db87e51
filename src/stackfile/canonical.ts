/**
 * A checked tree -> its canonical form: every short form long, every value of its own type, nothing added.
 *
 * All places stay: what a short form said is where the short form is written.
 */
import { canonicalService } from './canonical-service.ts';
import { canonicalValue } from './canonical-values.ts';
import type { Report } from './findings.ts';
import { stack } from './stack-shape.ts';
import {
  isNull,
  type MapTree,
  mapTree,
  mapValues,
  scalarTree,
  type Tree,
  valueAt,
  withEntry,
  withoutEntry,
} from './tree.ts';

export type Canonizing = {
  /** Faults of short forms. */
  readonly report: Report;
  /** Variables have not been replaced: a short form that they are part of stays. */
  readonly variablesLeft?: boolean;
  /** How many mappings of ports there are so far: ranges can be long. */
  readonly ports: { count: number };
};

export function canonicalTree(tree: MapTree, canonizing: Canonizing): MapTree {
  const values = canonicalValue(tree, stack) as MapTree;
  const withServices = changedAt(values, 'services', (service, name) =>
    canonicalService(service, `services.${name}`, canonizing),
  );
  const plain = ['version', 'include'].reduce(withoutEntry, withServices);
  return ['networks', 'volumes', 'secrets', 'configs'].reduce(
    (all, kind) => changedAt(all, kind, (item) => (item.kind === 'map' ? withExternal(item) : emptyMap(item))),
    plain,
  );
}

function changedAt(tree: MapTree, key: string, change: (value: Tree, name: string) => Tree): MapTree {
  const value = valueAt(tree, key);
  return value?.kind === 'map' ? withEntry(tree, key, mapValues(value, change)) : tree;
}

/** Declared with nothing said about it. */
function emptyMap(tree: Tree): Tree {
  return isNull(tree) ? mapTree({}, tree.place) : tree;
}

/** `external: {name: X}` is the old form of `external: true` beside `name: X`. */
function withExternal(tree: MapTree): MapTree {
  const external = valueAt(tree, 'external');
  if (external?.kind !== 'map') return tree;
  const flagged = withEntry(tree, 'external', scalarTree(true, external.place));
  const name = valueAt(external, 'name');
  return name && !tree.entries.has('name') ? withEntry(flagged, 'name', name) : flagged;
}
