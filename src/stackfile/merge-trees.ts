/**
 * Several stack files -> one: later files override earlier ones.
 *
 * Pure. Maps are merged, lists appended, with what the Compose Specification
 * (13, merge) says differently: commands are replaced, mappings written as
 * lists are merged by key, mounts by target, ports by what they publish.
 */
import { parseShortVolume } from './short-volume.ts';
import {
  type Entry,
  type MapTree,
  mapItems,
  mapTree,
  mapValues,
  type Scalar,
  scalarText,
  type Tree,
  valueAt,
  withEntry,
} from './tree.ts';

/** `path` is dotted, with `*` for names people choose. */
export function mergeTrees(base: Tree | undefined, over: Tree, path = ''): Tree | undefined {
  if (over.tag === 'reset') return undefined;
  if (base === undefined || over.tag === 'override' || isReplaced(path)) return withoutTags(over);
  if (path === 'services.*.logging' && differentDrivers(base, over)) return withoutTags(over);
  const [left, right] = sameShape(base, over, path);
  if (left.kind === 'map' && right.kind === 'map') return mergeMaps(left, right, path);
  if (left.kind === 'list' && right.kind === 'list')
    return { ...right, items: mergeLists(left.items, right.items, path) };
  if (right.kind === 'scalar' && right.value === null && left.kind !== 'scalar') return left;
  return withoutTags(right);
}

function mergeMaps(base: MapTree, over: MapTree, path: string): MapTree {
  const entries = new Map<string, Entry>(base.entries);
  for (const [key, { key: place, value }] of over.entries) {
    const merged = mergeTrees(entries.get(key)?.value, value, childPath(path, key));
    if (merged) entries.set(key, { key: place, value: merged });
    else entries.delete(key);
  }
  return { ...base, entries };
}

/** Names of services, networks and volumes do not matter for the rules. */
function childPath(path: string, key: string): string {
  if (path === '') return key;
  return /^(services|networks|volumes|configs|secrets)$/.test(path) ? `${path}.*` : `${path}.${key}`;
}

const REPLACED = new Set(['command', 'entrypoint', 'healthcheck.test'].map((name) => `services.*.${name}`));

/** A limit is one thing; what people add themselves (x-) is theirs. */
function isReplaced(path: string): boolean {
  return REPLACED.has(path) || /^services\.\*\.(build\.)?ulimits\.[^.]+$/.test(path) || /(^|\.)x-[^.]*$/.test(path);
}

/** The options of one driver mean nothing to another. */
function differentDrivers(base: Tree, over: Tree): boolean {
  const [one, other] = [valueAt(base, 'driver'), valueAt(over, 'driver')];
  return one !== undefined && other !== undefined && scalarText(one) !== scalarText(other);
}

/** Attributes that may be written as a map or as a list of KEY=VALUE. */
const MAPPINGS = new Set(
  ['environment', 'labels', 'annotations', 'sysctls', 'deploy.labels']
    .concat(['build.args', 'build.labels', 'build.additional_contexts'])
    .map((name) => `services.*.${name}`),
);

/** Attributes that may be a map, or a list of its keys. */
const KEY_LISTS: Readonly<Record<string, string | undefined>> = {
  'services.*.depends_on': 'service_started',
  'services.*.networks': undefined,
  'services.*.models': undefined,
};

/** Attributes that may be one value or a list of such. */
const VALUE_LISTS = new Set(
  ['env_file', 'tmpfs', 'dns', 'dns_search', 'label_file'].map((name) => `services.*.${name}`),
);

function sameShape(base: Tree, over: Tree, path: string): [Tree, Tree] {
  if (MAPPINGS.has(path) || path.endsWith('.labels')) return [asMapping(base), asMapping(over)];
  if (path === 'services.*.build') return [asBuild(base), asBuild(over)];
  if (/^services\.\*\.(build\.)?extra_hosts$/.test(path)) return [asHostList(base), asHostList(over)];
  if (Object.hasOwn(KEY_LISTS, path)) return [asKeyedMap(base, path), asKeyedMap(over, path)];
  if (VALUE_LISTS.has(path)) return [asList(base), asList(over)];
  return [base, over];
}

/** The folder alone is the context. */
function asBuild(tree: Tree): Tree {
  return tree.kind === 'scalar' && tree.value !== null ? mapTree({ context: tree }, tree.place) : tree;
}

/** Names with several addresses are told from one another by both. */
function asHostList(tree: Tree): Tree {
  if (tree.kind === 'scalar') return tree;
  const host = (text: string, { place }: Tree): Tree => ({ kind: 'scalar', value: text, place });
  const items =
    tree.kind === 'list'
      ? tree.items.map((item) => (item.kind === 'scalar' ? host(scalarText(item).replace(/[=:]/, '='), item) : item))
      : [...tree.entries].flatMap(([name, { value }]) =>
          (value.kind === 'list' ? value.items : [value]).map((item) => host(`${name}=${scalarText(item)}`, item)),
        );
  return { kind: 'list', items, place: tree.place };
}

