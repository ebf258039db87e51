/**
 * Control groups, version 1, 2 and hybrid, behind one interface.
 *
 * Owns what the machine has (`CgroupHost`) and the choice of version for each
 * controller. Planning is pure: resources in, ops out. What a machine lacks is
 * HOST_LACKS_CONTROLLER, unless the value was only a default of ours.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { blockIOSettings } from './cgroup-block-io.ts';
import { v1Ops } from './cgroup-v1.ts';
import { v2Ops } from './cgroup-v2.ts';
import { deviceProgram } from './device-program.ts';
import { type Op, op } from './op.ts';
import { ContainerStartError } from './runtime.ts';
import type { DeviceRule, OciDevice, OciResources } from './spec.ts';

export type CgroupHost = {
  /** Folder of each controller that is mounted as version 1. */
  readonly v1: ReadonlyMap<string, string>;
  /** The version 2 tree and the controllers that our children may use there; none of them on a hybrid machine. */
  readonly v2: { readonly root: string; readonly controllers: ReadonlySet<string> } | null;
  /** cpuset v1: what our parent may use, copied into each child that has a cpuset (an empty one can not be joined). */
  readonly cpuset: { readonly cpus: string; readonly mems: string } | null;
  /** The file of a weight of disk access in our parent; null where the kernel has none. */
  readonly weights?: { readonly v1: string | null; readonly v2: string | null };
  /** Version 1: microseconds of realtime scheduling that the machine hands out; undefined where the kernel has none. */
  readonly realtimeUs?: number;
};

/** One value to be set in one controller. */
export type Setting = {
  readonly controller: string;
  /** For people: `memory limit`. */
  readonly what: string;
  readonly v1: readonly (readonly [file: string, value: string])[];
  readonly v2: readonly (readonly [file: string, value: string])[];
  /** A default of ours: failure is ignored. */
  readonly optional: boolean;
  readonly origin?: string;
};

/** Version 1 controllers that every container gets a group in; these only when they are asked for: */
const AT_WISH_V1 = ['cpuset', 'blkio'];

const ALWAYS_V1 = ['cpu', 'memory', 'pids', 'devices'];

/** Ops that make the cgroup `path` in every hierarchy in use, set its values, and put the container into it. */
export function cgroupOps(
  host: CgroupHost,
  path: string,
  resources: OciResources,
  devices: readonly OciDevice[],
): Op[] {
  const settings = settingsOf(host, resources).filter((setting) => isSupported(host, setting));
  const wished = AT_WISH_V1.filter((name) => settings.some((setting) => setting.controller === name));
  const groups = groupsOf(host, path, wished);
  return [
    ...groups.map(({ dir }) => op('cgroup-mkdir', [dir], `making the cgroup ${dir}`)),
    ...settings.flatMap((setting) => settingOps(host, path, setting)),
    ...deviceOps(host, path, resources, devices),
    ...groups.map(joinOp),
    ...oomOps(host, path),
  ];
}

/** The writes of the values alone, for a group that is there. HOST_LACKS_CONTROLLER. */
export function limitOps(host: CgroupHost, path: string, resources: OciResources): Op[] {
  const settings = settingsOf(host, resources).filter((setting) => isSupported(host, setting));
  return settings.flatMap((setting) => settingOps(host, path, setting));
}

/** Ops that put an exec into the cgroup that a container was given; groups that are not there are passed over. */
export function cgroupJoinOps(host: CgroupHost, path: string): Op[] {
  return groupsOf(host, path, AT_WISH_V1)
    .filter(({ dir }) => existsSync(dir))
    .map(joinOp);
}

/** Folders of `path` in every hierarchy in use. */
export function cgroupFolders(host: CgroupHost, path: string): string[] {
  return groupsOf(host, path, AT_WISH_V1).map(({ dir }) => dir);
}

type Group = { readonly version: 1 | 2; readonly controller: string; readonly dir: string };

function groupsOf(host: CgroupHost, path: string, wished: readonly string[]): Group[] {
  const names = [...ALWAYS_V1, ...wished, ...(host.v2 === null ? ['freezer'] : [])];
  // Controllers that are mounted together share a folder: once is enough.
  const dirs = new Map<string, Group>();
  for (const controller of names) {
    const root = host.v1.get(controller);
    if (root !== undefined && !dirs.has(root)) dirs.set(root, { version: 1, controller, dir: join(root, path) });
  }
  const v2: Group[] = host.v2 === null ? [] : [{ version: 2, controller: 'v2', dir: join(host.v2.root, path) }];
  return [...dirs.values(), ...v2];
}

