/**
 * What a container gets that nobody asked for: Docker's mounts, masked paths, read-only paths, sysctls and limits.
 *
 * Pure values for the engine to build an OciConfig from; the runtime itself
 * adds only what every OCI runtime adds (device nodes, symlinks of /dev).
 */
import { existsSync, readdirSync } from 'node:fs';
import { DEFAULT_CAPABILITIES } from './capabilities.ts';
import type { OciConfig, OciMount, OciProcess } from './spec.ts';

/** Docker's DefaultShmSize. */
export const DEFAULT_SHM_BYTES = 64 * 1024 * 1024;

/** Podman's; Docker has none. */
export const DEFAULT_PIDS_LIMIT = 2048;

export const DEFAULT_PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export type MountChoices = {
  readonly shmBytes: number;
  /** false when the container shares the host's IPC namespace: then it sees the host's queues and memory. */
  readonly ownIpc: boolean;
  /** true: /sys and the cgroups are writable. */
  readonly privileged: boolean;
};

const ORDINARY: MountChoices = { shmBytes: DEFAULT_SHM_BYTES, ownIpc: true, privileged: false };

/** The mounts that come before a container's own, in mount order. */
export function defaultMounts(choices: Partial<MountChoices> = {}): OciMount[] {
  const { shmBytes, ownIpc, privileged } = { ...ORDINARY, ...choices };
  const access = privileged ? 'rw' : 'ro';
  const safe = ['nosuid', 'noexec', 'nodev'];
  const shm: OciMount = ownIpc
    ? mount('tmpfs', '/dev/shm', [...safe, 'mode=1777', `size=${shmBytes}`], 'shm')
    : mount('bind', '/dev/shm', ['rbind', ...safe], '/dev/shm');
  return [
    mount('proc', '/proc', safe),
    mount('tmpfs', '/dev', ['nosuid', 'strictatime', 'mode=755', 'size=65536k']),
    mount('devpts', '/dev/pts', ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5']),
    mount('sysfs', '/sys', [access, ...safe]),
    mount('cgroup', '/sys/fs/cgroup', [access, ...safe, 'relatime']),
    // Shows the queues of the IPC namespace it is mounted in: also the host's, which may have no /dev/mqueue itself.
    mount('mqueue', '/dev/mqueue', safe),
    shm,
  ];
}

function mount(type: string, destination: string, options: readonly string[], source = type): OciMount {
  return { destination, type, source, options };
}

/** Docker's masked paths; those of the processors' thermal throttling are listed as far as this machine has them. */
export function defaultMaskedPaths(): string[] {
  const proc = ['acpi', 'asound', 'interrupts', 'kcore', 'keys', 'latency_stats', 'sched_debug', 'scsi'];
  return [
    ...[...proc, 'timer_list', 'timer_stats'].map((name) => `/proc/${name}`),
    '/sys/devices/virtual/powercap',
    '/sys/firmware',
    ...thermalPaths(),
  ];
}

let thermal: string[] | undefined;

function thermalPaths(): string[] {
  thermal ??= readThermalPaths('/sys/devices/system/cpu');
  return thermal;
}

function readThermalPaths(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^cpu\d+$/.test(name))
    .map((name) => `${folder}/${name}/thermal_throttle`)
    .filter((path) => existsSync(path));
}

export const DEFAULT_READONLY_PATHS: readonly string[] = ['bus', 'fs', 'irq', 'sys', 'sysrq-trigger'].map(
  (name) => `/proc/${name}`,
);

/** Set in a network namespace of its own: any user may ping and listen on low ports there. */
export const DEFAULT_NETWORK_SYSCTLS: Readonly<Record<string, string>> = {
  'net.ipv4.ping_group_range': '0 2147483647',
  'net.ipv4.ip_unprivileged_port_start': '0',
};

/** A process with Docker's defaults; `args` is all that must be given. */
export function defaultProcess(process: Pick<OciProcess, 'args'> & Partial<OciProcess>): OciProcess {
  return {
    env: [DEFAULT_PATH],
    cwd: '/',
    user: { spec: '', additionalGroups: [] },
    terminal: null,
    capabilities: DEFAULT_CAPABILITIES,
    rlimits: [],
    noNewPrivileges: true,
    oomScoreAdj: null,
    ...process,
  };
}

/** A container's config with every default; new namespaces of all kinds that Docker makes new. */
export function defaultConfig(process: OciProcess, changes: Partial<OciConfig> = {}): OciConfig {
  return {
    hostname: null,
    domainname: null,
    root: { readonly: false },
    process,
    mounts: defaultMounts(),
    linux: {
      namespaces: (['pid', 'network', 'mount', 'ipc', 'uts', 'cgroup'] as const).map((type) => ({ type })),
      resources: { devices: 'default', pids: { limit: DEFAULT_PIDS_LIMIT, isDefault: true } },
      sysctl: DEFAULT_NETWORK_SYSCTLS,
      devices: [],
      maskedPaths: defaultMaskedPaths(),
      readonlyPaths: DEFAULT_READONLY_PATHS,
      seccomp: 'default',
      rootfsPropagation: 'private',
    },
    ...changes,
  };
}
