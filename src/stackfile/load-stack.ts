/**
 * Stack files -> the stack: the canonical tree that they mean, checked for what berth can do, converted.
 *
 * After this nobody sees YAML. Every fault of every file is told in one run.
 */
import type { Diagnostic } from '../base/errors.ts';
import { sortByDependency } from '../model/graph.ts';
import type { Provider } from '../model/provider.ts';
import type { Positions, SecretValues, Service, Stack } from '../model/stack.ts';
import { checkPorts } from './check-ports.ts';
import { checkValues } from './check-values.ts';
import { type Conversion, rawOf } from './conversion.ts';
import { convertNetworks } from './convert-networks.ts';
import { convertProviders, isProvided } from './convert-providers.ts';
import { convertService } from './convert-service.ts';
import { convertVolumes } from './convert-volumes.ts';
import { asWarnings, reportAt } from './findings.ts';
import { loadModel, type Model, type ModelRequest } from './load-model.ts';
import { FLAGS_FILE } from './open-files.ts';
import { orderedTree } from './order-keys.ts';
import { placesTable } from './positions.ts';
import { refuseAttributes } from './refuse-attributes.ts';
import { type MapTree, plainValue, valueAt } from './tree.ts';

export type LoadRequest = ModelRequest & {
  /** Only read, nothing will run: what berth itself does not like is a warning. */
  readonly readOnly?: boolean;
};

export type LoadedStack = {
  readonly stack: Stack;
  readonly positions: Positions;
  readonly secrets: SecretValues;
  /** In the order in which they are asked. */
  readonly providers: readonly Provider[];
  readonly warnings: readonly Diagnostic[];
  /** For `berth config`. */
  readonly canonical: unknown;
};

/** STACK_FILE_NOT_FOUND, or STACK_FILE_INVALID with all findings. */
export async function loadStack(request: LoadRequest): Promise<LoadedStack> {
  const model = loadModel(request);
  const { findings, tree } = model;
  const secrets = new Map<string, string>();
  const { stack, providers } = convertModel(model, request.readOnly === true, secrets);
  findings.throwErrors();
  return {
    stack,
    providers,
    positions: placesTable(tree),
    secrets: Object.fromEntries(secrets),
    warnings: findings.warnings,
    canonical: plainValue(orderedTree(tree)),
  };
}

export type Converted = { readonly stack: Stack; readonly providers: readonly Provider[] };

/** Faults go to the model's findings; `readOnly`: those that are berth's own as warnings. Values of secrets go to `secrets`. */
export function convertModel(model: Model, readOnly: boolean, secrets = new Map<string, string>()): Converted {
  const { tree, name, found, variables } = model;
  const findings = readOnly ? asWarnings(model.findings) : model.findings;
  const services = valueAt(tree, 'services');
  if (services?.kind === 'map') checkValues(services, findings);
  const report = reportAt(findings, tree);
  refuseAttributes(tree, report);
  const conversion: Conversion = {
    report,
    projectDir: found.projectDir,
    stackName: name,
    variables,
    home: variables.HOME ?? '/root',
    secrets,
    declared: model.declared,
  };
  checkEmpty(model);
  return convertTree(
    conversion,
    tree,
    found.files.filter((file) => file !== FLAGS_FILE),
  );
}

function convertTree(conversion: Conversion, tree: MapTree, files: readonly string[]): Converted {
  const top = rawOf(plainValue(tree));
  const all = Object.entries(rawOf(top.services)).map(([name, raw]) => [name, rawOf(raw)] as const);
  const providers = convertProviders(conversion, all);
  const services = all
    .filter(([, raw]) => !isProvided(raw))
    .map(([name, raw]) => withoutProviders(convertService(conversion, { name, raw, top }), providers));
  checkPorts(conversion, services);
  const networks = convertNetworks(conversion, top, services);
  const volumes = convertVolumes(conversion, top, services);
  const { projectDir, stackName: name } = conversion;
  return { stack: { name, projectDir, files, services: sorted(services), networks, volumes }, providers };
}

/** Nobody waits for a provider: all are asked before. */
function withoutProviders(service: Service, providers: readonly Provider[]): Service {
  if (providers.length === 0) return service;
  const dependsOn = service.dependsOn.filter((d) => !providers.some((provider) => provider.service === d.service));
  return { ...service, dependsOn };
}

/** A file may hold nothing but networks, for others to build on; an empty one is a slip. */
function checkEmpty({ declared, findings }: Model): void {
  const services = valueAt(declared, 'services');
  if (services?.kind === 'map' && services.entries.size > 0) return;
  const finding = { message: 'the stack has no services', hint: 'declare one under `services:`', path: 'services' };
  const place = services?.place ?? declared.place;
  findings.warning(place, finding);
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
