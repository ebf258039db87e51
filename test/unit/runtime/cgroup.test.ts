/** Limits on the three kinds of machines: version 1, version 2, hybrid. */
import { expect, test } from 'vitest';
import { type CgroupHost, cgroupFolders, cgroupOps } from '../../../src/runtime/cgroup.ts';
import { printProgram } from '../../../src/runtime/op.ts';
import type { OciDevice, OciResources } from '../../../src/runtime/spec.ts';

const V2: CgroupHost = {
  v1: new Map(),
  v2: { root: '/cg', controllers: new Set(['cpu', 'cpuset', 'memory', 'pids']) },
  cpuset: null,
};
const V1_FOLDERS = ['cpu', 'cpuset', 'memory', 'pids', 'devices', 'freezer'].map(
  (name) => [name, `/cg/${name}`] as const,
);
const V1: CgroupHost = { v1: new Map(V1_FOLDERS), v2: null, cpuset: { cpus: '0-3', mems: '0-1' } };
const HYBRID: CgroupHost = { ...V1, v2: { root: '/cg/unified', controllers: new Set() } };

const ALL: OciResources = {
  cpu: { shares: 512, quota: 50_000, period: 100_000, cpus: '0-1' },
  memory: { limit: 64 << 20, reservation: 32 << 20, swap: 96 << 20 },
  pids: { limit: 100 },
  devices: 'all',
};

const program = (host: CgroupHost, resources: OciResources = ALL, devices: OciDevice[] = []) =>
  printProgram(cgroupOps(host, 'berth/c1', resources, devices));
const writes = (text: string) =>
  text
    .split('\n')
    .filter((line) => /^cgroup-(try-)?write /.test(line))
    .map((line) => line.replace('/cg/', ''));

test('all limits on a version 2 machine', () => {
  expect(program(V2)).toMatchInlineSnapshot(`
    "cgroup-mkdir /cg/berth/c1
    cgroup-write /cg/berth/c1/cpu.weight 20
    cgroup-write /cg/berth/c1/cpu.max "50000 100000"
    cgroup-write /cg/berth/c1/cpuset.cpus 0-1
    cgroup-write /cg/berth/c1/memory.max 67108864
    cgroup-write /cg/berth/c1/memory.low 33554432
    cgroup-write /cg/berth/c1/memory.swap.max 33554432
    cgroup-write /cg/berth/c1/pids.max 100
    cgroup-into-v2 /cg/berth/c1
    oom-watch v2 /cg/berth/c1"
  `);
});

test('all limits on a version 1 machine', () => {
  expect(program(V1)).toMatchInlineSnapshot(`
    "cgroup-mkdir /cg/cpu/berth/c1
    cgroup-mkdir /cg/memory/berth/c1
    cgroup-mkdir /cg/pids/berth/c1
    cgroup-mkdir /cg/devices/berth/c1
    cgroup-mkdir /cg/cpuset/berth/c1
    cgroup-mkdir /cg/freezer/berth/c1
    cgroup-write /cg/cpu/berth/c1/cpu.shares 512
    cgroup-write /cg/cpu/berth/c1/cpu.cfs_period_us 100000
    cgroup-write /cg/cpu/berth/c1/cpu.cfs_quota_us 50000
    cgroup-write /cg/cpuset/berth/c1/cpuset.mems 0-1
    cgroup-write /cg/cpuset/berth/c1/cpuset.cpus 0-1
    cgroup-write /cg/memory/berth/c1/memory.limit_in_bytes 67108864
    cgroup-write /cg/memory/berth/c1/memory.soft_limit_in_bytes 33554432
    cgroup-write /cg/memory/berth/c1/memory.memsw.limit_in_bytes 100663296
    cgroup-write /cg/pids/berth/c1/pids.max 100
    cgroup-join-v1 /cg/cpu/berth/c1/tasks
    cgroup-join-v1 /cg/memory/berth/c1/tasks
    cgroup-join-v1 /cg/pids/berth/c1/tasks
    cgroup-join-v1 /cg/devices/berth/c1/tasks
    cgroup-join-v1 /cg/cpuset/berth/c1/tasks
    cgroup-join-v1 /cg/freezer/berth/c1/tasks
    oom-watch v1 /cg/memory/berth/c1"
  `);
});

