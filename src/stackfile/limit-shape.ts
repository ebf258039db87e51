/**
 * The attributes of a service that limit what it may use. Compose Specification, 05-services.
 */
import {
  attr,
  boolean,
  bytes,
  closed,
  count,
  either,
  formed,
  list,
  mapping,
  number,
  object,
  type Shape,
  text,
} from './shape.ts';

/** Microseconds, or a duration. */
const microseconds: Shape = {
  ...either(
    { kind: 'number', texts: false },
    formed('microseconds, or a duration like 50ms', /^-?\d+$|^(\d+(\.\d*)?(ns|us|\u00b5s|ms|s|m|h))+$/),
  ),
  form: 'microseconds',
};

const rates: Shape = list(
  closed({
    path: attr('the device', '/dev/sda', text),
    rate: attr('operations or bytes in a second', '10mb', bytes),
  }),
);

const blkio = closed({
  weight: attr('share of the bandwidth, 10 to 1000', 300, count(), 500),
  weight_device: attr(
    'share of the bandwidth of one device',
    [{ path: '/dev/sda', weight: 400 }],
    list(closed({ path: attr('the device', '/dev/sda', text), weight: attr('its share', 400, count()) })),
  ),
  device_read_bps: attr('bytes read in a second', [{ path: '/dev/sda', rate: '12mb' }], rates),
  device_read_iops: attr('reads in a second', [{ path: '/dev/sda', rate: 120 }], rates),
  device_write_bps: attr('bytes written in a second', [{ path: '/dev/sda', rate: '1024k' }], rates),
  device_write_iops: attr('writes in a second', [{ path: '/dev/sda', rate: 30 }], rates),
});

const limit = count();

export const ulimits: Shape = {
  kind: 'map',
  keys: /^[a-z]+$/,
  of: either(
    { kind: 'number', whole: true, texts: true },
    object({ soft: attr('what applies', 20_000, limit), hard: attr('what it may raise that to', 40_000, limit) }, [
      'soft',
      'hard',
    ]),
  ),
};

const deviceUse: Shape = either(
  text,
  object(
    {
      source: attr('path on this machine', '/dev/fuse', text),
      target: attr('path in the container', '/dev/fuse', text),
      permissions: attr('of read, write and mknod', 'rw', text, 'rwm'),
    },
    ['source'],
  ),
);

export const LIMIT_FIELDS: Readonly<Record<string, Shape>> = {
  cpus: attr('how many CPUs it may use', 0.5, number()),
  cpu_count: attr('how many CPUs it may use, on Windows', 2, count(0)),
  cpu_percent: attr('share of the CPUs, on Windows', 50, number(0, 100)),
  cpu_shares: attr('weight against others', 512, count(), 1024),
  cpu_quota: attr('microseconds of CPU time in a period', 50_000, microseconds),
  cpu_period: attr('length of a period in microseconds', 100_000, microseconds, 100_000),
  cpu_rt_period: attr('period of realtime scheduling in microseconds, or a duration', '400ms', microseconds),
  cpu_rt_runtime: attr('time for realtime tasks in a period', 95_000, microseconds),
  cpuset: attr('CPUs it may run on', '0-1,3', text),
  mem_limit: attr('memory it may use', '512m', bytes),
  mem_reservation: attr('memory it is promised', '128m', bytes),
  mem_swappiness: attr('how readily its memory is swapped, 0 to 100', 10, { ...count(), form: 'bytes' }),
  memswap_limit: attr('memory and swap together; -1 for no limit of swap', '1g', bytes),
  oom_kill_disable: attr('do not end it when memory is short', true, boolean, false),
  oom_score_adj: attr('who ends first when memory is short, -1000 to 1000', 500, count(-1000, 1000), 0),
  pids_limit: attr('processes it may have; -1 for no limit', 200, count()),
  shm_size: attr('size of /dev/shm', '256m', bytes, '64m'),
  blkio_config: attr('limits of disks', { weight: 300 }, blkio),
  ulimits: attr('limits of the kernel for a process', { nofile: { soft: 20_000, hard: 40_000 } }, ulimits),
  sysctls: attr('kernel parameters of the container', { 'net.core.somaxconn': 1024 }, mapping),
  devices: attr('devices of this machine: SOURCE[:TARGET[:PERMISSIONS]]', ['/dev/fuse'], list(deviceUse)),
  device_cgroup_rules: attr('rules for devices by number', ['c 1:3 mr'], list(text)),
};
