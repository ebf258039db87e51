/**
 * What the runtime is asked for: one container, one exec.
 *
 * Types follow the OCI runtime-spec's config.json by name and meaning (only
 * the parts berth uses), so that another OCI runtime can stand in. Around it
 * stands what that spec leaves to the caller: layers, interfaces, log, stdio.
 * `origin` is opaque here: it comes back in a failure, so that the engine can
 * name the line of the stack file that asked for it.
 */
export type ContainerSpec = {
  /** 64 hex digits. */
  readonly id: string;
  /** Existing folder on tmpfs, mode 0700: the monitor's `run`, `exit`, `ctl.sock`. */
  readonly stateDir: string;
  readonly rootfs: RootfsSpec;
  readonly config: OciConfig;
  readonly interfaces: readonly InterfaceSpec[];
  /** Path of the container's cgroup below each controller's root, e.g. `berth-1a2b/ID`. */
  readonly cgroup: string;
  /** A tiny init as PID 1. */
  readonly init: boolean;
  readonly stdin: 'null' | 'open' | 'once';
  /** null: nothing is written (one-off run with --rm keeps one too, so that no line is lost). */
  readonly log: LogSpec | null;
  /** Wait for the first attach connection before the program starts. */
  readonly awaitAttach: boolean;
  /** Destinations of mounts of which the kernel notes the files that the container opens and writes (opened.ts). */
  readonly noteOpens?: { readonly targets: readonly string[]; readonly origin?: string };
};

export type RootfsSpec = {
  /** Topmost first. */
  readonly lowers: readonly string[];
  /** null: a read-only overlay. Both on one file system, `work` empty. */
  readonly upper: { readonly dir: string; readonly work: string } | null;
};

export type LogSpec = {
  readonly path: string;
  /** Of one file; 0: no limit. */
  readonly maxBytes: number;
  readonly maxFiles: number;
  /** What waits in memory while the disk is full; what comes after it is lost, and counted. */
  readonly bufferBytes: number;
};

export type InterfaceSpec = {
  /** Host end of the veth pair, unique per start, at most 15 bytes. */
  readonly hostName: string;
  /** Name inside, e.g. eth0. */
  readonly name: string;
  readonly bridge: string;
  /** Hangs on this link of the machine instead of a bridge; `hostName` and `bridge` do not count then. */
  readonly macvlan?: { readonly parent: string; readonly mode: string } | null;
  /** Its neighbours on the bridge are kept from it, and it from them. */
  readonly isolated?: boolean;
  readonly mac: string;
  readonly mtu: number;
  /** With prefix length: `172.31.255.2/24`. */
  readonly addresses: readonly string[];
  /** Default gateways, v4 and v6; empty: no default route by this interface. */
  readonly gateways: readonly string[];
  readonly origin?: string;
};

export type OciConfig = {
  readonly hostname: string | null;
  readonly domainname: string | null;
  readonly root: { readonly readonly: boolean };
  readonly process: OciProcess;
  readonly mounts: readonly OciMount[];
  readonly linux: {
    readonly namespaces: readonly OciNamespace[];
    readonly resources: OciResources;
    readonly sysctl: Readonly<Record<string, string>>;
    readonly devices: readonly OciDevice[];
    readonly maskedPaths: readonly string[];
    readonly readonlyPaths: readonly string[];
    /** `default`: berth's filter for the container's capabilities; `unconfined`: none. */
    readonly seccomp: 'default' | 'unconfined';
    readonly rootfsPropagation: 'private' | 'slave' | 'shared';
  };
};

export type OciProcess = {
  readonly args: readonly string[];
  /** `KEY=VALUE`. */
  readonly env: readonly string[];
  readonly cwd: string;
  /** As in an image's config: `name`, `uid`, `name:group`, `uid:gid`, or empty for root. Resolved inside the root. */
  readonly user: { readonly spec: string; readonly additionalGroups: readonly string[]; readonly umask?: number };
  readonly terminal: { readonly rows: number; readonly cols: number } | null;
  /** Names with CAP_. Bounding = permitted = effective; inheritable and ambient stay empty (CVE-2022-29162). */
  readonly capabilities: readonly string[];
  readonly rlimits: readonly {
    readonly type: string;
    readonly soft: number;
    readonly hard: number;
    readonly origin?: string;
  }[];
  readonly noNewPrivileges: boolean;
  readonly oomScoreAdj: number | null;
  readonly origin?: string;
};

