/**
 * Stack files -> the stack: found, parsed, interpolated, merged, checked, converted.
 *
 * After this nobody sees YAML. Every fault of every file is told in one run.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { BerthError, type Diagnostic } from '../base/errors.ts';
import { sortByDependency } from '../model/graph.ts';
import type { Positions, Service, Stack } from '../model/stack.ts';
import { canonicalOf } from './canonical.ts';
import { checkStack } from './check-stack.ts';
import { type Conversion, type Raw, rawOf, textList } from './conversion.ts';
import { convertNetworks } from './convert-networks.ts';
import { convertService } from './convert-service.ts';
import { convertVolumes } from './convert-volumes.ts';
import { parseDotenv } from './dotenv.ts';
import { type FoundFiles, findFiles } from './find-files.ts';
import { collectFindings, type Findings, reportAt } from './findings.ts';
import type { Variables } from './interpolate.ts';
import { mergeTrees } from './merge-trees.ts';
import { parseYaml } from './parse-yaml.ts';
import { placesTable } from './positions.ts';
import { resolveVariables } from './resolve-variables.ts';
import { checkedName, normalizedName } from './stack-name.ts';
import { stack as stackShape } from './stack-shape.ts';
import { type MapTree, placesOf, plainValue } from './tree.ts';
import { isMap, validate } from './validate.ts';

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
  const variables = readVariables(request, found, findings);
  const tree = readFiles(found, variables, findings);
  const top = plainValue(tree) as Raw;
  const places = placesOf(tree);
  const report = reportAt(findings, places);
  validate(top, stackShape, '', report);
  findings.throwErrors();
  if (top.version !== undefined) report.warning('version', '`version` has no meaning any more', 'remove the line');
  const aliases = new Map<string, string>();
  const conversion: Conversion = {
    report,
    projectDir: found.projectDir,
    stackName: nameOf(request, variables, top, found),
    variables,
    home: variables.HOME ?? '/root',
    alias: (path, written) => void aliases.set(path, written),
  };
  const stack = convert(conversion, { top, request, found });
  findings.throwErrors();
  const positions = placesTable(places, aliases);
  return { stack, positions, warnings: findings.warnings, canonical: canonicalOf(stack) };
}

function readVariables(request: LoadRequest, { projectDir }: FoundFiles, findings: Findings): Variables {
  const named =
    request.envFiles.length > 0
      ? request.envFiles.map((file) => resolve(request.cwd, file))
      : [join(projectDir, '.env')];
  const variables: Record<string, string> = {};
  for (const file of named) {
    if (!existsSync(file)) {
      if (request.envFiles.length === 0) continue;
      throw new BerthError('USAGE', `--env-file ${file} does not exist`);
    }
    const text = readFileSync(file, 'utf8');
    findings.addSource(file, text);
    const parsed = parseDotenv(text, request.env);
    for (const { line, message } of parsed.faults) findings.error({ file, line, col: 1, width: 1 }, { message });
    Object.assign(variables, parsed.variables);
  }
  return { ...variables, ...request.env };
}

function readFiles({ files }: FoundFiles, variables: Variables, findings: Findings): MapTree {
  const trees = files.flatMap((file) => {
    const text = readFileSync(file === '-' ? 0 : file, 'utf8');
    findings.addSource(file, text);
    const tree = parseYaml(text, file, findings);
    return tree ? [resolveVariables(tree, variables, findings)] : [];
  });
  if (trees.length < files.length) findings.throwErrors();
  const [first, ...others] = trees;
  const merged = others.reduce<MapTree>(
    (base, over) => (mergeTrees(base, over) as MapTree | undefined) ?? base,
    first!,
  );
  return (mergeTrees(undefined, merged) as MapTree | undefined) ?? merged;
}

function nameOf(request: LoadRequest, variables: Variables, top: Raw, { projectDir }: FoundFiles): string {
  const given = request.projectName ?? variables.COMPOSE_PROJECT_NAME ?? top.name;
  return given === undefined || given === '' ? normalizedName(basename(projectDir)) : checkedName(String(given));
}

type Source = { readonly top: Raw; readonly request: LoadRequest; readonly found: FoundFiles };

function convert(conversion: Conversion, { top, request, found }: Source): Stack {
  const all = rawOf(top.services);
  const active = activeServices(all, request, conversion.variables);
  const converted = active.map((name) => convertService(conversion, { name, raw: rawOf(all[name]), top }));
  if (active.length === 0)
    conversion.report.error('services', 'the stack has no services', 'declare one under `services:`');
  checkStack({ services: converted, all, top, report: conversion.report });
  const services = withoutOptional(converted);
  const networks = convertNetworks(conversion, top, services);
  const volumes = convertVolumes(conversion, top, services);
  const { projectDir, stackName: name } = conversion;
  return { name, projectDir, files: found.files, services: sorted(services), networks, volumes };
}

/** Those without profiles, those of a profile that is on, and those that were named. */
function activeServices(all: Raw, { profiles, services = [] }: LoadRequest, variables: Variables): string[] {
  const on = new Set([...profiles, ...(variables.COMPOSE_PROFILES ?? '').split(',').filter(Boolean)]);
  return Object.keys(all).filter((name) => {
    const own = isMap(all[name]) ? textList(all[name].profiles) : [];
    return own.length === 0 || on.has('*') || services.includes(name) || own.some((profile) => on.has(profile));
  });
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
