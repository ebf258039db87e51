/**
 * Stack files -> their canonical tree: find, read, interpolate, include and extend, merge, validate, canonical, defaults.
 *
 * Every value of the tree knows where it was written. Every fault of every
 * file is told in one run. What berth itself thinks of the file comes later
 * (load-stack.ts): this is what any implementation of the specification reads.
 */
import { canonicalTree } from './canonical.ts';
import { checkConsistency } from './check-consistency.ts';
import { checkRules } from './check-rules.ts';
import { type FoundFiles, findFiles } from './find-files.ts';
import { collectFindings, type Findings, type Report, reportAt } from './findings.ts';
import type { Variables } from './interpolate.ts';
import { nameOf } from './name-of-stack.ts';
import { normalizeTree } from './normalize.ts';
import { omitEmpty } from './omit-empty.ts';
import { FLAGS_FILE, openFiles } from './open-files.ts';
import { readMerged } from './read-tree.ts';
import { readVariables } from './read-variables.ts';
import { remoteFiles, type Sources } from './remote-files.ts';
import { resolveEnvironment } from './resolve-environment.ts';
import { resolvePaths } from './resolve-paths.ts';
import { selectServices } from './select-services.ts';
import { stack as stackShape } from './stack-shape.ts';
import { type MapTree, mapTree, valueAt, withEntry } from './tree.ts';
import { validate } from './validate.ts';
import { warnOfUnused } from './warn-of-unused.ts';

export type ModelRequest = {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `-f`, in order; empty: looked up in `cwd` and above. */
  readonly files: readonly string[];
  readonly projectDir?: string;
  readonly projectName?: string;
  readonly profiles: readonly string[];
  /** Instead of `.env`. */
  readonly envFiles: readonly string[];
  /** Named on the command line: their profiles are switched on. */
  readonly services?: readonly string[];
  /** A stack file over all others that is on no disk: what flags of a command say. */
  readonly flagsText?: string;
  /** There are no other files: nothing is looked up. */
  readonly flagsOnly?: boolean;
  /** Files of other machines that have been fetched, by their reference. */
  readonly sources?: Sources;
  /** Steps that are left out. */
  readonly skip?: ReadonlySet<Skippable>;
};

export type Skippable = 'variables' | 'defaults' | 'paths' | 'consistency' | 'environment';

export type Model = {
  /** Canonical, of the services that take part. */
  readonly tree: MapTree;
  /** Before profiles. */
  readonly declared: MapTree;
  readonly name: string;
  readonly found: FoundFiles;
  readonly variables: Variables;
  readonly findings: Findings;
};

/** STACK_FILE_NOT_FOUND, SourcesWanted, or STACK_FILE_INVALID when nothing could be read; other faults are in `findings`. */
export function loadModel(request: ModelRequest): Model {
  const skip = request.skip ?? new Set<Skippable>();
  const findings = collectFindings();
  const found = withFlags(request);
  const outer = readVariables(request, found.projectDir, findings);
  const open = openFiles(findings, request.flagsText);
  const name = nameOf({ request, outer, found, findings, open });
  const variables: Variables = { ...outer, COMPOSE_PROJECT_NAME: name };
  const plain = skip.has('variables');
  const remote = remoteFiles(request.sources);
  const merged = readFiles(found, { findings, variables, plain, open, remote });
  refuseEmpty(merged, findings);
  refuseMany(merged, findings);
  const valid = validate(merged, stackShape, '', findings);
  const fitted = valid?.kind === 'map' ? valid : { ...merged, entries: new Map() };
  warnOfVersion(fitted, findings);
  const base = { folder: found.projectDir, home: variables.HOME };
  const placed = skip.has('paths') ? fitted : resolvePaths(fitted, base);
  const canonical = canonicalTree(placed, {
    report: reportAt(findings, placed),
    variablesLeft: plain,
    ports: { count: 0 },
  });
  const lean = withServices(omitEmpty(canonical, stackShape) as MapTree);
  checkRules(lean, reportAt(findings, lean));
  warnOfUnused(lean, findings);
  const declared = skip.has('defaults') ? lean : normalizeTree(lean, name);
  const tree = plain ? declared : finished({ declared, written: merged, request, variables, findings }, skip);
  return { tree, declared, name, found, variables, findings };
}

function withFlags(request: ModelRequest): FoundFiles {
  if (request.flagsOnly) return { files: [FLAGS_FILE], projectDir: request.cwd };
  const found = findFiles(request);
  return request.flagsText === undefined ? found : { ...found, files: [...found.files, FLAGS_FILE] };
}

/** They are always named, be there none. */
function withServices(tree: MapTree): MapTree {
  return tree.entries.has('services') ? tree : withEntry(tree, 'services', mapTree({}, tree.place));
}

type Finishing = {
  readonly declared: MapTree;
  readonly written: MapTree;
  readonly request: ModelRequest;
  readonly variables: Variables;
  readonly findings: Findings;
};

/** Profiles, the checks of the whole, and what is in files of variables. */
function finished(
  { declared, written, request, variables, findings }: Finishing,
  skip: ReadonlySet<Skippable>,
): MapTree {
  const profiles = profilesThatAreOn(request, variables);
  const selected = selectServices(declared, { profiles, services: request.services ?? [] });
  if (!skip.has('consistency')) {
    const report: Report = reportAt(findings, selected);
    checkConsistency({ tree: selected, declared, written, report });
  }
  const services = valueAt(selected, 'services');
  const resolved =
    services?.kind === 'map'
      ? withEntry(selected, 'services', resolveEnvironment(services, { variables, findings }, skip.has('environment')))
      : selected;
  return resolved;
}

/** Those of the command line stand for those of the environment. */
function profilesThatAreOn({ profiles }: ModelRequest, { COMPOSE_PROFILES: named = '' }: Variables): readonly string[] {
  if (profiles.length > 0) return profiles;
  return named
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
}

type Reading = Pick<Parameters<typeof readMerged>[1], 'findings' | 'variables' | 'plain' | 'open' | 'remote'>;

/** Without a tree there is nothing to check: then this throws what was found. */
function readFiles({ files, projectDir: folder }: FoundFiles, reading: Reading): MapTree {
  const tree = readMerged(files, { ...reading, folder, chain: [] });
  if (!tree) reading.findings.throwErrors();
  reading.remote.throwWanted();
  if (!tree) throw new Error('a stack file was not read, and no finding says why');
  return tree;
}

function refuseEmpty(tree: MapTree, findings: Findings): void {
  if (tree.entries.size > 0) return;
  findings.error(tree.place, { message: 'the stack file is empty', hint: 'declare a service under `services:`' });
}

/** Each takes memory in the engine too, and an address. */
const MAX_SERVICES = 5000;

function refuseMany(tree: MapTree, findings: Findings): void {
  const services = tree.entries.get('services');
  const count = services?.value.kind === 'map' ? services.value.entries.size : 0;
  if (count <= MAX_SERVICES) return;
  const message = `the stack has ${count} services, and can have ${MAX_SERVICES}`;
  findings.error(services?.key, { message, hint: 'make it several stacks', path: 'services' });
  findings.throwErrors();
}

function warnOfVersion(tree: MapTree, findings: Findings): void {
  const version = tree.entries.get('version');
  const finding = { message: '`version` has no meaning any more', hint: 'remove the line', path: 'version' };
  if (version) findings.warning(version.key, finding);
}
