/**
 * One service in canonical form.
 */
import type { Service } from '../model/stack.ts';
import { canonicalMounts } from './canonical-mounts.ts';
import { canonicalBytes, canonicalDuration, canonicalNumber, extensionsOf, withoutEmpty } from './canonical-values.ts';
import { booleanOr, itemsOf, labelsOf, type Raw, rawOf, textList } from './conversion.ts';

type Out = Record<string, unknown>;

export function canonicalService(s: Service, raw: Raw): Out {
  return withoutEmpty({
    annotations: labelsOf(raw.annotations),
    attach: booleanOr(raw.attach, undefined),
    ...canonicalProgram(s, raw),
    ...canonicalLife(s, raw),
    ...canonicalResources(raw),
    ...canonicalSurroundings(s, raw),
    ...canonicalSecurity(s, raw),
    ...canonicalMounts(s, raw),
    ...extensionsOf(raw),
  });
}

function canonicalProgram(s: Service, raw: Raw): Out {
  return {
    command: s.command,
    container_name: s.containerName,
    domainname: s.domainname,
    entrypoint: s.entrypoint,
    environment: s.environment,
    group_add: s.groupAdd,
    hostname: s.hostname,
    image: s.image,
    init: booleanOr(raw.init, undefined),
    labels: labelsOf(raw.labels),
    stdin_open: s.stdinOpen || undefined,
    tty: s.tty || undefined,
    user: s.user,
    working_dir: s.workingDir,
  };
}

function canonicalLife(s: Service, raw: Raw): Out {
  return {
    depends_on: Object.fromEntries(
      s.dependsOn.map((d) => [
        d.service,
        withoutEmpty({ condition: d.condition, restart: d.restart || undefined, required: d.required }),
      ]),
    ),
    deploy: canonicalDeploy(rawOf(raw.deploy)),
    healthcheck: canonicalHealth(s, rawOf(raw.healthcheck)),
    profiles: s.profiles,
    pull_policy: raw.pull_policy,
    restart: raw.restart,
    scale: canonicalNumber(raw.scale),
    stop_grace_period: canonicalDuration(raw.stop_grace_period),
    stop_signal: s.stopSignal,
  };
}

function canonicalDeploy(raw: Raw): Out {
  const { limits, reservations } = rawOf(raw.resources);
  const policy = rawOf(raw.restart_policy);
  return withoutEmpty({
    mode: raw.mode,
    replicas: canonicalNumber(raw.replicas),
    labels: labelsOf(raw.labels),
    resources: withoutEmpty({
      limits: canonicalShare(rawOf(limits)),
      reservations: canonicalShare(rawOf(reservations)),
    }),
    restart_policy: withoutEmpty({
      condition: policy.condition,
      max_attempts: canonicalNumber(policy.max_attempts),
    }),
    ...extensionsOf(raw),
  });
}

function canonicalShare(raw: Raw): Out {
  return withoutEmpty({
    cpus: canonicalNumber(raw.cpus),
    memory: canonicalBytes(raw.memory),
    pids: canonicalNumber(raw.pids),
  });
}

function canonicalHealth({ healthcheck }: Service, raw: Raw): Out {
  const test = typeof raw.test === 'string' ? ['CMD-SHELL', raw.test] : textList(raw.test);
  return withoutEmpty({
    disable: healthcheck?.test.kind === 'none' && test[0] !== 'NONE' ? true : undefined,
    test,
    timeout: canonicalDuration(raw.timeout),
    interval: canonicalDuration(raw.interval),
    retries: canonicalNumber(raw.retries),
    start_period: canonicalDuration(raw.start_period),
    start_interval: canonicalDuration(raw.start_interval),
    ...extensionsOf(raw),
  });
}

function canonicalResources(raw: Raw): Out {
  return {
    cpus: canonicalNumber(raw.cpus),
    cpu_shares: canonicalNumber(raw.cpu_shares),
    cpu_quota: canonicalMicroseconds(raw.cpu_quota),
    cpu_period: canonicalMicroseconds(raw.cpu_period),
    cpuset: raw.cpuset,
    mem_limit: canonicalBytes(raw.mem_limit),
    mem_reservation: canonicalBytes(raw.mem_reservation),
    memswap_limit: canonicalBytes(raw.memswap_limit),
    oom_score_adj: canonicalNumber(raw.oom_score_adj),
    pids_limit: canonicalNumber(raw.pids_limit),
    shm_size: canonicalBytes(raw.shm_size),
  };
}

/** A number of microseconds, or a duration that stays one. */
function canonicalMicroseconds(written: unknown): unknown {
  return /^-?\d+$/.test(String(written)) ? Number(written) : written;
}

function canonicalSurroundings(s: Service, raw: Raw): Out {
  return {
    dns_opt: s.dnsOptions,
    dns_search: s.dnsSearch,
    expose: s.expose,
    extra_hosts: Object.entries(s.extraHosts)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([name, addresses]) => addresses.map((address) => `${name}=${address}`)),
    ipc: raw.ipc,
    network_mode: raw.network_mode,
    networks: canonicalNetworks(s),
    pid: raw.pid,
    ports: canonicalPorts(s, raw),
    uts: raw.uts,
  };
}

function canonicalNetworks(s: Service): Out {
  return Object.fromEntries(
    s.networks.map((n) => {
      const inner = withoutEmpty({
        aliases: n.aliases,
        ipv4_address: n.ipv4Address,
        mac_address: n.macAddress,
        interface_name: n.interfaceName,
        priority: n.priority || undefined,
        gw_priority: n.gwPriority || undefined,
      });
      return [n.network, Object.keys(inner).length === 0 ? null : inner];
    }),
  );
}

/** A written range is several mappings; they all have its mode. */
function canonicalPorts(s: Service, raw: Raw): Out[] {
  const long = new Map(
    itemsOf(raw.ports).flatMap(([, item]) => (typeof item === 'object' ? [[portKey(rawOf(item)), rawOf(item)]] : [])),
  );
  return s.ports.map((p) => {
    const { first, last } = p.published ?? {};
    const published = first === undefined ? undefined : first === last ? `${first}` : `${first}-${last}`;
    const port = { host_ip: p.hostIp, target: p.target, published, protocol: p.protocol };
    const { mode = 'ingress', name, app_protocol } = long.get(portKey(port)) ?? {};
    return withoutEmpty({ name, mode, ...port, app_protocol });
  });
}

function portKey({ host_ip, target, published, protocol }: Raw): string {
  return [host_ip ?? '', target, published ?? '', protocol ?? 'tcp'].join(' ');
}

function canonicalSecurity(s: Service, raw: Raw): Out {
  return {
    cap_add: s.capAdd,
    cap_drop: s.capDrop,
    devices: s.devices,
    privileged: s.privileged || undefined,
    read_only: s.readOnly || undefined,
    security_opt: s.securityOpt,
    sysctls: s.sysctls,
    ulimits: Object.fromEntries(
      Object.entries(s.ulimits).map(([name, limit]) => [
        name,
        typeof rawOf(raw.ulimits)[name] === 'object' ? limit : limit.soft,
      ]),
    ),
  };
}