function joinOp({ version, controller, dir }: Group): Op {
  return version === 1
    ? op('cgroup-join-v1', [join(dir, 'tasks')], `joining the ${controller} cgroup`)
    : op('cgroup-into-v2', [dir], 'joining the cgroup');
}

/** Every value of `resources`, in the order of writing. */
function settingsOf(host: CgroupHost, resources: OciResources): Setting[] {
  const { cpu, memory, pids, blockIO, origins } = resources;
  const settings: Setting[] = [];
  const add = (controller: string, key: string, what: string, write: Pick<Setting, 'v1' | 'v2'>, optional = false) => {
    settings.push({ controller, what, ...write, optional, origin: origins?.[key] });
  };
  if (cpu?.shares !== undefined) add('cpu', 'cpu.shares', 'cpu weight', cpuShares(cpu.shares));
  if (cpu?.quota !== undefined || cpu?.period !== undefined) {
    add('cpu', 'cpu.quota', 'cpu limit', cpuQuota(cpu.quota ?? -1, cpu.period ?? 100_000));
  }
  if (cpu?.realtimePeriod !== undefined) {
    const v1 = [['cpu.rt_period_us', String(cpu.realtimePeriod)]] as const;
    add('cpu', 'cpu.realtimePeriod', 'period of realtime scheduling', { v1, v2: [] });
  }
  if (cpu?.realtimeRuntime !== undefined) {
    const v1 = [['cpu.rt_runtime_us', String(cpu.realtimeRuntime)]] as const;
    add('cpu', 'cpu.realtimeRuntime', 'time of realtime scheduling', { v1, v2: [] });
  }
  if (cpu?.cpus !== undefined) {
    add('cpuset', 'cpu.cpus', 'cpu set', { v1: [['cpuset.cpus', cpu.cpus]], v2: [['cpuset.cpus', cpu.cpus]] });
  }
  if (memory?.limit !== undefined) add('memory', 'memory.limit', 'memory limit', memoryLimit(memory.limit));
  if (memory?.reservation !== undefined) {
    add('memory', 'memory.reservation', 'memory reservation', memoryReservation(memory.reservation));
  }
  if (memory?.swap !== undefined) add('memory', 'memory.swap', 'swap limit', swapLimit(memory.swap, memory.limit));
  if (memory?.swappiness !== undefined) {
    const v1 = [['memory.swappiness', String(memory.swappiness)]] as const;
    add('memory', 'memory.swappiness', 'swappiness', { v1, v2: [] });
  }
  if (memory?.disableOOMKiller) {
    const v1 = [['memory.oom_control', '1']] as const;
    add('memory', 'memory.disableOOMKiller', 'waiting instead of a kill when memory is short', { v1, v2: [] });
  }
  if (blockIO !== undefined) settings.push(...blockIOSettings(blockIO, { host, origins }));
  if (pids !== undefined) add('pids', 'pids.limit', 'process limit', pidsLimit(pids.limit), pids.isDefault === true);
  return settings;
}

/** Weight as runc and crun count it: 2..262144 shares onto 1..10000, in a straight line. */
function cpuShares(shares: number): Pick<Setting, 'v1' | 'v2'> {
  const bounded = Math.min(Math.max(shares, 2), 262_144);
  const weight = 1 + Math.floor(((bounded - 2) * 9999) / 262_142);
  return { v1: [['cpu.shares', String(bounded)]], v2: [['cpu.weight', String(weight)]] };
}

function cpuQuota(quota: number, period: number): Pick<Setting, 'v1' | 'v2'> {
  return {
    v1: [
      ['cpu.cfs_period_us', String(period)],
      ['cpu.cfs_quota_us', String(quota > 0 ? quota : -1)],
    ],
    v2: [['cpu.max', `${quota > 0 ? quota : 'max'} ${period}`]],
  };
}

function memoryLimit(limit: number): Pick<Setting, 'v1' | 'v2'> {
  return {
    v1: [['memory.limit_in_bytes', String(limit)]],
    v2: [['memory.max', limit < 0 ? 'max' : String(limit)]],
  };
}

function memoryReservation(reservation: number): Pick<Setting, 'v1' | 'v2'> {
  return { v1: [['memory.soft_limit_in_bytes', String(reservation)]], v2: [['memory.low', String(reservation)]] };
}

