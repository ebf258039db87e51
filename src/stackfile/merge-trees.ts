/**
 * Several stack files -> one: later files override earlier ones.
 *
 * Pure. Maps are merged, lists appended, with what the Compose Specification
 * (13, merge) says differently: commands are replaced, mappings written as
 * lists are merged by key, mounts by target, ports by what they publish.
 */
import { type Entry, type MapTree, type Scalar, scalarText, type Tree } from './tree.ts';

/** `path` is dotted, with `*` for names people choose. */
export function mergeTrees(base: Tree | undefined, over: Tree, path = ''): Tree | undefined {
  if (over.tag === 'reset') return undefined;
  if (base === undefined || over.tag === 'override' || isReplaced(path)) return withoutTags(over);
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

function isReplaced(path: string): boolean {
  return REPLACED.has(path);
}

/** Attributes that may be written as a map or as a list of KEY=VALUE. */
const MAPPINGS = new Set(
  ['environment', 'labels', 'annotations', 'sysctls', 'deploy.labels', 'build.args', 'build.labels'].map(
    (name) => `services.*.${name}`,
  ),
);

/** Attributes that may be a map, or a list of its keys. */
const KEY_LISTS: Readonly<Record<string, string | undefined>> = {
  'services.*.depends_on': 'service_started',
  'services.*.networks': undefined,
};

/** Attributes that may be one value or a list of such. */
const VALUE_LISTS = new Set(
  ['env_file', 'tmpfs', 'dns', 'dns_search', 'label_file'].map((name) => `services.*.${name}`),
);

function sameShape(base: Tree, over: Tree, path: string): [Tree, Tree] {
  if (MAPPINGS.has(path) || path.endsWith('.labels')) return [asMapping(base), asMapping(over)];
  if (path === 'services.*.extra_hosts') return [asHostList(base), asHostList(over)];
  if (Object.hasOwn(KEY_LISTS, path)) return [asKeyedMap(base, path), asKeyedMap(over, path)];
  if (VALUE_LISTS.has(path)) return [asList(base), asList(over)];
  return [base, over];
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
    const inner = condition === undefined ? scalar(null) : mapTree([['condition', scalar(condition)]], item);
    return [item.kind === 'scalar' ? String(item.value) : '', { key: item.place, value: inner }];
  });
  return { kind: 'map', entries: new Map(entries), place: tree.place };
}

function mapTree(entries: readonly (readonly [string, Tree])[], at: Tree): Tree {
  return {
    kind: 'map',
    entries: new Map(entries.map(([key, value]) => [key, { key: at.place, value }])),
    place: at.place,
  };
}

function asList(tree: Tree): Tree {
  return tree.kind === 'list'
    ? tree
    : { kind: 'list', items: tree.kind === 'scalar' && tree.value === null ? [] : [tree], place: tree.place };
}

function mergeLists(base: readonly Tree[], over: readonly Tree[], path: string): Tree[] {
  const identity = IDENTITIES[path.replace(/^services\.\*\./, '')] ?? ((tree: Tree) => JSON.stringify(valueText(tree)));
  const merged = new Map<string, Tree>();
  for (const tree of [...base, ...over]) merged.set(identity(tree), withoutTags(tree));
  return [...merged.values()];
}

const IDENTITIES: Readonly<Record<string, (tree: Tree) => string>> = {
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
  const parts = text.split(':');
  return (parts.length > 1 ? parts[1]! : parts[0]!).replace(/\/+$/, '');
}

function textOf(tree: MapTree, key: string): string {
  const value = tree.entries.get(key)?.value;
  return value ? scalarText(value) : '';
}

function valueText(tree: Tree): unknown {
  if (tree.kind === 'scalar') return tree.value;
  if (tree.kind === 'list') return tree.items.map(valueText);
  return [...tree.entries].map(([key, { value }]) => [key, valueText(value)]).sort();
}

/** What `!reset` and `!override` said has been done. */
function withoutTags(tree: Tree): Tree {
  const { tag: _, ...rest } = tree;
  if (rest.kind === 'list')
    return { ...rest, items: rest.items.filter((item) => item.tag !== 'reset').map(withoutTags) };
  if (rest.kind !== 'map') return rest;
  const entries = [...rest.entries]
    .filter(([, { value }]) => value.tag !== 'reset')
    .map(([key, entry]): [string, Entry] => [key, { ...entry, value: withoutTags(entry.value) }]);
  return { ...rest, entries: new Map(entries) };
}
