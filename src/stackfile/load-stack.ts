/**
 * Stack files -> the stack: found, parsed, interpolated, merged, checked, converted.
 *
 * After this nobody sees YAML. Every fault of every file is told in one run.
 */
import { basename } from 'node:path';
import type { Diagnostic } from '../base/errors.ts';
import { sortByDependency } from '../model/graph.ts';
import type { Positions, Service, Stack } from '../model/stack.ts';
import { canonicalOf } from './canonical.ts';
import { checkStack } from './check-stack.ts';
import { checkValues } from './check-values.ts';
import { type Conversion, type Raw, rawOf } from './conversion.ts';
import { convertNetworks } from './convert-networks.ts';
import { convertService } from './convert-service.ts';
import { convertVolumes } from './convert-volumes.ts';
import { type FoundFiles, findFiles } from './find-files.ts';
import { collectFindings, type Findings, type Report, reportAt } from './findings.ts';
import type { Variables } from './interpolate.ts';
import { placesTable } from './positions.ts';
import { readMerged } from './read-tree.ts';
import { readVariables } from './read-variables.ts';
import { refuseAttributes } from './refuse-attributes.ts';
import { selectServices } from './select-services.ts';
import { checkedName, isStackName, normalizedName, wrongName } from './stack-name.ts';
import { stack as stackShape } from './stack-shape.ts';
import { type MapTree, placesOf, plainValue } from './tree.ts';
import { validate } from './validate.ts';

export type LoadRequest = {
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
  /** Only read: what berth can not do is not refused. */
  readonly readOnly?: boolean;
};

export type LoadedStack = {
  readonly stack: Stack;
  readonly positions: Positions;
  readonly warnings: readonly Diagnostic[];
  /** For `berth config`. */
  readonly canonical: unknown;
};

/** STACK_FILE_NOT_FOUND, or STACK_FILE_INVALID with all findings. */
export async function loadStack(request: LoadRequest): Promise<LoadedStack> {
  const findings = collectFindings();
  const found = findFiles(request);
  const variables = readVariables(request, found.projectDir, findings);
  const tree = readFiles(found, variables, findings);
  const written = plainValue(tree) as Raw;
  const places = placesOf(tree);
  const report = reportAt(findings, places);
  const top = rawOf(validate(written, stackShape, '', report));
  if (top.version !== undefined) report.warning('version', '`version` has no meaning any more', 'remove the line');
  const aliases = new Map<string, string>();
  const conversion: Conversion = {
    report,
    projectDir: found.projectDir,
    stackName: nameOf(request, { variables, top, found, report }),
    variables,
    written,
    home: variables.HOME ?? '/root',
    alias: (path, at) => void aliases.set(path, at),
    writtenAt: (path) => aliases.get(path) ?? path,
  };
  const stack = convert(conversion, { top, request, found });
  findings.throwErrors();
  const positions = placesTable(places, aliases);
  return { stack, positions, warnings: findings.warnings, canonical: canonicalOf(stack, top, conversion) };
}

/** Without a tree there is nothing to check: then this throws what was found. */
function readFiles({ files, projectDir }: FoundFiles, variables: Variables, findings: Findings): MapTree {
  const tree = readMerged(files, { findings, variables, folder: projectDir, chain: [] });
  if (!tree) findings.throwErrors();
  if (!tree) throw new Error('a stack file was not read, and no finding says why');
  return tree;
}

type Naming = {
  readonly variables: Variables;
  readonly top: Raw;
  readonly found: FoundFiles;
  readonly report: Report;
};

/** A name that the file gives is the file's fault, one that the caller gives is the caller's. */
function nameOf(request: LoadRequest, { variables, top, found, report }: Naming): string {
  const given = request.projectName ?? variables.COMPOSE_PROJECT_NAME;
  if (given !== undefined && given !== '') return checkedName(given);
  if (top.name === undefined || top.name === '') return normalizedName(basename(found.projectDir));
  const name = String(top.name);
  if (!isStackName(name)) report.error('name', ...wrongName(name));
  return name;
}

type Source = { readonly top: Raw; readonly request: LoadRequest; readonly found: FoundFiles };

function convert(conversion: Conversion, { top, request, found }: Source): Stack {
  const all = rawOf(top.services);
  const profiles = [...request.profiles, ...(conversion.variables.COMPOSE_PROFILES ?? '').split(',').filter(Boolean)];
  const active = selectServices(all, { profiles, services: request.services ?? [] });
  if (!request.readOnly) refuseAttributes(top, active, conversion.report);
  checkValues(all, active, conversion.report);
  const converted = active.map((name) => convertService(conversion, { name, raw: rawOf(all[name]), top }));
  checkEmpty(conversion);
  checkStack({ services: converted, conversion });
  const services = withoutOptional(converted);
  const networks = convertNetworks(conversion, top, services);
  const volumes = convertVolumes(conversion, top, services);
  const { projectDir, stackName: name } = conversion;
  return { name, projectDir, files: found.files, services: sorted(services), networks, volumes };
}

/** A file may hold nothing but networks, for others to build on; an empty one is a slip. */
function checkEmpty({ written, report }: Conversion): void {
  if (Object.keys(rawOf(written.services)).length > 0) return;
  const told = [`services`, 'the stack has no services', 'declare one under `services:`'] as const;
  if (Object.keys(written).length === 0) report.error(...told);
  else report.warning(...told);
}

/** Optional dependencies on services that are not there are left out. */
function withoutOptional(services: readonly Service[]): Service[] {
  const names = new Set(services.map((s) => s.name));
  return services.map((s) => ({ ...s, dependsOn: s.dependsOn.filter((d) => names.has(d.service)) }));
}

/** A cycle has been reported already: then the order does not matter. */
function sorted(services: readonly Service[]): Service[] {
  try {
    return sortByDependency(
      services.map((service) => ({ name: service.name, after: service.dependsOn.map((d) => d.service), service })),
    ).map((node) => node.service);
  } catch {
    return [...services];
  }
}