/** `swap` is memory + swap, as version 1 counts; version 2 counts swap alone. */
function swapLimit(swap: number, limit: number | undefined): Pick<Setting, 'v1' | 'v2'> {
  const alone = swap < 0 ? 'max' : String(Math.max(swap - (limit ?? 0), 0));
  return { v1: [['memory.memsw.limit_in_bytes', String(swap)]], v2: [['memory.swap.max', alone]] };
}

function pidsLimit(limit: number): Pick<Setting, 'v1' | 'v2'> {
  const value = limit > 0 ? String(limit) : 'max';
  return { v1: [['pids.max', value]], v2: [['pids.max', value]] };
}

function isSupported(host: CgroupHost, setting: Setting): boolean {
  const { controller, what, v1, v2, optional, origin } = setting;
  if (host.v1.has(controller)) return v1.length > 0 || lacksSetting(1, setting);
  if (host.v2?.controllers.has(nameInV2(controller))) return v2.length > 0 || lacksSetting(2, setting);
  if (optional) return false;
  throw lacksController(controller, what, origin);
}

function lacksSetting(version: 1 | 2, { what, origin }: Setting): never {
  throw new ContainerStartError(
    'HOST_LACKS_FEATURE',
    `this machine has cgroups of version ${version}, which have no ${what} of a container`,
    { origin, errno: 'ENOENT', hint: 'remove the setting' },
  );
}

function nameInV2(controller: string): string {
  return controller === 'blkio' ? 'io' : controller;
}

/** The failure of a value that this machine can not enforce. */
export function lacksController(controller: string, what: string, origin: string | undefined): ContainerStartError {
  return new ContainerStartError(
    'HOST_LACKS_CONTROLLER',
    `this machine has no cgroup controller "${controller}", so a ${what} can not be enforced`,
    { origin, errno: 'ENODEV', hint: 'remove the setting, or run `berth doctor` to see how to enable the controller' },
  );
}

function settingOps(host: CgroupHost, path: string, setting: Setting): Op[] {
  const root = host.v1.get(setting.controller);
  if (root !== undefined) return v1Ops(host, join(root, path), setting);
  return v2Ops(join(host.v2!.root, path), setting);
}

function deviceOps(host: CgroupHost, path: string, resources: OciResources, devices: readonly OciDevice[]): Op[] {
  if (resources.devices === 'all') return [];
  const rules = [
    ...DEVICE_RULES,
    ...devices.map((d) => ({ ...d, minor: d.minor as number | null })),
    ...(resources.deviceRules ?? []),
  ];
  const root = host.v1.get('devices');
  if (root !== undefined) {
    const file = (name: string) => join(root, path, name);
    return [
      op('cgroup-write', [file('devices.deny'), 'a'], 'closing device access'),
      ...rules.map((rule) => op('cgroup-write', [file('devices.allow'), printRule(rule)], 'opening device access')),
    ];
  }
  if (host.v2 === null) throw lacksController('devices', 'device list', undefined);
  const program = deviceProgram(rules).toString('hex');
  return [op('cgroup-devices', [join(host.v2.root, path), program], 'closing device access')];
}

/** Nodes may be made, but only these be opened: null zero full random urandom tty console ptmx and pts (as runc). */
export const DEVICE_RULES: readonly DeviceRule[] = [
  { type: 'c', major: null, minor: null, access: 'm' },
  { type: 'b', major: null, minor: null, access: 'm' },
  ...[3, 5, 7, 8, 9].map((minor) => ({ type: 'c' as const, major: 1, minor, access: 'rwm' })),
  ...[0, 1, 2].map((minor) => ({ type: 'c' as const, major: 5, minor, access: 'rwm' })),
  { type: 'c', major: 136, minor: null, access: 'rwm' },
];

function printRule({ type, major, minor, access }: DeviceRule): string {
  return `${type} ${major ?? '*'}:${minor ?? '*'} ${access}`;
}

function oomOps(host: CgroupHost, path: string): Op[] {
  const root = host.v1.get('memory');
  if (root !== undefined) return [op('oom-watch', ['v1', join(root, path)], 'watching for out of memory')];
  if (!host.v2?.controllers.has('memory')) return [];
  return [op('oom-watch', ['v2', join(host.v2.root, path)], 'watching for out of memory')];
}
