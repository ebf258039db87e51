/**
 * Single answers about a model that has been read: names, images, profiles, hashes, places.
 */
import { createHash } from 'node:crypto';
import { BerthError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import type { Model } from './load-model.ts';
import { orderedTree } from './order-keys.ts';
import { profilesOf } from './select-services.ts';
import {
  type MapTree,
  mapTree,
  mapValues,
  placesOf,
  plainValue,
  scalarText,
  scalarTree,
  type Tree,
  valueAt,
  withEntry,
  withoutEntry,
} from './tree.ts';

/** Keys of a kind at the top, sorted. */
export function keysOf({ tree }: Model, kind: 'services' | 'volumes' | 'networks'): string[] {
  const map = valueAt(tree, kind);
  return map?.kind === 'map' ? [...map.entries.keys()].sort() : [];
}

/** Of all services, or of those named and what they need. A service that is built has the stack's and its own name. */
export function imagesOf(model: Pick<Model, 'tree' | 'name'>, names: readonly string[] = []): string[] {
  const tree = names.length > 0 ? onlyServices(model.tree, names) : model.tree;
  return servicesOf(tree).map(([service, value]) => textAt(value, 'image') || `${model.name}-${service}`);
}

/** What the models are, without doubles. */
export function modelsOf({ tree }: Model): string[] {
  const map = valueAt(tree, 'models');
  const models = map?.kind === 'map' ? [...map.entries.values()].map(({ value }) => textAt(value, 'model')) : [];
  return [...new Set(models)].sort();
}

/** Of all services, also of those that are off. */
export function allProfiles({ declared }: Model): string[] {
  return [...new Set(servicesOf(declared).flatMap(([, service]) => profilesOf(service)))].sort();
}

/** Attributes of which a change does not make a container another one. */
const NOT_OF_CONTAINERS = ['build', 'pull_policy', 'scale', 'depends_on', 'profiles'];

/** `SERVICE HASH` of those named, or of all with `*`; USAGE when one is not there. */
export function hashesOf(model: Model, wanted: string): string[] {
  const all = new Map(servicesOf(orderedTree(model.tree)));
  const names = wanted === '*' ? [...all.keys()] : wanted.split(',');
  return names.map((name) => `${name} ${hashOf(serviceNamed(all, name))}`);
}

function serviceNamed(all: ReadonlyMap<string, Tree>, name: string): Tree {
  const service = all.get(name);
  if (service) return service;
  const near = nearest(name, [...all.keys()]);
  throw new BerthError('SERVICE_NOT_FOUND', `there is no service ${name}`, {
    hint: near ? `did you mean ${near}?` : `the services are ${[...all.keys()].join(', ')}`,
  });
}

function hashOf(service: Tree): string {
  const plain = service.kind === 'map' ? NOT_OF_CONTAINERS.reduce<MapTree>(withoutEntry, service) : service;
  return createHash('sha256')
    .update(JSON.stringify(plainValue(plain)))
    .digest('hex');
}

/** As it is printed. */
export function plainTree(tree: MapTree): unknown {
  return plainValue(orderedTree(tree));
}

/** Variables that replace those in the files, sorted. */
export function environmentLines({ variables }: Model): string[] {
  return Object.entries(variables)
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]))
    .sort();
}

/** Each value that is written, with its place: `services.web.image: FILE:LINE:COL`. */
export function placeLines({ tree }: Model, shorten: (file: string) => string): string[] {
  const { values, keys } = placesOf(orderedTree(tree));
  return [...values]
    .filter(([path]) => path !== '')
    .map(([path, value]) => {
      const { file, line, col } = keys.get(path)?.file === value.file ? value : (keys.get(path) ?? value);
      return `${path}: ${shorten(file)}:${line}:${col}`;
    });
}

/** Those named and what they need; SERVICE_NOT_FOUND when one is not there. */
export function onlyServices(tree: MapTree, names: readonly string[]): MapTree {
  const all = new Map(servicesOf(tree));
  const wanted = new Set<string>();
  const add = (name: string) => {
    if (wanted.has(name)) return;
    wanted.add(name);
    const needs = valueAt(serviceNamed(all, name), 'depends_on');
    if (needs?.kind === 'map') [...needs.entries.keys()].filter((needed) => all.has(needed)).forEach(add);
  };
  names.forEach(add);
  const services = valueAt(tree, 'services');
  if (services?.kind !== 'map') return tree;
  return withEntry(
    tree,
    'services',
    mapValues(services, (service, name) => (wanted.has(name) ? service : undefined)),
  );
}

/** Images by name; `imageOf` says what each becomes. */
export function withImages(tree: MapTree, imageOf: (image: string) => string): MapTree {
  const services = valueAt(tree, 'services');
  if (services?.kind !== 'map') return tree;
  const changed = mapValues(services, (service) => {
    const image = valueAt(service, 'image');
    if (service.kind !== 'map' || !image) return service;
    return withEntry(service, 'image', scalarTree(imageOf(scalarText(image)), image.place));
  });
  return withEntry(tree, 'services', changed);
}

/** Services and their images alone, for a file that fixes the images. */
export function imagesOnly(tree: MapTree): unknown {
  const services = servicesOf(tree).flatMap(([name, service]) => {
    const image = textAt(service, 'image');
    return image === '' ? [] : [[name, { image }]];
  });
  return { services: Object.fromEntries(services) as unknown };
}

function servicesOf(tree: MapTree): [string, Tree][] {
  const services = valueAt(tree, 'services') ?? mapTree({}, tree.place);
  if (services.kind !== 'map') return [];
  return [...services.entries]
    .map(([name, { value }]): [string, Tree] => [name, value])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function textAt(tree: Tree, key: string): string {
  const value = valueAt(tree, key);
  return value ? scalarText(value) : '';
}