test('all limits on a hybrid machine: values in version 1, the processes in version 2 too', () => {
  expect(program(HYBRID)).toMatchInlineSnapshot(`
    "cgroup-mkdir /cg/cpu/berth/c1
    cgroup-mkdir /cg/memory/berth/c1
    cgroup-mkdir /cg/pids/berth/c1
    cgroup-mkdir /cg/devices/berth/c1
    cgroup-mkdir /cg/cpuset/berth/c1
    cgroup-mkdir /cg/unified/berth/c1
    cgroup-write /cg/cpu/berth/c1/cpu.shares 512
    cgroup-write /cg/cpu/berth/c1/cpu.cfs_period_us 100000
    cgroup-write /cg/cpu/berth/c1/cpu.cfs_quota_us 50000
    cgroup-write /cg/cpuset/berth/c1/cpuset.mems 0-1
    cgroup-write /cg/cpuset/berth/c1/cpuset.cpus 0-1
    cgroup-write /cg/memory/berth/c1/memory.limit_in_bytes 67108864
    cgroup-write /cg/memory/berth/c1/memory.soft_limit_in_bytes 33554432
    cgroup-write /cg/memory/berth/c1/memory.memsw.limit_in_bytes 100663296
    cgroup-write /cg/pids/berth/c1/pids.max 100
    cgroup-join-v1 /cg/cpu/berth/c1/tasks
    cgroup-join-v1 /cg/memory/berth/c1/tasks
    cgroup-join-v1 /cg/pids/berth/c1/tasks
    cgroup-join-v1 /cg/devices/berth/c1/tasks
    cgroup-join-v1 /cg/cpuset/berth/c1/tasks
    cgroup-into-v2 /cg/unified/berth/c1
    oom-watch v1 /cg/memory/berth/c1"
  `);
});

test('without a cpu set the container stays out of the cpuset controller', () => {
  expect(program(V1, { devices: 'all' })).not.toContain('cpuset');
});

test.each([
  [0, 1, 2],
  [2, 1, 2],
  [1024, 39, 1024],
  [262_144, 10_000, 262_144],
  [1_000_000, 10_000, 262_144],
])('%i shares are the weight %i, or %i shares', (shares, weight, bounded) => {
  const resources: OciResources = { cpu: { shares }, devices: 'all' };

  expect(writes(program(V2, resources))).toEqual([`cgroup-write berth/c1/cpu.weight ${weight}`]);
  expect(writes(program(V1, resources))).toEqual([`cgroup-write cpu/berth/c1/cpu.shares ${bounded}`]);
});

test('a quota without period has the period of the kernel', () => {
  const resources: OciResources = { cpu: { quota: 20_000 }, devices: 'all' };

  expect(writes(program(V2, resources))).toEqual(['cgroup-write berth/c1/cpu.max "20000 100000"']);
});

test('no quota is max in version 2 and -1 in version 1', () => {
  const resources: OciResources = { cpu: { quota: -1, period: 50_000 }, devices: 'all' };

  expect(writes(program(V2, resources))).toEqual(['cgroup-write berth/c1/cpu.max "max 50000"']);
  expect(writes(program(V1, resources))).toEqual([
    'cgroup-write cpu/berth/c1/cpu.cfs_period_us 50000',
    'cgroup-write cpu/berth/c1/cpu.cfs_quota_us -1',
  ]);
});

test.each([
  [{ limit: 100, swap: 100 }, '0'],
  [{ limit: 100, swap: 150 }, '50'],
  [{ limit: 100, swap: -1 }, 'max'],
  [{ limit: 100, swap: 50 }, '0'],
])('memory and swap together %o are %s of swap alone in version 2', (memory, expected) => {
  const text = writes(program(V2, { memory, devices: 'all' }));

  expect(text.at(-1)).toBe(`cgroup-write berth/c1/memory.swap.max ${expected}`);
});

