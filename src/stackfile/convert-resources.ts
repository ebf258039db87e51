/**
 * Limits of a service: deploy.resources over the flat attributes.
 */
import type { BlockIO, Device, DeviceRule, Resources } from '../model/resources.ts';
import {
  booleanOr,
  bytesOr,
  type Conversion,
  durationOr,
  itemsOf,
  numberOr,
  type Raw,
  rawOf,
  textOr,
} from './conversion.ts';

export function convertResources(service: Raw): Resources {
  const { limits, reservations } = rawOf(rawOf(service.deploy).resources);
  const limit = rawOf(limits);
  const cpus = limit.cpus ?? service.cpus;
  return {
    cpuMillis: positive(cpus === undefined ? null : Math.round(Number(cpus) * 1000)),
    cpuShares: numberOr(service.cpu_shares, null),
    cpuQuotaUs: microseconds(service.cpu_quota),
    cpuPeriodUs: microseconds(service.cpu_period),
    cpuset: textOr(service.cpuset, null),
    memoryBytes: positive(bytesOr(limit.memory ?? service.mem_limit, null)),
    memoryReservationBytes: positive(bytesOr(rawOf(reservations).memory ?? service.mem_reservation, null)),
    memorySwapBytes: bytesOr(service.memswap_limit, null),
    memorySwappiness: numberOr(service.mem_swappiness, null),
    pids: numberOr(limit.pids ?? service.pids_limit, null),
    ...rareLimits(service),
  };
}

/** Left out where nobody asks for them, so that a definition without them stays what it was. */
function rareLimits(service: Raw): Partial<Resources> {
  const runtime = microseconds(service.cpu_rt_runtime);
  const period = microseconds(service.cpu_rt_period);
  return {
    ...(runtime === null ? {} : { cpuRealtimeUs: runtime }),
    ...(period === null ? {} : { cpuRealtimePeriodUs: period }),
    ...(booleanOr(service.oom_kill_disable, false) ? { oomKillDisable: true } : {}),
    ...(service.blkio_config === undefined || service.blkio_config === null
      ? {}
      : { blockIO: blockIOOf(rawOf(service.blkio_config)) }),
  };
}

function blockIOOf(raw: Raw): BlockIO {
  const devices = (key: string) => itemsOf(raw[key]).map(([, item]) => rawOf(item));
  const limits = (key: string) =>
    devices(key).map(({ path, rate }) => ({ path: String(path), rate: bytesOr(rate, 0) }));
  const weight = numberOr(raw.weight, 0);
  return {
    ...(weight === 0 ? {} : { weight }),
    weights: devices('weight_device').map(({ path, weight }) => ({ path: String(path), weight: Number(weight) })),
    readBytes: limits('device_read_bps'),
    writeBytes: limits('device_write_bps'),
    reads: limits('device_read_iops'),
    writes: limits('device_write_iops'),
  };
}

/** 0 is no limit, as in Docker. */
function positive(value: number | null): number | null {
  return value === 0 ? null : value;
}

/** A number of microseconds, or a duration. */
function microseconds(value: unknown): number | null {
  if (value === undefined || value === null) return null;
  if (/^-?\d+$/.test(String(value))) return Number(value);
  const ms = durationOr(value, null);
  return ms === null ? null : ms * 1000;
}

export function convertUlimits(service: Raw): Record<string, { soft: number; hard: number }> {
  return Object.fromEntries(
    Object.entries(rawOf(service.ulimits)).flatMap(([name, value]) => {
      if (value === null) return [];
      const { soft, hard } = typeof value === 'object' ? (value as Raw) : { soft: value, hard: value };
      return [[name, { soft: Number(soft), hard: Number(hard) }]];
    }),
  );
}

/** SOURCE[:TARGET[:PERMISSIONS]] or the long form. */
export function convertDevices({ report }: Conversion, service: Raw, path: string): Device[] {
  return itemsOf(service.devices).flatMap(([index, item]) => {
    const [source = '', target, permissions] =
      typeof item === 'object' ? longDevice(item as Raw) : String(item).split(':');
    if (!source.startsWith('/')) {
      report.error(
        `${path}.devices[${index}]`,
        `"${source}" is no device of this machine`,
        'write its path: /dev/fuse',
      );
      return [];
    }
    return [{ source, target: target ?? source, permissions: permissions ?? 'rwm' }];
  });
}

/** `TYPE MAJOR:MINOR ACCESS`; the type `a` is both kinds, `*` every number. */
export function convertDeviceRules({ report }: Conversion, service: Raw, path: string): DeviceRule[] {
  return itemsOf(service.device_cgroup_rules).flatMap(([index, item]) => {
    const found = /^([abc]) (\d+|\*):(\d+|\*) ([rwm]{1,3})$/.exec(String(item));
    if (!found) {
      report.error(
        `${path}.device_cgroup_rules[${index}]`,
        `"${String(item)}" is no rule for devices`,
        'write TYPE MAJOR:MINOR ACCESS, like "c 10:200 rwm"',
      );
      return [];
    }
    const [, type, major, minor, access] = found as unknown as [string, string, string, string, string];
    const number = (text: string) => (text === '*' ? null : Number(text));
    const types = type === 'a' ? (['b', 'c'] as const) : [type as 'b' | 'c'];
    return types.map((kind) => ({ type: kind, major: number(major), minor: number(minor), access }));
  });
}

function longDevice({ source, target, permissions }: Raw): [string, string?, string?] {
  return [
    String(source),
    target === undefined ? undefined : String(target),
    permissions === undefined ? undefined : String(permissions),
  ];
}
