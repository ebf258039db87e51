/**
 * One service in canonical form: the attributes that have a short form of their own.
 */
import type { Canonizing } from './canonical.ts';
import { canonicalMounts } from './canonical-mounts.ts';
import { canonicalPorts } from './canonical-ports.ts';
import {
  type Entry,
  isNull,
  listTree,
  type MapTree,
  mapTree,
  mapValues,
  type Scalar,
  scalarText,
  scalarTree,
  type Tree,
  valueAt,
  withEntry,
} from './tree.ts';

export type Place = { readonly path: string; readonly canonizing: Canonizing };
type Change = (value: Tree, place: Place) => Tree | undefined;

const CHANGES: Readonly<Record<string, Change>> = {
  build: canonicalBuild,
  configs: (value) => itemsOf(value, fileUse),
  depends_on: canonicalDependencies,
  deploy: canonicalDeploy,
  devices: (value) => itemsOf(value, device),
  env_file: canonicalEnvFiles,
  gpus: canonicalGpus,
  models: (value) => keyedMap(value, () => scalarTree(null, value.place)),
  networks: (value) => keyedMap(value, (item) => scalarTree(null, item.place)),
  ports: canonicalPorts,
  provider: canonicalProvider,
  secrets: (value) => itemsOf(value, fileUse),
  volumes: canonicalMounts,
};

export function canonicalService(service: Tree, path: string, canonizing: Canonizing): Tree {
  if (service.kind !== 'map') return service;
  return mapValues(service, (value, key) => {
    const change = Object.hasOwn(CHANGES, key) ? CHANGES[key] : undefined;
    return change ? change(value, { path: `${path}.${key}`, canonizing }) : value;
  });
}

function itemsOf(tree: Tree, change: (item: Tree) => Tree): Tree {
  return tree.kind === 'list' ? { ...tree, items: tree.items.map(change) } : tree;
}

/** A list of names as a map of them. */
function keyedMap(tree: Tree, change: (item: Tree) => Tree): Tree {
  if (tree.kind !== 'list') return tree;
  const entries = new Map(
    tree.items.map((item): [string, Entry] => [scalarText(item), { key: item.place, value: change(item) }]),
  );
  return { kind: 'map', entries, place: tree.place };
}

function withDefault(tree: MapTree, key: string, value: Scalar): MapTree {
  return tree.entries.has(key) ? tree : withEntry(tree, key, scalarTree(value, tree.place));
}

function canonicalDependencies(tree: Tree): Tree {
  const map = keyedMap(tree, (item) => mapTree({ condition: scalarTree('service_started', item.place) }, item.place));
  return map.kind === 'map'
    ? mapValues(map, (value) => (value.kind === 'map' ? withDefault(value, 'required', true) : value))
    : map;
}

function canonicalEnvFiles(tree: Tree): Tree {
  const list = tree.kind === 'scalar' ? listTree([tree], tree.place) : tree;
  return itemsOf(list, (item) => {
    const map = item.kind === 'scalar' ? mapTree({ path: item }, item.place) : item;
    return map.kind === 'map' ? withDefault(map, 'required', true) : map;
  });
}

/** A secret or config by its name. */
function fileUse(item: Tree): Tree {
  return item.kind === 'scalar' ? mapTree({ source: item }, item.place) : item;
}

function device(item: Tree): Tree {
  if (item.kind !== 'scalar') return item;
  const [source = '', target = source, permissions = 'rwm'] = scalarText(item).split(':');
  const text = (value: string) => scalarTree(value, item.place);
  return mapTree({ source: text(source), target: text(target), permissions: text(permissions) }, item.place);
}

function canonicalBuild(tree: Tree): Tree {
  if (tree.kind === 'scalar') return mapTree({ context: tree }, tree.place);
  if (tree.kind !== 'map') return tree;
  return mapValues(tree, (value, key) => {
    if (key === 'secrets') return itemsOf(value, fileUse);
    return key === 'ssh' ? canonicalKeys(value) : value;
  });
}

/** `default`, or `ID: PATH`. */
function canonicalKeys(tree: Tree): Tree {
  if (tree.kind !== 'map') return tree;
  const items = [...tree.entries].map(([id, { value }]) =>
    scalarTree(isNull(value) ? id : `${id}: ${scalarText(value)}`, value.place),
  );
  return listTree(items, tree.place);
}

function canonicalDeploy(tree: Tree): Tree {
  const resources = valueAt(tree, 'resources');
  const reservations = valueAt(resources, 'reservations');
  const devices = valueAt(reservations, 'devices');
  if (tree.kind !== 'map' || resources?.kind !== 'map' || reservations?.kind !== 'map' || !devices) return tree;
  const withDevices = withEntry(reservations, 'devices', itemsOf(devices, deviceRequest));
  return withEntry(tree, 'resources', withEntry(resources, 'reservations', withDevices));
}

/** All of them is -1, and what is meant when neither a number nor names are given. */
function deviceRequest(item: Tree): Tree {
  if (item.kind !== 'map') return item;
  const count = valueAt(item, 'count');
  if (count) {
    const all = count.kind === 'scalar' && count.value === 'all';
    return withEntry(item, 'count', all ? scalarTree(-1, count.place) : asNumber(count));
  }
  return item.entries.has('device_ids') ? item : withEntry(item, 'count', scalarTree(-1, item.place));
}

function asNumber(tree: Tree): Tree {
  return tree.kind === 'scalar' && typeof tree.value === 'string' ? { ...tree, value: Number(tree.value) } : tree;
}

function canonicalGpus(tree: Tree): Tree {
  if (tree.kind !== 'scalar') return itemsOf(tree, deviceRequest);
  return listTree([mapTree({ count: scalarTree(-1, tree.place) }, tree.place)], tree.place);
}

/** Each option is a list of its values. */
function canonicalProvider(tree: Tree): Tree {
  const options = valueAt(tree, 'options');
  if (tree.kind !== 'map' || options?.kind !== 'map') return tree;
  const text = (item: Tree): Tree => (item.kind === 'scalar' ? { ...item, value: String(item.value) } : item);
  const lists = mapValues(options, (value) =>
    value.kind === 'list' ? itemsOf(value, text) : listTree([text(value)], value.place),
  );
  return withEntry(tree, 'options', lists);
}
