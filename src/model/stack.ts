/**
 * The stack: what a person's stack files say, complete and typed.
 *
 * Every default is filled in, every short form is in its long form, paths are
 * absolute, sizes are bytes and durations milliseconds. Nobody below the
 * stackfile room sees YAML. Positions travel beside the stack (`Positions`),
 * so that two files that mean the same give equal stacks.
 *
 * Names and meaning: Compose Specification, chapters 05 to 09.
 */

import type { SourcePos } from '../base/errors.ts';
import type { Healthcheck } from './healthcheck.ts';
import type { PullPolicy } from './pull-policy.ts';
import type { Device, DeviceRule, Resources } from './resources.ts';
import type { ServiceBuild } from './service-build.ts';
import type { LogForward, Logging, LogKeep } from './service-logs.ts';
import type { ServiceWatch } from './watch.ts';

export type Stack = {
  readonly name: string;
  /** Folder that relative paths were resolved from. */
  readonly projectDir: string;
  readonly files: readonly string[];
  /** Between the parts of a container's name, where it is not `-`: what docker-compose once wrote. */
  readonly nameSeparator?: '_';
  /** In dependency order (model/graph.ts); profiles that are off are left out. */
  readonly services: readonly Service[];
  readonly networks: readonly StackNetwork[];
  readonly volumes: readonly StackVolume[];
};

/** Values of secrets by name. They travel beside the stack, which is kept on disk. */
export type SecretValues = Readonly<Record<string, string>>;

/** Dotted path of a value (`services.web.environment.LOG_LEVEL`, `services.web.ports[0]`) to where it was written. */
export type Positions = Readonly<Record<string, SourcePos>>;

export type Service = {
  readonly name: string;
  readonly image: string;
  /** `linux/arm64`; absent: this machine's. */
  readonly platform?: string;
  /** null: the image's own. */
  readonly command: readonly string[] | null;
  /** null: the image's own; an empty list switches it off. */
  readonly entrypoint: readonly string[] | null;
  /** Names of those in `environment` that providers gave. */
  readonly provided?: readonly string[];
  /** env_file merged below environment; values without `=` taken from the caller's environment or left out. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDir: string | null;
  readonly user: string | null;
  readonly groupAdd: readonly string[];
  readonly hostname: string | null;
  readonly domainname: string | null;
  /** Only allowed with one replica. */
  readonly containerName: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  /** Whose mounts it gets too; its own win. */
  readonly volumesFrom: readonly VolumesFrom[];
  /** x-berth.file-changes is `ignore`: new contents of files are no change. `environment`: variables that are from files. */
  readonly ignoredFiles?: { readonly environment: readonly string[] };
  /** What its user makes in a bind mount belongs to these ids on the host (x-berth.volumes-owner); null: as it is. */
  readonly volumesOwner: { readonly uid: number; readonly gid: number } | null;
  readonly ports: readonly PortMapping[];
  readonly expose: readonly string[];
  readonly networkMode: NetworkMode;
  readonly networks: readonly ServiceNetwork[];
  readonly links: readonly Link[];
  /** Containers of any stack, by their names. */
  readonly externalLinks: readonly Link[];
  /** Name servers to ask for what is no name of ours; empty: the machine's. */
  readonly dns: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly dnsOptions: readonly string[];
  /** Host name to addresses; the value `host-gateway` stands for the machine itself. */
  readonly extraHosts: Readonly<Record<string, readonly string[]>>;
  readonly dependsOn: readonly Dependency[];
  /** null: none declared here, the image's own applies. */
  readonly healthcheck: Healthcheck | null;
  readonly restart: RestartPolicy;
  /** x-berth.restart, or `restart: on-unhealthy`: started again also when its health check fails. */
  readonly restartUnhealthy: boolean;
  /** x-berth.ready: what the engine sees of its coming up; null: nothing. */
  readonly ready: Readiness | null;
  /** Default true in berth (Docker: false). */
  readonly init: boolean;
  readonly tty: boolean;
  readonly stdinOpen: boolean;
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly privileged: boolean;
  readonly readOnly: boolean;
  readonly securityOpt: readonly string[];
  readonly devices: readonly Device[];
  readonly deviceRules: readonly DeviceRule[];
  readonly sysctls: Readonly<Record<string, string>>;
  readonly ulimits: Readonly<Record<string, { readonly soft: number; readonly hard: number }>>;
  readonly shmSizeBytes: number | null;
  readonly ipcMode: NamespaceMode;
  readonly pidMode: NamespaceMode;
  readonly utsMode: 'private' | 'host';
  /** `host`: it sees the control groups of the machine; absent: only its own. */
  readonly cgroupMode?: 'host';
  readonly resources: Resources;
  readonly oomScoreAdj: number | null;
  /** Run to their end in containers of their own before it starts, once for a definition. */
  readonly preStart: readonly StartHook[];
  /** Run in the container after each start. */
  readonly postStart: readonly Hook[];
  /** Run in the container before a stop that somebody asked for. */
  readonly preStop: readonly Hook[];
  readonly replicas: number;
  /** How its containers are replaced; absent: all at once, each as soon as what it needs is ready. */
  readonly update?: Rollout;
  /** How a failed update is taken back. */
  readonly rollback?: Rollout;
  /** How the logs of its containers are written; absent: the default. */
  readonly logging?: Logging;
  /** Where what its containers write is sent too (x-berth.logs.forward). */
  readonly logForward?: LogForward;
  /** How much is kept of what its former containers wrote (x-berth.logs.keep); absent: the default. */
  readonly logKeep?: LogKeep;
  readonly stopSignal: string | null;
  /** null: 10 s. */
  readonly stopGraceMs: number | null;
  readonly profiles: readonly string[];
  /** `attach: false` keeps it out of an attached `up`. */
  readonly attach: boolean;
  /** null: `image` is only used. */
  readonly build: ServiceBuild | null;
  /** null: `missing`. */
  readonly pullPolicy: PullPolicy | null;
  /** develop.watch; absent: nothing is watched for it. */
  readonly watch?: ServiceWatch;
};

