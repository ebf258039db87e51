/**
 * Values that the specification takes as any text or number, and that would only fail once a container starts.
 */
import { matchPaths } from './match-paths.ts';
import { count, formed, number, type Shape, words } from './shape.ts';
import type { MapTree } from './tree.ts';
import { type Faults, validate } from './validate.ts';

const octal = formed('an octal mode like 1777', /^[0-7]{1,5}$/, { numbers: true });

const SERVICE: Readonly<Record<string, Shape>> = {
  container_name: formed('a name of letters, digits, "_", "." and "-"', /^[a-zA-Z0-9][\w.-]*$/),
  cpus: number(0),
  cpu_shares: count(0),
  cpuset: formed('a list of CPUs like 0-1,3', /^\d+(-\d+)?(,\d+(-\d+)?)*$/),
  hostname: formed('a host name', /^\w([\w.-]*\w)?$/),
  mem_swappiness: count(0, 100),
  pids_limit: count(-1),
  restart: formed(
    'no, always, unless-stopped, on-failure[:N] or on-unhealthy',
    /^(no|always|unless-stopped|on-failure(:\d+)?|on-unhealthy|)$/,
  ),
  scale: count(0),
  'deploy.replicas': count(0),
  'deploy.resources.limits.cpus': number(0),
  'deploy.resources.reservations.cpus': number(0),
  'deploy.restart_policy.condition': words('none', 'on-failure', 'any', ''),
  'deploy.restart_policy.max_attempts': count(0),
  'env_file.*.format': words('raw', ''),
  'expose.*': formed('a port or a range like 3000 or 3000-3005/tcp', /^\d+(-\d+)?(\/(tcp|udp|sctp))?$/, {
    numbers: true,
  }),
  'healthcheck.retries': count(0),
  'ports.*.mode': words('host', 'ingress', ''),
  'volumes.*.bind.propagation': words('private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave', ''),
  'volumes.*.tmpfs.mode': octal,
};

const CHECKS = Object.entries(SERVICE);

/** `services`: those that take part. */
export function checkValues(services: MapTree, faults: Faults): void {
  for (const [name, { value }] of services.entries)
    for (const [pattern, shape] of CHECKS)
      for (const [path, found] of matchPaths(value, pattern, `services.${name}`))
        if (found.kind === 'scalar') validate(found, shape, path, faults);
}
