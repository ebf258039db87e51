/**
 * `include`: what other stack files declare, beside what this one does. Compose Specification, 14-include.
 */

import { dirname, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Findings } from './findings.ts';
import { existsSync, statSync } from './input-files.ts';
import type { Variables } from './interpolate.ts';
import { mergeTrees } from './merge-trees.ts';
import type { OpenFile } from './open-files.ts';
import { readVariables } from './read-variables.ts';
import { isRemote, type RemoteFiles } from './remote-files.ts';
import { withCallersValues } from './resolve-environment.ts';
import { resolvePaths } from './resolve-paths.ts';
import {
  type Entry,
  type MapTree,
  mapValues,
  plainValue,
  scalarText,
  type Tree,
  withEntry,
  withoutEntry,
} from './tree.ts';

export type Including = {
  readonly findings: Findings;
  readonly variables: Variables;
  readonly plain: boolean;
  readonly folder: string;
  readonly chain: readonly string[];
  readonly open: OpenFile;
  readonly remote: RemoteFiles;
};

/** Reads several files as one; given by the caller, which itself needs `include`. */
export type ReadFiles = (files: readonly string[], including: Including) => MapTree | undefined;

export function includeFiles(tree: MapTree, including: Including, read: ReadFiles): MapTree {
  const written = tree.entries.get('include')?.value;
  if (written?.kind !== 'list') return tree;
  const wishes = written.items.map((item, index) => wishOf(item, including, `include[${index}]`));
  /* Of a wrong shape: left in, for the check of shapes to tell. */
  if (wishes.includes(undefined)) return tree;
  return wishes.reduce<MapTree>(
    (into, wish, index) => {
      const at = { place: written.items[index]!.place, path: `include[${index}]` };
      const included = wish && readIncluded(wish, { including, read, at });
      return included ? withImported(into, included, including.findings) : into;
    },
    withoutEntry(tree, 'include'),
  );
}

type At = { readonly place: Tree['place']; readonly path: string };
type Wish = { readonly files: readonly string[]; readonly folder: string; readonly envFiles: readonly string[] };
/** To be fetched first: nothing of it is known yet. */
const LATER: Wish = { files: [], folder: '/', envFiles: [] };

function wishOf(item: Tree, { folder, remote, findings }: Including, path: string): Wish | undefined {
  const map = item.kind === 'map' ? item.entries : new Map<string, Entry>();
  const files = textsOf(item.kind === 'map' ? map.get('path')?.value : item);
  const directory = textsOf(map.get('project_directory')?.value ?? null);
  const envFiles = textsOf(map.get('env_file')?.value ?? null);
  if (!files || files.length === 0 || !directory || !envFiles) return undefined;
  const where = { ...findings.lineAt(item.place), path };
  const paths = files.map((file) => (isRemote(file) ? remote.locate(file, where) : resolve(folder, file)));
  if (!isComplete(paths)) return LATER;
  const from = directory[0] === undefined ? dirname(paths[0]!) : resolve(folder, directory[0]);
  return { files: paths, folder: from, envFiles: envFiles.map((file) => resolve(folder, file)) };
}

function isComplete(paths: readonly (string | undefined)[]): paths is readonly string[] {
  return !paths.includes(undefined);
}

/** A text or a list of such; null is none; undefined when it is something else. */
function textsOf(tree: Tree | null | undefined): string[] | undefined {
  if (tree === null) return [];
  const items = tree?.kind === 'list' ? tree.items : tree ? [tree] : [];
  return tree && items.every((item) => item.kind === 'scalar') ? items.map(scalarText) : undefined;
}

type Context = { readonly including: Including; readonly read: ReadFiles; readonly at: At };

function readIncluded({ files, folder, envFiles }: Wish, { including, read, at }: Context): MapTree | undefined {
  const { findings, chain, variables: outer } = including;
  const report = (message: string, hint?: string) => findings.error(at.place, { message, hint, path: at.path });
  if (files.length === 0) return undefined;
  const missing = [...files, ...envFiles].filter((file) => !existsSync(file) || !statSync(file).isFile());
  for (const file of missing) report(`${file}, which is included, does not exist`);

  const again = files.find((file) => chain.includes(file));
  if (again !== undefined) report(`${again} includes itself`, 'remove one `include`');
  if (missing.length > 0 || again !== undefined) return undefined;
  /* Its own .env is below all that this file knows. */
  const variables = readVariables({ cwd: folder, env: outer, envFiles }, folder, findings);
  const tree = read(files, {
    findings,
    variables,
    plain: including.plain,
    folder,
    chain,
    open: including.open,
    remote: including.remote,
  });
  return tree && withOwn(resolvePaths(tree, { folder, home: variables.HOME }), variables);
}

/** Keys without a value take those of the file's own variables. */
function withOwn(tree: MapTree, variables: Variables): MapTree {
  const services = tree.entries.get('services')?.value;
  if (services?.kind !== 'map') return tree;
  const filled = mapValues(services, (service) =>
    service.kind === 'map' ? withCallersValues(service, variables) : service,
  );
  return withEntry(tree, 'services', filled);
}

const KINDS = ['services', 'networks', 'volumes', 'secrets', 'configs', 'models'];

/** What both declare is merged, the including file over the other; what else the other one says is its own. */
function withImported(into: MapTree, other: MapTree, findings: Findings): MapTree {
  return KINDS.reduce<MapTree>((tree, kind) => {
    const theirs = other.entries.get(kind);
    const ours = tree.entries.get(kind)?.value;
    if (theirs?.value.kind !== 'map') return tree;
    if (ours === undefined) return withEntry(tree, kind, theirs.value, theirs.key);
    if (ours.kind !== 'map') return tree;
    const entries = new Map([...theirs.value.entries, ...ours.entries]);
    for (const [name, { value }] of theirs.value.entries) {
      const own = ours.entries.get(name);
      if (!own || isDeepStrictEqual(plainValue(own.value), plainValue(value))) continue;
      const message = `${kind.slice(0, -1)} ${name} is declared here and in a file that is included: this one wins`;
      findings.warning(own.key, { message, hint: 'rename one, if they are two', path: `${kind}.${name}` });
      entries.set(name, { key: own.key, value: mergeTrees(value, own.value, `${kind}.*`) ?? own.value });
    }
    return withEntry(tree, kind, { ...ours, entries });
  }, into);
}