/** deploy.update_config and rollback_config of the Compose Deploy Specification. */
export type Rollout = {
  /** Replicas at a time; 0: all. */
  readonly parallelism: number;
  /** Between one batch and the next. */
  readonly delayMs: number;
  /** For how long a new container that has no health check is watched. */
  readonly monitorMs: number;
  /** 0..1 of the replicas. */
  readonly maxFailureRatio: number;
  readonly failureAction: 'pause' | 'continue' | 'rollback';
  readonly order: 'stop-first' | 'start-first';
};

export type Mount =
  | {
      readonly kind: 'bind';
      readonly source: string;
      readonly target: string;
      readonly readOnly: boolean;
      /** Make a missing source folder (the short form does). */
      readonly createHostPath: boolean;
      readonly propagation: 'private' | 'rprivate' | 'shared' | 'rshared' | 'slave' | 'rslave' | null;
      /** `enabled` is the default: recursive, and recursively read-only where the kernel can. */
      readonly recursive: 'enabled' | 'disabled' | 'writable' | 'readonly';
    }
  | {
      readonly kind: 'volume';
      /** Key in `Stack.volumes`; null: an anonymous volume. */
      readonly source: string | null;
      readonly target: string;
      readonly readOnly: boolean;
      readonly noCopy: boolean;
      readonly subpath: string | null;
      /** Of an anonymous volume. */
      readonly labels: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'tmpfs';
      readonly target: string;
      readonly sizeBytes: number | null;
      /** e.g. 0o1777. */
      readonly mode: number | null;
      readonly readOnly: boolean;
      /** Further options as mount(8) names them: `uid=1000`, `exec`, `nr_inodes=10k`. */
      readonly options: readonly string[];
    }
  | {
      readonly kind: 'image';
      readonly source: string;
      readonly target: string;
      readonly subpath: string | null;
      readonly readOnly: true;
    }
  | FileMount;

/** One file of a secret or config: a copy in memory, or (`live`) the file of the host itself. */
export type FileMount = {
  readonly kind: 'file';
  readonly of: 'secret' | 'config';
  /** Its name at the top of the stack file. */
  readonly name: string;
  readonly content: FileContent;
  readonly target: string;
  /** Numbers, since a file is made before the container's accounts are known. */
  readonly uid: number;
  readonly gid: number;
  /** e.g. 0o444. */
  readonly mode: number;
  readonly live: boolean;
  readonly readOnly: true;
};

export type FileContent =
  /** `mark` changes with the content and does not tell it; null: it could not be read. */
  | { readonly kind: 'file'; readonly path: string; readonly mark: string | null }
  | { readonly kind: 'text'; readonly text: string }
  /** Of a variable: the value is in SecretValues, the mark changes with it and does not tell it. */
  | { readonly kind: 'secret-value'; readonly variable: string; readonly mark: string };

export type VolumesFrom = {
  readonly kind: 'service' | 'container';
  readonly name: string;
  readonly readOnly: boolean;
};

export type PortMapping = {
  readonly protocol: 'tcp' | 'udp';
  readonly target: number;
  /** null: any free port of the host; a range gives each replica one of it. */
  readonly published: { readonly first: number; readonly last: number } | null;
  /** null: the default addresses (127.0.0.1 and ::1); `all`: every address of both families. */
  readonly hostIp: string | null;
};

export type NetworkMode =
  | { readonly kind: 'networks' }
  | { readonly kind: 'none' }
  | { readonly kind: 'host' }
  | { readonly kind: 'service'; readonly service: string }
  | { readonly kind: 'container'; readonly container: string };

