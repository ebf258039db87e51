/**
 * env_file and label_file of a service -> its environment and labels; keys without a value take the caller's.
 *
 * Later files win over earlier ones, what the stack file itself says over all
 * of them. Every variable knows where it was written, in whichever file.
 */
import { type DotenvEntry, parseDotenv, parseRaw } from './dotenv.ts';
import type { Findings } from './findings.ts';
import { existsSync, readBounded, statSync } from './input-files.ts';
import type { Variables } from './interpolate.ts';
import {
  type Entry,
  type MapTree,
  mapTree,
  mapValues,
  type Place,
  scalarText,
  scalarTree,
  type Tree,
  valueAt,
  withEntry,
  withoutEntry,
} from './tree.ts';

export type Environment = { readonly variables: Variables; readonly findings: Findings };

/** All services; `keepFiles` leaves the files unread, and named. */
export function resolveEnvironment(services: MapTree, environment: Environment, keepFiles: boolean): MapTree {
  return mapValues(services, (service, name) => {
    if (service.kind !== 'map') return service;
    const named = withCallersValues(service, environment.variables);
    return keepFiles ? named : withFiles(named, environment, `services.${name}`);
  });
}

/** Keys without a value in `environment` and `build.args`. */
export function withCallersValues(service: MapTree, variables: Variables): MapTree {
  const own = changedAt(service, 'environment', (map) => filled(map, variables));
  return changedAt(own, 'build', (build) => changedAt(build, 'args', (map) => filled(map, variables)));
}

function changedAt(tree: MapTree, key: string, change: (map: MapTree) => MapTree): MapTree {
  const value = valueAt(tree, key);
  return value?.kind === 'map' ? withEntry(tree, key, change(value)) : tree;
}

function filled(map: MapTree, variables: Variables): MapTree {
  return mapValues(map, (value, key) => {
    if (value.kind !== 'scalar' || value.value !== null) return value;
    const known = Object.hasOwn(variables, key) ? variables[key] : undefined;
    return known === undefined ? value : { ...value, value: known };
  });
}

function withFiles(service: MapTree, environment: Environment, path: string): MapTree {
  const variables = readAll(envFiles(service), environment, `${path}.env_file`);
  const labels = readAll(labelFiles(service), environment, `${path}.label_file`);
  const withVariables = withBelow(withoutEntry(service, 'env_file'), 'environment', variables);
  return withBelow(withoutEntry(withVariables, 'label_file'), 'labels', labels);
}

/** What is written wins over what the files say; a written key without a value says nothing. */
function withBelow(service: MapTree, key: string, below: ReadonlyMap<string, Entry>): MapTree {
  if (below.size === 0) return service;
  const written = valueAt(service, key);
  const entries = new Map(below);
  const own = written?.kind === 'map' ? written.entries : new Map<string, Entry>();
  for (const [name, entry] of own) entries.set(name, entry);
  const place = written?.place ?? [...below.values()][0]!.key;
  return withEntry(service, key, { ...mapTree({}, place), entries });
}

type File = { readonly at: Tree; readonly required: boolean; readonly raw: boolean };

function envFiles(service: MapTree): File[] {
  return itemsAt(service, 'env_file').map((item) => {
    const at = valueAt(item, 'path') ?? item;
    const required = valueAt(item, 'required');
    const format = valueAt(item, 'format');
    return {
      at,
      required: !(required?.kind === 'scalar' && required.value === false),
      raw: format !== undefined && scalarText(format) === 'raw',
    };
  });
}

function labelFiles(service: MapTree): File[] {
  return itemsAt(service, 'label_file').map((at) => ({ at, required: true, raw: false }));
}

function itemsAt(service: MapTree, key: string): readonly Tree[] {
  const value = valueAt(service, key);
  return value?.kind === 'list' ? value.items : [];
}

function readAll(files: readonly File[], environment: Environment, path: string): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const [index, file] of files.entries()) {
    const known = new Map([...entries].map(([key, { value }]) => [key, scalarText(value)]));
    for (const entry of readOne(file, { ...environment, known }, `${path}[${index}]`)) {
      const value = scalarTree(entry.value, entry.place);
      entries.set(entry.key, { key: entry.place, value });
    }
  }
  return entries;
}

type Reading = Environment & { readonly known: ReadonlyMap<string, string> };
type PlacedEntry = { readonly key: string; readonly value: string; readonly place: Place };

function readOne({ at, required, raw }: File, { variables, findings, known }: Reading, path: string): PlacedEntry[] {
  const file = scalarText(at);
  const fault = (message: string, hint: string) => findings.error(at.place, { message, hint, path });
  if (!existsSync(file)) {
    if (required) fault(`the file ${file} does not exist`, 'make it, or write `required: false` beside its path');
    return [];
  }
  if (!statSync(file).isFile()) {
    fault(`${file} is no file`, 'name a file of KEY=VALUE lines');
    return [];
  }
  const text = readBounded(file);
  if (text === undefined) {
    fault(`${file} is larger than 2 MiB`, 'split it, and name its parts');
    return [];
  }
  findings.addSource(file, text);
  const outer = { ...Object.fromEntries(known), ...variables };
  const { entries, faults } = raw ? { entries: parseRaw(text), faults: [] } : parseDotenv(text, outer);
  for (const { line, message } of faults) findings.error({ file, line, col: 1, width: 1 }, { message, path });
  return entries.map(({ key, value, line }: DotenvEntry) => ({
    key,
    value,
    place: { file, line, col: 1, width: key.length },
  }));
}
