/**
 * docker's flags for making a container; container-values.ts says what each means in a stack file.
 */
import * as Flags from '@oclif/core/flags';

const several = { multiple: true, multipleNonGreedy: true } as const;
const text = (summary: string, char?: Letter) => Flags.string({ summary, char });
const list = (summary: string, char?: Letter) => Flags.string({ ...several, summary, char });
const count = (summary: string, char?: Letter) => Flags.integer({ summary, char });
const yes = (summary: string, char?: Letter) => Flags.boolean({ summary, char });

type Letter = 'a' | 'c' | 'e' | 'h' | 'i' | 'l' | 'm' | 'P' | 'p' | 't' | 'u' | 'v' | 'w';

const PROCESS_FLAGS = {
  name: text('name of the container'),
  entrypoint: text("instead of the image's entrypoint"),
  env: list('KEY=VALUE to set, or KEY to take over from here', 'e'),
  'env-file': list('file of variables, one KEY=VALUE a line'),
  workdir: text('folder to run in', 'w'),
  user: text('user (and group) to run as', 'u'),
  'group-add': list('further group'),
  hostname: text('name of the machine inside', 'h'),
  domainname: text('domain of the machine inside'),
  interactive: yes('keep its input open', 'i'),
  tty: yes('with a terminal', 't'),
  init: Flags.boolean({ allowNo: true, summary: 'a small init as PID 1 (the default in berth)' }),
  label: list('KEY=VALUE to label it with', 'l'),
  'label-file': list('file of labels, one KEY=VALUE a line'),
  annotation: list('KEY=VALUE for the runtime'),
  restart: text('no, always, unless-stopped, on-failure[:N]'),
  rm: Flags.boolean({ summary: 'remove it, with its anonymous volumes, when it has ended' }),
  'stop-signal': text('signal that stops it'),
  'stop-timeout': count('seconds between the stop signal and the kill'),
  platform: text('platform of the image: linux/amd64'),
  pull: text('when to pull the image: always, missing, never'),
  cidfile: text('file to write its id to; it must not be there'),
};

const ISOLATION_FLAGS = {
  privileged: yes('with all capabilities and devices'),
  'cap-add': list('capability to add'),
  'cap-drop': list('capability to take away'),
  'security-opt': list('seccomp=unconfined, no-new-privileges, systempaths=unconfined, ...'),
  'read-only': yes('with a root filesystem that can not be written'),
  device: list('SOURCE[:TARGET[:rwm]] of a device'),
  'device-cgroup-rule': list('rule for devices: c 1:3 rwm'),
  gpus: text('GPUs to hand in: all, or a number'),
  pid: text('pid namespace: host, container:NAME'),
  ipc: text('ipc namespace: host, private, shareable, container:NAME'),
  uts: text('uts namespace: host'),
  userns: text('user namespace: host'),
  cgroupns: text('cgroup namespace: host, private'),
  'cgroup-parent': text('cgroup above its own'),
  runtime: text('runtime to use'),
};

const STORAGE_FLAGS = {
  volume: list('SOURCE:TARGET[:MODE] to mount', 'v'),
  mount: list('type=bind,source=...,target=...[,readonly] to mount'),
  tmpfs: list('TARGET[:OPTIONS] of a memory filesystem'),
  'volumes-from': list('container whose mounts it gets: NAME[:ro]'),
  'shm-size': text('size of /dev/shm'),
  'storage-opt': list('option of the storage driver'),
};

const NETWORK_FLAGS = {
  network: Flags.string({ ...several, aliases: ['net'], summary: 'network: NAME, host, none, container:NAME' }),
  'network-alias': Flags.string({ ...several, aliases: ['net-alias'], summary: 'further name on its networks' }),
  ip: text('IPv4 address'),
  ip6: text('IPv6 address'),
  'link-local-ip': list('link-local address'),
  'mac-address': text('MAC address'),
  link: list('container to reach by another name: NAME:ALIAS'),
  publish: list('[[IP:]HOST:]PORT[/PROTOCOL] to publish', 'p'),
  'publish-all': yes('publish all ports that the image exposes', 'P'),
  expose: list('port that it listens on'),
  'add-host': list('NAME:ADDRESS to know'),
  dns: list('name server'),
  'dns-search': list('search domain'),
  'dns-option': Flags.string({ ...several, aliases: ['dns-opt'], summary: 'resolver option' }),
};

export const LIMIT_FLAGS = {
  memory: text('most memory: 512m', 'm'),
  'memory-reservation': text('memory that is kept for it when there is little'),
  'memory-swap': text('most memory and swap together; -1: no limit'),
  cpus: text('most CPUs: 1.5'),
  'cpu-shares': count('weight among those that want CPU', 'c'),
  'cpu-period': count('period of the CPU limit in microseconds'),
  'cpu-quota': count('CPU time in each period in microseconds'),
  'cpuset-cpus': text('CPUs it may run on: 0-2,4'),
  'pids-limit': count('most processes; -1: no limit'),
};

const MORE_LIMIT_FLAGS = {
  'memory-swappiness': count('how readily memory is swapped: 0 to 100'),
  'cpu-rt-period': text('period of realtime in microseconds'),
  'cpu-rt-runtime': text('realtime in each period in microseconds'),
  'oom-score-adj': count('who dies first when memory is out: -1000 to 1000'),
  'oom-kill-disable': yes('do not end it when memory is out'),
  ulimit: list('NAME=SOFT[:HARD]'),
  sysctl: list('KEY=VALUE of the kernel, inside its namespaces'),
  'blkio-weight': count('weight among those that want the disk'),
};

const HEALTH_FLAGS = {
  'health-cmd': text('command that says whether it is healthy'),
  'health-interval': text('time between two of them'),
  'health-timeout': text('time one may take'),
  'health-retries': count('failures in a row that make it unhealthy'),
  'health-start-period': text('time to start in, during which failures do not count'),
  'health-start-interval': text('time between two of them while it starts'),
  'no-healthcheck': yes("switch the image's health check off"),
};

const LOG_FLAGS = { 'log-driver': text('log driver'), 'log-opt': list('KEY=VALUE of the log driver') };

/** Of `container create` and `container run`. */
export const MAKE_FLAGS = {
  ...PROCESS_FLAGS,
  ...ISOLATION_FLAGS,
  ...STORAGE_FLAGS,
  ...NETWORK_FLAGS,
  ...LIMIT_FLAGS,
  ...MORE_LIMIT_FLAGS,
  ...HEALTH_FLAGS,
  ...LOG_FLAGS,
};

type Values<F> = {
  readonly [K in keyof F]?: F[K] extends { parse: (...args: never[]) => Promise<infer T> } ? T : never;
};

/** What the parser makes of them; lists as lists. */
export type MakeFlagValues = {
  readonly [K in keyof typeof MAKE_FLAGS]?: (typeof MAKE_FLAGS)[K] extends ReturnType<typeof list>
    ? string[]
    : NonNullable<Values<typeof MAKE_FLAGS>[K]>;
};