export type OciMount = {
  readonly destination: string;
  /** `bind`, `tmpfs`, `proc`, `sysfs`, `devpts`, `mqueue`, `cgroup`; of berth's own: `file`, a copy in memory, and `image`, layers. */
  readonly type: string;
  readonly source: string;
  /** Of a bind or image: what is mounted is this below it, links and all looked up as if `source` were the root. */
  readonly subpath?: string;
  /** Of an image: unpacked layers, topmost first. */
  readonly layers?: readonly string[];
  /**
   * As mount(8) and the OCI spec name them: ro, rro, rbind, bind, nosuid, nodev, noexec, rprivate, size=..., mode=...
   * A bind also has `copy-up` (fill it with what the root has there, when it is empty) and `owner=UID:GID` (whose the
   * container's user's files are on the host); a file has uid=, gid= and mode=.
   */
  readonly options: readonly string[];
  readonly origin?: string;
};

export type OciNamespace = {
  readonly type: 'pid' | 'network' | 'mount' | 'ipc' | 'uts' | 'user' | 'cgroup' | 'time';
  /** Absent: a new one. To share the host's, leave the entry out. */
  readonly path?: string;
};

export type OciDevice = {
  readonly path: string;
  readonly type: 'c' | 'b';
  readonly major: number;
  readonly minor: number;
  readonly fileMode: number;
  /** cgroup access: some of `rwm`. */
  readonly access: string;
};

/** null stands for every number. */
export type DeviceRule = {
  readonly type: 'c' | 'b';
  readonly major: number | null;
  readonly minor: number | null;
  readonly access: string;
};

/** undefined: not asked for. A value that the host can not enforce is HOST_LACKS_CONTROLLER. */
export type OciResources = {
  readonly cpu?: {
    readonly shares?: number;
    /** Microseconds of CPU time a period. */
    readonly quota?: number;
    readonly period?: number;
    /** Microseconds of realtime scheduling in a period; version 1 only. */
    readonly realtimeRuntime?: number;
    readonly realtimePeriod?: number;
    readonly cpus?: string;
  };
  readonly memory?: {
    readonly limit?: number;
    readonly reservation?: number /** memory + swap; -1 unlimited. */;
    readonly swap?: number;
    /** 0 to 100; version 1 only. */
    readonly swappiness?: number;
    /** Processes wait for memory instead of being killed; version 1 only. */
    readonly disableOOMKiller?: boolean;
  };
  readonly blockIO?: OciBlockIO;
  readonly pids?: {
    readonly limit: number /** A default of ours: not enforced where the host can not. */;
    readonly isDefault?: boolean;
  };
  /** Device access; `all` for privileged containers. */
  readonly devices: 'default' | 'all';
  /** Further devices that may be used, by number. */
  readonly deviceRules?: readonly DeviceRule[];
  /** What asked for each: `cpu.quota` -> `services.web.cpus`. */
  readonly origins?: Readonly<Record<string, string>>;
};

/** By the numbers of whole disks: the kernel has no limits for partitions. */
export type OciBlockIO = {
  /** 10 to 1000. */
  readonly weight?: number;
  readonly weightDevice?: readonly (DeviceNumber & { readonly weight: number })[];
  /** Bytes in a second. */
  readonly throttleReadBpsDevice?: readonly DeviceRate[];
  readonly throttleWriteBpsDevice?: readonly DeviceRate[];
  /** Operations in a second. */
  readonly throttleReadIOPSDevice?: readonly DeviceRate[];
  readonly throttleWriteIOPSDevice?: readonly DeviceRate[];
};

export type DeviceNumber = { readonly major: number; readonly minor: number };

export type DeviceRate = DeviceNumber & { readonly rate: number };

export type ExecSpec = {
  readonly id: string;
  readonly stateDir: string;
  readonly process: OciProcess;
  readonly seccomp: 'default' | 'unconfined';
  readonly stdin: 'null' | 'once';
  /** false: start at once, output to nowhere (`exec -d`). */
  readonly awaitAttach: boolean;
  readonly cgroup: string;
};

export type ExitRecord = {
  /** 0..255, 128+n for a signal; null: unknown (the monitor was killed). */
  readonly code: number | null;
  readonly signal: number;
  /** The kernel's OOM killer ended a process of this container. */
  readonly oomKilled: boolean;
  readonly startedAt: string;
  readonly finishedAt: string;
};
