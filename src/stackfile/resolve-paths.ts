/**
 * Relative paths -> absolute ones, in short forms as well as in long ones.
 *
 * Done for each file from another folder before its tree becomes part of
 * another's, and for the rest at the end.
 */

import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { realpathSync } from './input-files.ts';
import { isPath, parseShortVolume } from './short-volume.ts';
import {
  type ListTree,
  type MapTree,
  mapValues,
  scalarText,
  scalarTree,
  type Tree,
  valueAt,
  withEntry,
} from './tree.ts';

/** What relative paths start from, and what `~` is. */
export type PathBase = { readonly folder: string; readonly home: string | undefined };

type Change = (tree: Tree) => Tree;

export function resolvePaths(tree: MapTree, base: PathBase): MapTree {
  const file: Change = (item) => at(item, 'file', (path) => scalar(path, base));
  return [
    changes('services', (service) => resolveServicePaths(service, base)),
    changes('secrets', file),
    changes('configs', file),
    changes('volumes', (volume) => volumePaths(volume, base)),
  ].reduce((all, change) => change(all), tree);
}

function changes(key: string, change: Change): (tree: MapTree) => MapTree {
  return (tree) => {
    const value = valueAt(tree, key);
    return value?.kind === 'map' ? withEntry(tree, key, mapValues(value, change)) : tree;
  };
}

/** Those of one service. */
export function resolveServicePaths(service: Tree, base: PathBase): Tree {
  const path: Change = (tree) => scalar(tree, base);
  const steps: readonly [string, Change][] = [
    ['build', (build) => buildPaths(build, base)],
    ['env_file', (files) => each(files, (item) => (item.kind === 'map' ? at(item, 'path', path) : path(item)))],
    ['label_file', (files) => each(files, path)],
    ['extends', (extended) => (extended.kind === 'map' ? at(extended, 'file', path) : extended)],
    ['volumes', (volumes) => each(volumes, (item) => mountPath(item, base))],
    ['develop', (develop) => at(develop, 'watch', (watch) => each(watch, (rule) => at(rule, 'path', real(path))))],
  ];
  return steps.reduce<Tree>((tree, [key, change]) => at(tree, key, change), service);
}

function at(tree: Tree, key: string, change: Change): Tree {
  const value = valueAt(tree, key);
  return tree.kind === 'map' && value ? withEntry(tree, key, change(value)) : tree;
}

/** All items of a list, or the value alone. */
function each(tree: Tree, change: Change): Tree {
  return tree.kind === 'list' ? ({ ...tree, items: tree.items.map(change) } satisfies ListTree) : change(tree);
}

function scalar(tree: Tree, { folder, home }: PathBase): Tree {
  if (tree.kind !== 'scalar' || typeof tree.value !== 'string' || tree.value === '') return tree;
  return { ...tree, value: absolute(tree.value, { folder, home }) };
}

/** An absolute one stays as it is written, also one of Windows. */
function absolute(path: string, { folder, home }: PathBase): string {
  const expanded = path === '~' || path.startsWith('~/') ? join(home || homedir(), path.slice(1)) : path;
  return isAbsolute(expanded) || /^([a-zA-Z]:[\\/]|\\\\)/.test(expanded) ? expanded : resolve(folder, expanded);
}

/** What is watched is what a link leads to. */
function real(change: Change): Change {
  return (tree) => {
    const changed = change(tree);
    try {
      return scalarTree(realpathSync(scalarText(changed)), changed.place);
    } catch {
      return changed;
    }
  };
}

/** URLs, remote repositories and contexts of other kinds are no paths. */
function contextPath(tree: Tree, base: PathBase): Tree {
  const text = scalarText(tree);
  const remote = /:\/\/|^(service:|github\.com\/|git@)/.test(text);
  return remote ? tree : scalar(tree, base);
}

function buildPaths(build: Tree, base: PathBase): Tree {
  if (build.kind === 'scalar') return contextPath(build, base);
  if (build.kind !== 'map') return build;
  const place = build.place;
  const withContext = build.entries.has('context') ? build : withEntry(build, 'context', scalarTree('.', place));
  const contexts = at(withContext, 'context', (context) => contextPath(context, base));
  const named = at(contexts, 'additional_contexts', (more) => keyed(more, (context) => contextPath(context, base)));
  return at(named, 'ssh', (keys) => keyed(keys, (key) => scalar(key, base)));
}

/** Values of a map, or of KEY=VALUE items. */
function keyed(tree: Tree, change: Change): Tree {
  if (tree.kind === 'map') return mapValues(tree, change);
  if (tree.kind !== 'list') return tree;
  const items = tree.items.map((item) => {
    const [, key, value] = /^([^=]*)=(.*)$/s.exec(scalarText(item)) ?? [];
    return value === undefined
      ? item
      : scalarTree(`${key}=${scalarText(change(scalarTree(value, item.place)))}`, item.place);
  });
  return { ...tree, items };
}

/** Names of volumes stay: a folder begins with a dot, a slash or a tilde. */
function mountPath(item: Tree, base: PathBase): Tree {
  if (item.kind === 'map') {
    const type = valueAt(item, 'type');
    return type && scalarText(type) === 'bind' ? at(item, 'source', (source) => scalar(source, base)) : item;
  }
  const text = scalarText(item);
  const short = parseShortVolume(text);
  if (typeof short === 'string' || short.source === undefined || !isPath(short.source)) return item;
  return scalarTree(`${absolute(short.source, base)}${text.slice(short.source.length)}`, item.place);
}

/** A volume that is a bind mount in truth. */
function volumePaths(volume: Tree, base: PathBase): Tree {
  const options = valueAt(volume, 'driver_opts');
  const [driver, o] = [valueAt(volume, 'driver'), valueAt(options, 'o')];
  if (!driver || scalarText(driver) !== 'local' || !o || scalarText(o) !== 'bind') return volume;
  return at(volume, 'driver_opts', (map) => at(map, 'device', (device) => scalar(device, base)));
}