test('in version 1 the memory limit is written before that of memory and swap, which may not be lower', () => {
  const text = writes(program(V1, { memory: { limit: 100, swap: 150 }, devices: 'all' }));

  expect(text).toEqual([
    'cgroup-write memory/berth/c1/memory.limit_in_bytes 100',
    'cgroup-write memory/berth/c1/memory.memsw.limit_in_bytes 150',
  ]);
});

test.each([
  ['memory', 'memory.limit', { memory: { limit: 1 } }],
  ['cpu', 'cpu.quota', { cpu: { quota: 1 } }],
  ['cpuset', 'cpu.cpus', { cpu: { cpus: '0' } }],
  ['pids', 'pids.limit', { pids: { limit: 1 } }],
])('a limit without its controller %s is refused, by name and with its place', (controller, key, resources) => {
  const bare: CgroupHost = { v1: new Map(), v2: { root: '/cg', controllers: new Set() }, cpuset: null };

  const plan = () => program(bare, { ...resources, devices: 'all', origins: { [key]: 'services.web' } });

  expect(plan).toThrow(`this machine has no cgroup controller "${controller}"`);
  expect(plan).toThrow(expect.objectContaining({ code: 'HOST_LACKS_CONTROLLER', origin: 'services.web' }));
});

test('our own default for the process limit is left out where there is no controller', () => {
  const bare: CgroupHost = { v1: new Map(), v2: { root: '/cg', controllers: new Set() }, cpuset: null };

  expect(writes(program(bare, { pids: { limit: 2048, isDefault: true }, devices: 'all' }))).toEqual([]);
});

test('our own default is tried, a limit that was asked for must be taken', () => {
  expect(writes(program(V2, { pids: { limit: 2048, isDefault: true }, devices: 'all' }))).toEqual([
    'cgroup-try-write berth/c1/pids.max 2048',
  ]);
  expect(writes(program(V2, { pids: { limit: -1 }, devices: 'all' }))).toEqual(['cgroup-write berth/c1/pids.max max']);
});

test('version 1 closes all devices and opens the harmless ones and those asked for', () => {
  const fuse: OciDevice = { path: '/dev/fuse', type: 'c', major: 10, minor: 229, fileMode: 0o666, access: 'rw' };

  expect(writes(program(V1, { devices: 'default' }, [fuse]))).toMatchInlineSnapshot(`
    [
      "cgroup-write devices/berth/c1/devices.deny a",
      "cgroup-write devices/berth/c1/devices.allow "c *:* m"",
      "cgroup-write devices/berth/c1/devices.allow "b *:* m"",
      "cgroup-write devices/berth/c1/devices.allow "c 1:3 rwm"",
      "cgroup-write devices/berth/c1/devices.allow "c 1:5 rwm"",
      "cgroup-write devices/berth/c1/devices.allow "c 1:7 rwm"",
      "cgroup-write devices/berth/c1/devices.allow "c 1:8 rwm"",
      "cgroup-write devices/berth/c1/devices.allow "c 1:9 rwm"",
      "cgroup-write devices/berth/c1/devices.allow "c 5:0 rwm"",
      "cgroup-write devices/berth/c1/devices.allow "c 5:1 rwm"",
      "cgroup-write devices/berth/c1/devices.allow "c 5:2 rwm"",
      "cgroup-write devices/berth/c1/devices.allow "c 136:* rwm"",
      "cgroup-write devices/berth/c1/devices.allow "c 10:229 rw"",
    ]
  `);
});

test('version 2 closes devices with a program', () => {
  expect(program(V2, { devices: 'default' })).toMatch(/^cgroup-devices \/cg\/berth\/c1 <\d+ bytes>$/m);
});

test('a machine on which devices can not be closed runs no ordinary container', () => {
  const host: CgroupHost = { v1: new Map([['memory', '/cg/memory']]), v2: null, cpuset: null };

  expect(() => program(host, { devices: 'default' })).toThrow('this machine has no cgroup controller "devices"');
});

test('controllers that are mounted together share one group', () => {
  const host: CgroupHost = {
    v1: new Map([
      ['cpu', '/cg/all'],
      ['memory', '/cg/all'],
    ]),
    v2: null,
    cpuset: null,
  };

  expect(cgroupFolders(host, 'x')).toEqual(['/cg/all/x']);
});

