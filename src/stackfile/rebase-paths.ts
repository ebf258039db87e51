/**
 * Relative paths of a file from another folder -> absolute ones, before its tree becomes part of another's.
 */
import { resolve } from 'node:path';
import { type Entry, type MapTree, type Tree, withEntry } from './tree.ts';

/** All of a file that is included. */
export function rebaseFile(tree: MapTree, folder: string): MapTree {
  const services = rebaseEntries(tree, 'services', (service) => rebaseService(service, folder));
  const secrets = rebaseEntries(services, 'secrets', (secret) => rebaseKeys(secret, ['file'], folder));
  return rebaseEntries(secrets, 'configs', (config) => rebaseKeys(config, ['file'], folder));
}

function rebaseEntries(tree: MapTree, key: string, rebase: (value: Tree) => Tree): MapTree {
  const value = tree.entries.get(key)?.value;
  if (value?.kind !== 'map') return tree;
  const entries = [...value.entries].map(([name, entry]): [string, Entry] => [
    name,
    { ...entry, value: rebase(entry.value) },
  ]);
  return withEntry(tree, key, { ...value, entries: new Map(entries) });
}

export function rebaseService(service: Tree, folder: string): Tree {
  if (service.kind !== 'map') return service;
  const envFiles = service.entries.get('env_file')?.value;
  const volumes = service.entries.get('volumes')?.value;
  const first = envFiles ? withEntry(service, 'env_file', rebaseEnvFiles(envFiles, folder)) : service;
  if (volumes?.kind !== 'list') return first;
  return withEntry(first, 'volumes', { ...volumes, items: volumes.items.map((item) => rebaseMount(item, folder)) });
}

function rebaseEnvFiles(tree: Tree, folder: string): Tree {
  switch (tree.kind) {
    case 'list':
      return { ...tree, items: tree.items.map((item) => rebaseEnvFiles(item, folder)) };
    case 'map':
      return rebaseKeys(tree, ['path'], folder);
    case 'scalar':
      return rebaseScalar(tree, folder);
  }
}

function rebaseKeys(tree: Tree, keys: readonly string[], folder: string): Tree {
  if (tree.kind !== 'map') return tree;
  return keys.reduce<MapTree>((map, key) => {
    const value = map.entries.get(key)?.value;
    return value ? withEntry(map, key, rebaseScalar(value, folder)) : map;
  }, tree);
}

function rebaseScalar(tree: Tree, folder: string): Tree {
  if (tree.kind !== 'scalar' || typeof tree.value !== 'string' || tree.value.startsWith('~')) return tree;
  return { ...tree, value: resolve(folder, tree.value) };
}

/** Names of volumes stay: a folder begins with a dot. */
function rebaseMount(tree: Tree, folder: string): Tree {
  if (tree.kind === 'map') {
    const type = tree.entries.get('type')?.value;
    return type?.kind === 'scalar' && type.value === 'bind' ? rebaseKeys(tree, ['source'], folder) : tree;
  }
  if (tree.kind !== 'scalar' || typeof tree.value !== 'string' || !tree.value.startsWith('.')) return tree;
  const [source = '', ...rest] = tree.value.split(':');
  return rest.length === 0 ? tree : { ...tree, value: [resolve(folder, source), ...rest].join(':') };
}
