/**
 * What the Compose Specification has and berth can not do: said by name, at its place, before anything runs.
 *
 * `config` reads all of it; `up` and everything else that acts refuses. Whoever
 * builds one of these takes its line away.
 */
import type { Raw } from './conversion.ts';
import type { Report } from './findings.ts';
import { matchPaths } from './match-paths.ts';
import { refuseNetworks } from './refuse-networks.ts';
import { type MapTree, plainValue, type Tree, valueAt } from './tree.ts';

type Refusal = {
  readonly hint: string;
  /** Nothing would be lost without it: a warning instead. */
  readonly harmless?: boolean;
  /** Only these values; without it, all. */
  readonly when?: (value: unknown) => boolean;
};

const NOT_YET = 'remove it, or leave this service out';
const WINDOWS: Refusal = { hint: 'it is for Windows: remove it', harmless: true };
const SWARM: Refusal = { hint: 'it is for a Swarm of machines: remove it', harmless: true };

/** `*` is any key or index. */
const SERVICE: Readonly<Record<string, Refusal>> = {
  'build.entitlements.*': {
    hint: 'steps run in the sandbox of all containers: remove it',
    when: (value) => value !== 'network.host',
  },
  'build.isolation': WINDOWS,
  'build.privileged': {
    hint: 'steps run in the sandbox of all containers: remove it',
    when: (value) => value !== false,
  },
  'build.provenance': {
    hint: '`berth image inspect` shows what each layer was made by',
    when: isWanted,
    harmless: true,
  },
  'build.sbom': { hint: 'no list of contents is made: remove it', when: isWanted, harmless: true },
  cgroup_parent: {
    hint: 'containers are in a group of berth: give each its limits (`mem_limit`, `cpus`, `blkio_config`)',
  },
  cpu_count: WINDOWS,
  cpu_percent: WINDOWS,
  credential_spec: WINDOWS,
  gpus: { hint: 'name the device nodes under `devices:`, and what the driver needs under `volumes:`' },
  isolation: WINDOWS,
  'logging.driver': {
    hint: 'use json-file, local or none; `x-berth.logs.forward` sends what is written to syslog or to a command',
    when: (value) => !['json-file', 'local', 'none', ''].includes(String(value)),
  },
  models: { hint: NOT_YET },
  runtime: { hint: 'containers run in the one that berth brings along: remove it' },
  storage_opt: { hint: 'a container has no disk of its own: give what it writes a volume, and that its size' },
  use_api_socket: { hint: 'there is no Docker whose socket it could have: remove it' },
  userns_mode: { hint: '`host` is the only one', when: (value) => value !== 'host' && value !== '' },
  uts: { hint: '`host` is the only one: remove it', when: (value) => value !== 'host' && value !== '' },
  'deploy.endpoint_mode': { hint: 'service names always give the addresses of all replicas', harmless: true },
  'deploy.mode': { hint: 'remove it: there is one machine only', when: (value) => value !== 'replicated' },
  'deploy.placement': SWARM,
  'deploy.resources.limits.devices': { hint: 'devices are named under `devices:`' },
  'deploy.resources.reservations.devices': { hint: 'devices are named under `devices:`' },
  'deploy.resources.reservations.generic_resources': SWARM,
  'volumes.*.type': {
    hint: 'use bind, volume, tmpfs or image',
    when: (value) => !['bind', 'volume', 'tmpfs', 'image'].includes(String(value)),
  },
};

const SERVICE_REFUSALS = Object.entries(SERVICE);

const TOP: Readonly<Record<string, Refusal>> = {
  models: { hint: 'remove it' },
  'networks.*.ipam.driver': { hint: '`default` is the only one', when: (value) => value !== 'default' },
  'networks.*.ipam.options': { hint: 'remove it' },
  'volumes.*.driver': {
    hint: '`local` is the only one',
    when: (value) => !['local', 'default', ''].includes(String(value)),
  },
  ...filesOf('secrets'),
  ...filesOf('configs'),
};

function filesOf(kind: string): Readonly<Record<string, Refusal>> {
  return {
    [`${kind}.*.external`]: {
      hint: 'berth has no store of its own for them: give it `file:` or `environment:`',
      when: isOn,
    },
    [`${kind}.*.driver`]: { hint: 'remove it' },
    [`${kind}.*.driver_opts`]: { hint: 'remove it' },
    [`${kind}.*.template_driver`]: { hint: 'remove it' },
  };
}

/** `false` asks for what berth does anyway. */
function isWanted(value: unknown): boolean {
  return value !== 'false';
}

function isOn(value: unknown): boolean {
  return value === true || value === 'true';
}

/** A canonical tree of those services that take part; what the others say does not matter. */
export function refuseAttributes(tree: MapTree, report: Report): void {
  for (const [pattern, refusal] of Object.entries(TOP)) tell(tree, { pattern, refusal, path: '' }, report);
  refuseNetworks(plainValue(tree) as Raw, report);
  const services = valueAt(tree, 'services');
  if (services?.kind !== 'map') return;
  for (const [name, { value }] of services.entries)
    for (const [pattern, refusal] of SERVICE_REFUSALS)
      tell(value, { pattern, refusal, path: `services.${name}` }, report);
}

type Search = { readonly pattern: string; readonly refusal: Refusal; readonly path: string };

function tell(tree: Tree, { pattern, refusal, path }: Search, report: Report): void {
  for (const [found, inner] of matchPaths(tree, pattern, path)) {
    const value = inner.kind === 'scalar' ? inner.value : inner;
    if (refusal.when && !refusal.when(value)) continue;
    const what = refusal.when && typeof value !== 'object' ? `${found}: ${String(value)}` : found;
    if (refusal.harmless) report.warning(found, `${what} has no effect in berth`, refusal.hint);
    else report.errorAtKey(found, `${what} is not supported by berth`, refusal.hint);
  }
}

/** Attributes of a service that are refused whatever they say; docs/stack-file.md names them. */
export const REFUSED_OF_SERVICES: readonly string[] = SERVICE_REFUSALS.filter(
  ([pattern, { when }]) => !pattern.includes('.') && !when,
).map(([pattern]) => pattern);