function asMapping(tree: Tree): Tree {
  if (tree.kind !== 'list') return tree;
  const entries = tree.items.map((item): [string, Entry] => {
    const text = item.kind === 'scalar' ? String(item.value ?? '') : '';
    const at = text.indexOf('=');
    const value: Scalar = at < 0 ? null : text.slice(at + 1);
    return [
      at < 0 ? text : text.slice(0, at),
      { key: item.place, value: { kind: 'scalar', value, place: item.place } },
    ];
  });
  return { kind: 'map', entries: new Map(entries), place: tree.place };
}

function asKeyedMap(tree: Tree, path: string): Tree {
  if (tree.kind !== 'list') return tree;
  const condition = KEY_LISTS[path];
  const entries = tree.items.map((item): [string, Entry] => {
    const scalar = (value: Scalar): Tree => ({ kind: 'scalar', value, place: item.place });
    const inner = condition === undefined ? scalar(null) : mapTree({ condition: scalar(condition) }, item.place);
    return [item.kind === 'scalar' ? String(item.value) : '', { key: item.place, value: inner }];
  });
  return { kind: 'map', entries: new Map(entries), place: tree.place };
}

function asList(tree: Tree): Tree {
  return tree.kind === 'list'
    ? tree
    : { kind: 'list', items: tree.kind === 'scalar' && tree.value === null ? [] : [tree], place: tree.place };
}

/** Of things with one identity the later one, in the place of the earlier one. */
function mergeLists(base: readonly Tree[], over: readonly Tree[], path: string): Tree[] {
  const identity = identityAt(path);
  const merged = new Map<string | symbol, Tree>();
  for (const tree of [...base, ...over]) merged.set(identity(tree) ?? Symbol(), withoutTags(tree));
  return [...merged.values()];
}

/** undefined: it is nothing but itself. */
type Identity = (tree: Tree) => string | undefined;

function identityAt(path: string): Identity {
  if (/^networks\.\*\.ipam\.config$/.test(path))
    return (tree) => (tree.kind === 'map' ? textOf(tree, 'subnet') : undefined);
  const key = path.replace(/^services\.\*\./, '').replace(/^build\.secrets$/, 'secrets');
  if (Object.hasOwn(IDENTITIES, key)) return IDENTITIES[key]!;
  return (tree) => (tree.kind === 'scalar' ? JSON.stringify(tree.value) : undefined);
}

/** Lists of a single file in which a later item stands for an earlier one. */
export function uniqueItems(tree: MapTree): MapTree {
  const services = tree.entries.get('services')?.value;
  if (services?.kind !== 'map') return tree;
  const unique = mapValues(services, (service) => {
    if (service.kind !== 'map') return service;
    return mapValues(service, (value, key) => {
      if (value.kind !== 'list' || value.items.length < 2 || !UNIQUE.has(key)) return value;
      const items = mergeLists([], value.items, `services.*.${key}`);
      return items.length === value.items.length ? value : { ...value, items };
    });
  });
  return withEntry(tree, 'services', unique);
}

const UNIQUE = new Set(
  ['cap_add', 'cap_drop', 'configs', 'devices', 'dns', 'dns_opt', 'dns_search', 'expose', 'links', 'profiles'].concat([
    'secrets',
    'security_opt',
    'tmpfs',
    'volumes',
    'group_add',
    'volumes_from',
    'external_links',
    'env_file',
    'device_cgroup_rules',
  ]),
);

const IDENTITIES: Readonly<Record<string, Identity>> = {
  env_file: (tree) => (tree.kind === 'map' ? textOf(tree, 'path') : scalarText(tree)),
  expose: scalarText,
  volumes: (tree) => (tree.kind === 'map' ? textOf(tree, 'target') : targetOfShort(scalarText(tree))),
  devices: (tree) =>
    tree.kind === 'map' ? textOf(tree, 'target') : (scalarText(tree).split(':')[1] ?? scalarText(tree)),
  secrets: (tree) => fileTarget(tree, '/run/secrets/'),
  configs: (tree) => fileTarget(tree, '/'),
};

/** Where the file will be: what two uses can not share. */
function fileTarget(tree: Tree, folder: string): string {
  const name = tree.kind === 'map' ? textOf(tree, 'target') || textOf(tree, 'source') : scalarText(tree);
  return name.startsWith('/') ? name : `${folder}${name}`;
}

function targetOfShort(text: string): string {
  const short = parseShortVolume(text);
  return (typeof short === 'string' ? text : short.target).replace(/(.)\/+$/, '$1');
}

function textOf(tree: MapTree, key: string): string {
  const value = tree.entries.get(key)?.value;
  return value ? scalarText(value) : '';
}

/** What `!reset` and `!override` said has been done. */
function withoutTags(tree: Tree): Tree {
  const { tag, ...rest } = tree;
  const bare = tag === undefined ? tree : rest;
  const left = (inner: Tree) => (inner.tag === 'reset' ? undefined : withoutTags(inner));
  if (bare.kind === 'list') return mapItems(bare, left);
  return bare.kind === 'map' ? mapValues(bare, left) : bare;
}