/** ipc and pid; `shareable` is a private one that others may join. */
export type NamespaceMode =
  | { readonly kind: 'private' }
  | { readonly kind: 'host' }
  | { readonly kind: 'service'; readonly service: string }
  | { readonly kind: 'container'; readonly container: string };

export type ServiceNetwork = {
  /** Key in `Stack.networks`. */
  readonly network: string;
  readonly aliases: readonly string[];
  readonly ipv4Address: string | null;
  readonly ipv6Address: string | null;
  /** Further addresses of the interface, without a prefix. */
  readonly linkLocalIps: readonly string[];
  readonly macAddress: string | null;
  readonly priority: number;
  readonly gwPriority: number;
  readonly interfaceName: string | null;
  /** Namespaced settings of the interface, as `net.ipv4.conf.IFNAME.log_martians`; IFNAME stands for its name. */
  readonly sysctls: Readonly<Record<string, string>>;
};

/** `alias`: what this container alone calls `target`. */
export type Link = { readonly target: string; readonly alias: string };

export type Dependency = {
  readonly service: string;
  readonly condition: 'service_started' | 'service_healthy' | 'service_completed_successfully';
  readonly restart: boolean;
  readonly required: boolean;
};

export type Hook = {
  readonly command: readonly string[];
  readonly user: string | null;
  readonly privileged: boolean;
  readonly workingDir: string | null;
  /** Over the service's own. */
  readonly environment: Readonly<Record<string, string>>;
};

export type StartHook = Hook & {
  /** null: the service's. */
  readonly image: string | null;
  readonly perReplica: boolean;
};

/** All of `checks` must be seen; after `timeoutMs` without them it counts as unhealthy. */
export type Readiness = { readonly checks: readonly ReadyCheck[]; readonly timeoutMs: number };

export type ReadyCheck =
  /** A connection to that port of the container is accepted. */
  | { readonly kind: 'tcp'; readonly port: number }
  /** A GET is answered with `status`; null: with 200 to 399. */
  | { readonly kind: 'http'; readonly port: number; readonly path: string; readonly status: number | null }
  /** A line of its output matches. */
  | { readonly kind: 'log'; readonly pattern: string }
  /** Something in its network namespace listens on that TCP port, on whatever address. */
  | { readonly kind: 'listen'; readonly port: number };

export type RestartPolicy =
  | { readonly kind: 'no' }
  | { readonly kind: 'always' }
  | { readonly kind: 'unless-stopped' }
  /** null: without end. */
  | { readonly kind: 'on-failure'; readonly maxRetries: number | null }
  /** deploy.restart_policy. */
  | {
      readonly kind: 'deploy';
      readonly condition: 'on-failure' | 'any';
      /** null: the back-off. */
      readonly delayMs: number | null;
      /** null: without end. */
      readonly maxAttempts: number | null;
      /** A run of that length is a success; null: none is. */
      readonly windowMs: number | null;
    };

export type StackNetwork = NetworkDefinition & {
  readonly key: string;
  /** Name on this machine: `STACK_KEY` unless given. */
  readonly name: string;
  readonly external: boolean;
};

/** What is asked of a network, by a stack file or by `network create`. */
export type NetworkDefinition = {
  readonly driver: 'bridge' | 'macvlan';
  readonly internal: boolean;
  /** Containers of other stacks may be connected by hand; always so. Kept to be shown. */
  readonly attachable: boolean;
  readonly enableIPv4: boolean;
  readonly enableIPv6: boolean;
  /** Of either version; a version that is on and has none gets one. */
  readonly subnets: readonly NetworkSubnet[];
  readonly options: NetworkOptions;
  readonly labels: Readonly<Record<string, string>>;
};

export type NetworkSubnet = {
  /** CIDR, in canonical form. */
  readonly subnet: string;
  /** null: the first address that is free. */
  readonly gateway: string | null;
  /** Part of the subnet that addresses are given out of; null: all of it. */
  readonly ipRange: string | null;
  /** Names of addresses that somebody else has. */
  readonly auxAddresses: Readonly<Record<string, string>>;
};

export type NetworkOptions = {
  /** null: 1500, of a macvlan its link's. */
  readonly mtu: number | null;
  /** Name of the bridge's interface; null: one of ours. */
  readonly bridgeName: string | null;
  /** Whether containers of the network reach each other. */
  readonly icc: boolean;
  /** Whether what goes out has the machine's address as its sender. */
  readonly masquerade: boolean;
  /** Address for published ports that name none; null: the default ones. */
  readonly hostBinding: string | null;
  /** Of a macvlan: the machine's link that it hangs on. */
  readonly parent: string | null;
  readonly macvlanMode: MacvlanMode;
};

export type MacvlanMode = 'bridge' | 'private' | 'vepa' | 'passthru';

export type StackVolume = {
  readonly key: string;
  readonly name: string;
  readonly external: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** Of Docker's local driver: `type`, `o`, `device`. */
  readonly driverOpts: Readonly<Record<string, string>>;
};
