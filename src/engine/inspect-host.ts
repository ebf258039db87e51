/**
 * The parts of inspect that say what a container was given of the machine: limits, privileges, mounts.
 */
import { join } from 'node:path';
import type { Mount, NamespaceMode, NetworkMode, RestartPolicy } from '../model/stack.ts';
import type { ContainerRecord } from './records.ts';
import type { World } from './world.ts';

export function hostConfigOf(record: ContainerRecord) {
  const { definition } = record;
  const { resources } = definition;
  return {
    Binds: definition.mounts.flatMap(bindText),
    NetworkMode: networkText(definition.networkMode, record),
    PortBindings: bindingsOf(record),
    RestartPolicy: restartOf(definition.restart),
    AutoRemove: record.autoRemove ?? false,
    CapAdd: orNull(definition.capAdd),
    CapDrop: orNull(definition.capDrop),
    Dns: definition.dns,
    DnsOptions: definition.dnsOptions,
    DnsSearch: definition.dnsSearch,
    ExtraHosts: Object.entries(definition.extraHosts).flatMap(([name, ips]) => ips.map((ip) => `${name}:${ip}`)),
    GroupAdd: orNull(definition.groupAdd),
    IpcMode: namespaceText(definition.ipcMode),
    PidMode: definition.pidMode.kind === 'private' ? '' : namespaceText(definition.pidMode),
    UTSMode: definition.utsMode === 'private' ? '' : definition.utsMode,
    Privileged: definition.privileged,
    ReadonlyRootfs: definition.readOnly,
    SecurityOpt: orNull(definition.securityOpt),
    Tmpfs: Object.fromEntries(definition.mounts.flatMap((m) => (m.kind === 'tmpfs' ? [[m.target, '']] : []))),
    ShmSize: definition.shmSizeBytes ?? 64 * 1024 * 1024,
    Sysctls: definition.sysctls,
    Init: definition.init,
    OomScoreAdj: definition.oomScoreAdj ?? 0,
    Devices: definition.devices.map((d) => ({
      PathOnHost: d.source,
      PathInContainer: d.target,
      CgroupPermissions: d.permissions,
    })),
    Ulimits: Object.entries(definition.ulimits).map(([Name, { soft, hard }]) => ({ Name, Soft: soft, Hard: hard })),
    CpuShares: resources.cpuShares ?? 0,
    NanoCpus: (resources.cpuMillis ?? 0) * 1e6,
    CpuPeriod: resources.cpuPeriodUs ?? 0,
    CpuQuota: resources.cpuQuotaUs ?? 0,
    CpusetCpus: resources.cpuset ?? '',
    Memory: resources.memoryBytes ?? 0,
    MemoryReservation: resources.memoryReservationBytes ?? 0,
    MemorySwap: resources.memorySwapBytes ?? 0,
    PidsLimit: resources.pids,
  };
}

function orNull(list: readonly string[]): readonly string[] | null {
  return list.length === 0 ? null : list;
}

function bindText(mount: Mount): string[] {
  if (mount.kind === 'bind') return [`${mount.source}:${mount.target}:${mount.readOnly ? 'ro' : 'rw'}`];
  if (mount.kind === 'volume' && mount.source)
    return [`${mount.source}:${mount.target}:${mount.readOnly ? 'ro' : 'rw'}`];
  return [];
}

function networkText(mode: NetworkMode, record: ContainerRecord): string {
  if (mode.kind === 'networks') return record.attachments[0]?.network ?? 'none';
  return namespaceText(mode);
}

function namespaceText(mode: NamespaceMode | NetworkMode): string {
  if (mode.kind === 'service') return `service:${mode.service}`;
  return mode.kind === 'container' ? `container:${mode.container}` : mode.kind;
}

function bindingsOf(record: ContainerRecord) {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of record.definition.ports) {
    const key = `${port.target}/${port.protocol}`;
    const HostPort = port.published ? String(port.published.first) : '';
    bindings[key] = [
      ...(bindings[key] ?? []),
      { HostIp: port.hostIp === 'all' ? '0.0.0.0' : (port.hostIp ?? ''), HostPort },
    ];
  }
  return bindings;
}

function restartOf(policy: RestartPolicy) {
  return {
    Name: policy.kind,
    MaximumRetryCount: policy.kind === 'on-failure' ? (policy.maxRetries ?? 0) : 0,
  };
}

export function mountsOf(world: World, record: ContainerRecord) {
  const declared = world.store.stacks.get(record.stack)?.stack.volumes ?? [];
  const volumeAt = (Name: string) => ({
    Type: 'volume',
    Name,
    Source: join(world.roots.data, 'volumes', Name, '_data'),
    Driver: 'local',
    Propagation: '',
  });
  const { mounts } = record.definition;
  const written = mounts.map((mount) => {
    const common = { Destination: mount.target, Mode: '', RW: !mount.readOnly };
    if (mount.kind === 'bind') {
      return { Type: 'bind', Source: mount.source, ...common, Propagation: mount.propagation ?? 'rprivate' };
    }
    if (mount.kind !== 'volume') return { Type: mount.kind, Source: '', ...common, Propagation: '' };
    const Name =
      mount.source === null
        ? (record.anonymousVolumes[mount.target] ?? '')
        : (declared.find((volume) => volume.key === mount.source)?.name ?? mount.source);
    return { ...volumeAt(Name), ...common };
  });
  const ofImage = Object.entries(record.anonymousVolumes).filter(
    ([target]) => !mounts.some((m) => m.target === target),
  );
  return [
    ...written,
    ...ofImage.map(([Destination, name]) => ({ ...volumeAt(name), Destination, Mode: '', RW: true })),
  ];
}
