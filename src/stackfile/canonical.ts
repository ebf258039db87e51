/**
 * The stack in Compose's canonical form: every short form long, defaults of the file left out.
 */
import type { Mount, Service, Stack } from '../model/stack.ts';

type Out = Record<string, unknown>;

export function canonicalOf(stack: Stack): unknown {
  return withoutEmpty({
    name: stack.name,
    services: Object.fromEntries(
      [...stack.services].sort((a, b) => a.name.localeCompare(b.name)).map((s) => [s.name, canonicalService(s)]),
    ),
    networks: Object.fromEntries(
      stack.networks.map((n) => [
        n.key,
        withoutEmpty({
          name: n.name,
          external: n.external || undefined,
          internal: n.internal || undefined,
          ipam:
            n.subnets.length > 0
              ? { config: n.subnets.map(({ subnet, gateway }) => withoutEmpty({ subnet, gateway })) }
              : undefined,
          driver_opts: n.mtu === null ? undefined : { 'com.docker.network.driver.mtu': String(n.mtu) },
          labels: n.labels,
        }),
      ]),
    ),
    volumes: Object.fromEntries(
      stack.volumes.map((v) => [
        v.key,
        withoutEmpty({ name: v.name, external: v.external || undefined, labels: v.labels }),
      ]),
    ),
  });
}

function canonicalService(s: Service): Out {
  return withoutEmpty({
    attach: s.attach ? undefined : false,
    cap_add: s.capAdd,
    cap_drop: s.capDrop,
    command: s.command,
    container_name: s.containerName,
    ...canonicalResources(s),
    depends_on: Object.fromEntries(
      s.dependsOn.map((d) => [
        d.service,
        withoutEmpty({ condition: d.condition, restart: d.restart || undefined, required: d.required }),
      ]),
    ),
    devices: s.devices,
    dns_opt: s.dnsOptions,
    dns_search: s.dnsSearch,
    domainname: s.domainname,
    entrypoint: s.entrypoint,
    environment: s.environment,
    expose: s.expose,
    extra_hosts: Object.entries(s.extraHosts).flatMap(([name, addresses]) =>
      addresses.map((address) => `${name}=${address}`),
    ),
    group_add: s.groupAdd,
    healthcheck: canonicalHealth(s),
    hostname: s.hostname,
    image: s.image,
    init: s.init ? undefined : false,
    ipc: canonicalMode(s.ipcMode),
    labels: s.labels,
    network_mode: s.networkMode.kind === 'networks' ? undefined : canonicalMode(s.networkMode),
    networks: canonicalNetworks(s),
    oom_score_adj: s.oomScoreAdj,
    pid: canonicalMode(s.pidMode),
    ports: s.ports.map(canonicalPort),
    privileged: s.privileged || undefined,
    profiles: s.profiles,
    read_only: s.readOnly || undefined,
    restart: canonicalRestart(s),
    scale: s.replicas === 1 ? undefined : s.replicas,
    security_opt: s.securityOpt,
    shm_size: s.shmSizeBytes === null ? undefined : String(s.shmSizeBytes),
    stdin_open: s.stdinOpen || undefined,
    stop_grace_period: s.stopGraceMs === null ? undefined : `${s.stopGraceMs / 1000}s`,
    stop_signal: s.stopSignal,
    sysctls: s.sysctls,
    tmpfs: undefined,
    tty: s.tty || undefined,
    ulimits: s.ulimits,
    user: s.user,
    uts: s.utsMode === 'host' ? 'host' : undefined,
    volumes: s.mounts.map(canonicalMount),
    working_dir: s.workingDir,
  });
}

function canonicalResources({ resources: r }: Service): Out {
  return {
    cpus: r.cpuMillis === null ? undefined : r.cpuMillis / 1000,
    cpu_shares: r.cpuShares,
    cpu_quota: r.cpuQuotaUs,
    cpu_period: r.cpuPeriodUs,
    cpuset: r.cpuset,
    mem_limit: r.memoryBytes === null ? undefined : String(r.memoryBytes),
    mem_reservation: r.memoryReservationBytes === null ? undefined : String(r.memoryReservationBytes),
    memswap_limit: r.memorySwapBytes === null ? undefined : String(r.memorySwapBytes),
    pids_limit: r.pids,
  };
}

function canonicalHealth({ healthcheck: h }: Service): Out | undefined {
  if (!h) return undefined;
  if (h.test.kind === 'none') return { test: ['NONE'] };
  const seconds = (ms: number) => `${ms / 1000}s`;
  const [shell, dash, script, ...rest] = h.test.argv;
  const isShell = shell === '/bin/sh' && dash === '-c' && script !== undefined && rest.length === 0;
  return {
    test: isShell ? ['CMD-SHELL', script] : ['CMD', ...h.test.argv],
    timeout: seconds(h.timeoutMs),
    interval: seconds(h.intervalMs),
    retries: h.retries,
    start_period: seconds(h.startPeriodMs),
    start_interval: seconds(h.startIntervalMs),
  };
}

type Mode = { readonly kind: string; readonly service?: string; readonly container?: string };

function canonicalMode(mode: Mode): string | undefined {
  if (mode.kind === 'private') return undefined;
  return mode.kind === 'service'
    ? `service:${mode.service}`
    : mode.kind === 'container'
      ? `container:${mode.container}`
      : mode.kind;
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

function canonicalPort(p: Service['ports'][number]): Out {
  const published =
    p.published &&
    (p.published.first === p.published.last ? `${p.published.first}` : `${p.published.first}-${p.published.last}`);
  return withoutEmpty({ mode: 'ingress', host_ip: p.hostIp, target: p.target, published, protocol: p.protocol });
}

function canonicalRestart({ restart }: Service): string | undefined {
  if (restart.kind === 'no') return undefined;
  return restart.kind === 'on-failure' && restart.maxRetries !== null
    ? `on-failure:${restart.maxRetries}`
    : restart.kind;
}

function canonicalMount(m: Mount): Out {
  const common = {
    type: m.kind,
    source: m.kind === 'tmpfs' ? undefined : m.source,
    target: m.target,
    read_only: m.readOnly || undefined,
  };
  switch (m.kind) {
    case 'bind':
      return withoutEmpty({
        ...common,
        bind: withoutEmpty({
          create_host_path: m.createHostPath,
          propagation: m.propagation,
          recursive: m.recursive === 'enabled' ? undefined : m.recursive,
        }),
      });
    case 'volume':
      return { ...withoutEmpty(common), volume: withoutEmpty({ nocopy: m.noCopy || undefined, subpath: m.subpath }) };
    case 'tmpfs':
      return {
        ...withoutEmpty(common),
        tmpfs: withoutEmpty({ size: m.sizeBytes === null ? undefined : String(m.sizeBytes), mode: m.mode }),
      };
  }
}

/** Without what is null, undefined, or an empty list or map; a command that was emptied stays. */
function withoutEmpty(values: Out): Out {
  return Object.fromEntries(
    Object.entries(values).filter(([key, value]) => {
      if (value === null || value === undefined) return false;
      if (Array.isArray(value)) return value.length > 0 || key === 'command' || key === 'entrypoint';
      return typeof value !== 'object' || Object.keys(value).length > 0;
    }),
  );
}