test('swappiness is written on version 1, and said not to be there on version 2', () => {
  const asked: OciResources = { devices: 'all', memory: { swappiness: 10 } };

  expect(writes(program(V1, asked))).toContain('cgroup-write memory/berth/c1/memory.swappiness 10');
  expect(() => program(V2, asked)).toThrow('version 2, which have no swappiness');
});

const DISKS: OciResources = {
  devices: 'all',
  blockIO: {
    weight: 10,
    weightDevice: [{ major: 8, minor: 0, weight: 1000 }],
    throttleReadBpsDevice: [{ major: 8, minor: 16, rate: 1024 }],
    throttleWriteBpsDevice: [{ major: 8, minor: 16, rate: 2048 }],
    throttleReadIOPSDevice: [{ major: 8, minor: 0, rate: 10 }],
    throttleWriteIOPSDevice: [{ major: 8, minor: 0, rate: 20 }],
  },
};
const WITH_IO = { ...V2, v2: { root: '/cg', controllers: new Set(['io']) } };

test('limits of disks, in the words of each version', () => {
  const v1 = { ...V1, v1: new Map([...V1.v1, ['blkio', '/cg/blkio']]), weights: { v1: 'blkio.weight', v2: null } };

  expect(writes(program(v1, DISKS))).toEqual([
    'cgroup-write blkio/berth/c1/blkio.weight 10',
    'cgroup-write blkio/berth/c1/blkio.weight_device "8:0 1000"',
    'cgroup-write blkio/berth/c1/blkio.throttle.read_bps_device "8:16 1024"',
    'cgroup-write blkio/berth/c1/blkio.throttle.write_bps_device "8:16 2048"',
    'cgroup-write blkio/berth/c1/blkio.throttle.read_iops_device "8:0 10"',
    'cgroup-write blkio/berth/c1/blkio.throttle.write_iops_device "8:0 20"',
  ]);
  expect(program(v1, DISKS)).toContain('cgroup-join-v1 /cg/blkio/berth/c1/tasks');
  expect(writes(program({ ...WITH_IO, weights: { v1: null, v2: 'io.weight' } }, DISKS))).toEqual([
    'cgroup-write berth/c1/io.weight 1',
    'cgroup-write berth/c1/io.weight "8:0 10000"',
    'cgroup-write berth/c1/io.max "8:16 rbps=1024"',
    'cgroup-write berth/c1/io.max "8:16 wbps=2048"',
    'cgroup-write berth/c1/io.max "8:0 riops=10"',
    'cgroup-write berth/c1/io.max "8:0 wiops=20"',
  ]);
  expect(program(V1)).not.toContain('blkio');
});

test('a kernel without weights, without the controller: each is said', () => {
  expect(() => program(WITH_IO, DISKS)).toThrow('version 2, which have no weight of disk access');
  expect(() => program(V2, DISKS)).toThrow('no cgroup controller "blkio"');
});

test('realtime and waiting for memory are of version 1; our group takes realtime first', () => {
  const asked: OciResources = {
    devices: 'all',
    cpu: { realtimePeriod: 400_000, realtimeRuntime: 95_000 },
    memory: { disableOOMKiller: true },
  };

  expect(writes(program({ ...V1, realtimeUs: 950_000 }, asked))).toEqual([
    'cgroup-write cpu/berth/c1/cpu.rt_period_us 400000',
    'cgroup-try-write cpu/berth/cpu.rt_runtime_us 950000',
    'cgroup-write cpu/berth/c1/cpu.rt_runtime_us 95000',
    'cgroup-write memory/berth/c1/memory.oom_control 1',
  ]);
  expect(() => program(V2, asked)).toThrow('version 2, which have no period of realtime scheduling');
  expect(() => program(V2, { devices: 'all', memory: { disableOOMKiller: true } })).toThrow('have no waiting instead');
});

test('device rules of the stack file are opened behind the usual ones', () => {
  const rule = { type: 'c', major: 10, minor: null, access: 'rw' } as const;

  const text = program(V1, { devices: 'default', deviceRules: [rule] });

  expect(writes(text).at(-1)).toBe('cgroup-write devices/berth/c1/devices.allow "c 10:* rw"');
});
