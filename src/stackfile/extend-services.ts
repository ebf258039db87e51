/**
 * `extends`: a service on top of another one, of the same file or of another. Compose Specification, 05-services.
 */

import { dirname, resolve } from 'node:path';
import { nearest } from '../base/nearest.ts';
import type { Findings } from './findings.ts';
import { existsSync, statSync } from './input-files.ts';
import type { Variables } from './interpolate.ts';
import { mergeTrees } from './merge-trees.ts';
import { isRemote, type RemoteFiles } from './remote-files.ts';
import { resolveServicePaths } from './resolve-paths.ts';
import { entriesAt, type MapTree, scalarText, type Tree, withEntry, withoutEntry } from './tree.ts';

export type SourceFile = {
  readonly file: string;
  /** What its relative paths start from. */
  readonly folder: string;
  readonly tree: MapTree;
};

export type ExtendContext = {
  readonly findings: Findings;
  readonly variables: Variables;
  readonly remote: RemoteFiles;
};

type Extending = ExtendContext & {
  /** What services have become, by file and name. */
  readonly done: Map<string, Tree | undefined>;
  readonly open: (path: string) => MapTree | undefined;
};

/** `open` reads another file, without following its own `extends`. */
export function extendServices(source: SourceFile, context: ExtendContext, open: Extending['open']): MapTree {
  const extending = { ...context, open, done: new Map() };
  const services = source.tree.entries.get('services')?.value;
  if (services?.kind !== 'map') return source.tree;
  const entries = [...services.entries].map(([name, entry]) => {
    const value = extendedService({ source, name, chain: [] }, extending);
    return [name, { ...entry, value: value ?? entry.value }] as const;
  });
  return withEntry(source.tree, 'services', { ...services, entries: new Map(entries) });
}

type Use = { readonly source: SourceFile; readonly name: string; readonly chain: readonly string[] };

/** undefined when there is no such service. */
function extendedService(use: Use, extending: Extending): Tree | undefined {
  const key = `${use.source.file} ${use.name}`;
  if (!extending.done.has(key)) extending.done.set(key, extendService(use, extending));
  return extending.done.get(key);
}

function extendService({ source, name, chain }: Use, extending: Extending): Tree | undefined {
  const service = entriesAt(source.tree, 'services')?.get(name)?.value;
  if (service?.kind !== 'map') return service;
  const written = service.entries.get('extends')?.value;
  const wish = written && wishOf(written);
  /* Of a wrong shape: left in, for the check of shapes to tell. */
  if (!written || !wish) return service;
  const own = withoutEntry(service, 'extends');
  const base = baseOf({ source, name, chain }, { ...wish, written }, extending);
  const merged = base && mergeTrees(base, own, 'services.*');
  /* Without its base it keeps `extends`, so that what it lacks is not told as well. */
  return merged ? { ...merged, place: service.place } : service;
}

type Wish = { readonly service: string; readonly file: string | undefined };

function wishOf(written: Tree): Wish | undefined {
  if (written.kind === 'scalar') return { service: scalarText(written), file: undefined };
  if (written.kind !== 'map') return undefined;
  const [service, file] = [written.entries.get('service')?.value, written.entries.get('file')?.value];
  if (service?.kind !== 'scalar' || (file && file.kind !== 'scalar')) return undefined;
  return { service: scalarText(service), file: file && scalarText(file) };
}

function baseOf(use: Use, wish: Wish & { readonly written: Tree }, extending: Extending): Tree | undefined {
  const { source, name, chain } = use;
  const here = [...chain, `${source.file} ${name}`];
  const report = (message: string, hint?: string) =>
    extending.findings.error(wish.written.place, { message, hint, path: `services.${name}.extends` });
  const path = fileOf(use, wish, extending);
  if (path === undefined) return undefined;
  const other = path === source.file ? source : openOther(path, extending);
  if (other === 'missing') report(`the file ${path}, which service ${name} extends, does not exist`);
  if (!other || other === 'missing') return undefined;
  if (here.includes(`${path} ${wish.service}`)) {
    report(`service ${name} extends itself, by way of ${wish.service}`, 'remove one `extends`');
    return undefined;
  }
  const services = entriesAt(other.tree, 'services');
  if (!services?.has(wish.service)) {
    const near = nearest(wish.service, [...(services?.keys() ?? [])]);
    report(`there is no service ${wish.service} to extend in ${path}`, near && `did you mean ${near}?`);
  }
  const base = extendedService({ source: other, name: wish.service, chain: here }, extending);
  const home = extending.variables.HOME;
  return base && other !== source ? resolveServicePaths(base, { folder: other.folder, home }) : base;
}

/** undefined: to be fetched first. */
function fileOf({ source, name }: Use, wish: Wish & { readonly written: Tree }, extending: Extending) {
  if (wish.file === undefined) return source.file;
  if (!isRemote(wish.file)) return resolve(source.folder, wish.file);
  const where = { ...extending.findings.lineAt(wish.written.place), path: `services.${name}.extends` };
  return extending.remote.locate(wish.file, where);
}

/** undefined: it has faults, which have been told. */
function openOther(path: string, { open }: Extending): SourceFile | 'missing' | undefined {
  if (!existsSync(path) || !statSync(path).isFile()) return 'missing';
  const tree = open(path);
  return tree && { file: path, folder: dirname(path), tree };
}
