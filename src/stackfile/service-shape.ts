/**
 * The shape of one service. Names and meaning: Compose Specification, 05-services.
 */
import {
  boolean,
  bytes,
  count,
  duration,
  either,
  fileMode,
  formed,
  list,
  map,
  mapping,
  number,
  object,
  orNothing,
  type Shape,
  simple,
  text,
  textOrList,
  unsupported,
  word,
} from './shape.ts';

const command = (about: string): Shape => orNothing(either([text(), list(simple)], about));
const port = formed('a port, a range or a mapping like 8080:80, 127.0.0.1:8080:80/tcp', /\d/);

const healthcheck = object(
  {
    test: orNothing(
      either(
        [text(), list(text())],
        'how to check: text for the shell, or a list that begins with CMD, CMD-SHELL or NONE',
      ),
    ),
    interval: duration('time between checks; default 30s'),
    timeout: duration('time that one check may take; default 30s'),
    retries: count('failures in a row that make the service unhealthy; default 3'),
    start_period: duration('time to come up, in which failures do not count; default 0s'),
    start_interval: duration('time between checks while it comes up; default 5s'),
    disable: boolean("switches the image's own check off"),
  },
  [],
  'how to tell that the service works',
);

const dependsOn = either(
  [
    list(text('service')),
    map(
      object(
        {
          condition: word(['service_started', 'service_healthy', 'service_completed_successfully'], 'what to wait for'),
          restart: boolean('restart this service when that one is replaced'),
          required: boolean('false: a missing service is no error'),
        },
        [],
      ),
    ),
  ],
  'services that must be there before this one starts',
);

const mount: Shape = either([
  formed('SOURCE:TARGET[:OPTIONS]', /./, 'short form'),
  object(
    {
      type: word(['bind', 'volume', 'tmpfs'], 'kind of mount'),
      source: text('folder, file or name of a volume'),
      target: text('path in the container'),
      read_only: boolean(),
      consistency: text('has no effect on Linux'),
      bind: orNothing(
        object({
          propagation: word(['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave']),
          create_host_path: boolean('make a missing source folder'),
          recursive: word(['enabled', 'disabled', 'writable', 'readonly']),
          selinux: word(['z', 'Z'], 'has no effect without SELinux'),
        }),
      ),
      volume: orNothing(
        object({
          nocopy: boolean('do not copy what the image has there'),
          subpath: text('folder of the volume to mount'),
          labels: unsupported('put labels on the volume itself'),
        }),
      ),
      tmpfs: orNothing(object({ size: bytes(), mode: fileMode() })),
      image: unsupported('mounting images is not supported'),
    },
    ['type', 'target'],
    'long form',
  ),
]);

const portMapping: Shape = either([
  { kind: 'number', whole: true, least: 1 },
  port,
  object(
    {
      target: either([count(undefined, 1), text()], 'port of the container'),
      published: either([count(), text()], 'port of the host, or a range'),
      host_ip: text('address of the host; default 127.0.0.1 and ::1'),
      protocol: word(['tcp', 'udp']),
      mode: word(['host', 'ingress'], 'both mean the same on one machine'),
      name: text(),
      app_protocol: text(),
    },
    ['target'],
  ),
]);

const serviceNetworks: Shape = either([
  list(text('network')),
  map(
    orNothing(
      object({
        aliases: list(text(), 'further names on this network'),
        ipv4_address: text('fixed address'),
        ipv6_address: unsupported('IPv6 networks are not supported yet'),
        link_local_ips: unsupported('remove it'),
        mac_address: text(),
        interface_name: text('name inside the container'),
        priority: number('the highest comes first'),
        gw_priority: number('the highest is the way out'),
        driver_opts: unsupported('remove it'),
      }),
    ),
  ),
]);

const limits = {
  cpus: number(undefined, 0),
  memory: bytes(),
  pids: count(undefined, -1),
  devices: unsupported('devices are named under `devices:`'),
  generic_resources: unsupported('remove it'),
};

const deploy = object({
  mode: word(['replicated'], 'only replicated, on one machine'),
  replicas: count('how many containers'),
  labels: mapping('labels'),
  resources: orNothing(object({ limits: orNothing(object(limits)), reservations: orNothing(object(limits)) })),
  restart_policy: orNothing(
    object({
      condition: word(['none', 'on-failure', 'any']),
      delay: unsupported('restarts back off by themselves'),
      max_attempts: count(),
      window: unsupported('remove it'),
    }),
  ),
  placement: unsupported('there is one machine only'),
  update_config: unsupported('containers are replaced one by one'),
  rollback_config: unsupported('a failed change leaves the old container running'),
  endpoint_mode: unsupported('service names always give the addresses of all replicas'),
});

const secretUse: Shape = either([
  text(),
  object(
    {
      source: text(),
      target: text(),
      uid: unsupported('it keeps its owner'),
      gid: unsupported('it keeps its group'),
      mode: unsupported('it keeps its mode'),
    },
    ['source'],
  ),
]);

const NOT_YET = 'remove it, or leave this service out';

export const service: Shape = object(
  {
    image: text('image to run; `host` is this machine itself'),
    build: unsupported(
      'building images is not supported yet: import a root filesystem with `berth image import`, or use `image: host`',
    ),
    command: command("instead of the image's command"),
    entrypoint: command("instead of the image's entrypoint"),
    environment: mapping('variables of the program'),
    env_file: either(
      [text(), list(either([text(), object({ path: text(), required: boolean(), format: word(['raw']) }, ['path'])]))],
      'files of variables',
    ),
    working_dir: text('folder the program starts in'),
    user: either([text(), { kind: 'number', whole: true, least: 0 }], 'USER[:GROUP] to run as'),
    group_add: list(either([text(), { kind: 'number', whole: true, least: 0 }]), 'further groups'),
    hostname: formed('a host name', /^[\w]([\w.-]*\w)?$/),
    domainname: text(),
    container_name: formed(
      'a name of letters, digits, "_", "." and "-"',
      /^[a-zA-Z0-9][\w.-]*$/,
      'instead of STACK-SERVICE-N',
    ),
    labels: mapping('labels'),
    annotations: mapping('kept as labels'),
    volumes: list(mount, 'what is mounted'),
    tmpfs: textOrList('paths with a file system in memory'),
    ports: list(portMapping, 'published ports'),
    expose: list(
      formed('a port or a range like 3000 or 3000-3005/tcp', /^\d+(-\d+)?(\/(tcp|udp|sctp))?$/),
      'ports for others on the network; documentation only',
    ),
    networks: serviceNetworks,
    network_mode: text('none, host, bridge, service:NAME or container:NAME'),
    depends_on: dependsOn,
    healthcheck: orNothing(healthcheck),
    restart: formed(
      'no, always, unless-stopped or on-failure[:N]',
      /^(no|always|unless-stopped|on-failure(:\d+)?)$/,
      'when to start it again',
    ),
    init: boolean('a small init as PID 1; default true'),
    tty: boolean('with a terminal'),
    stdin_open: boolean('keep stdin open'),
    cap_add: list(text(), 'capabilities to add'),
    cap_drop: list(text(), 'capabilities to drop'),
    privileged: boolean('all capabilities and devices'),
    read_only: boolean('root filesystem read-only'),
    security_opt: list(text(), 'seccomp=unconfined, no-new-privileges:true|false'),
    devices: list(
      either([text(), object({ source: text(), target: text(), permissions: text() }, ['source'])]),
      'devices of the host',
    ),
    sysctls: mapping('kernel parameters of the container'),
    ulimits: map(
      either([
        count(undefined, -1),
        object({ soft: count(undefined, -1), hard: count(undefined, -1) }, ['soft', 'hard']),
      ]),
      'limits',
    ),
    shm_size: bytes('size of /dev/shm; default 64m'),
    cpus: number('how many CPUs it may use', 0),
    cpu_shares: count('weight against others'),
    cpu_quota: either([count(undefined, -1), duration()], 'microseconds of CPU time in a period'),
    cpu_period: either([count(), duration()], 'length of a period in microseconds'),
    cpuset: formed('a list of CPUs like 0-1,3', /^\d+(-\d+)?(,\d+(-\d+)?)*$/, 'CPUs it may run on: 0-1,3'),
    mem_limit: bytes('memory it may use'),
    mem_reservation: bytes('memory it is promised'),
    memswap_limit: bytes('memory and swap together; -1 for no limit of swap', -1),
    pids_limit: count('processes it may have', -1),
    oom_score_adj: number('-1000 to 1000', -1000, 1000),
    scale: count('how many containers'),
    deploy: orNothing(deploy),
    stop_signal: text('default SIGTERM'),
    stop_grace_period: duration('time between the stop signal and the kill; default 10s'),
    dns_search: textOrList('domains to complete names with'),
    dns_opt: list(text(), 'options of resolv.conf'),
    dns: unsupported('containers ask berth, which asks the servers of this machine: set them there'),
    extra_hosts: either([map(textOrList('address')), list(text('NAME=ADDRESS'))], 'names for /etc/hosts'),
    ipc: text('private, shareable, host, service:NAME or container:NAME'),
    pid: text('host, service:NAME or container:NAME'),
    uts: word(['host']),
    profiles: list(text(), 'profiles that switch it on'),
    attach: boolean('false: leave its log out of an attached up'),
    pull_policy: word(
      ['missing', 'never', 'if_not_present'],
      'has no effect: nothing is pulled yet',
      'berth neither pulls nor builds yet: import the image with `berth image import`, and remove this',
    ),
    secrets: list(secretUse, 'secrets, below /run/secrets'),
    configs: list(secretUse, 'configs'),
    extends: either(
      [text('service'), object({ service: text(), file: text('another stack file') }, ['service'])],
      'service that this one builds on',
    ),
    links: unsupported('services reach each other by name without it; use a network alias for another name'),
    external_links: unsupported('join a common external network'),
    volumes_from: unsupported('name the volumes'),
    logging: unsupported('logs are kept by berth: see `berth logs`'),
    mac_address: unsupported('set it under `networks.NAME.mac_address`'),
    platform: unsupported('containers run on the architecture of this machine'),
    runtime: unsupported('containers run in berth'),
    userns_mode: unsupported(NOT_YET),
    cgroup: unsupported(NOT_YET),
    cgroup_parent: unsupported(NOT_YET),
    blkio_config: unsupported(NOT_YET),
    device_cgroup_rules: unsupported(NOT_YET),
    cpu_count: unsupported('it is for Windows'),
    cpu_percent: unsupported('it is for Windows'),
    cpu_rt_period: unsupported(NOT_YET),
    cpu_rt_runtime: unsupported(NOT_YET),
    credential_spec: unsupported('it is for Windows'),
    isolation: unsupported('it is for Windows'),
    develop: unsupported('watching files is not supported yet: remove it'),
    gpus: unsupported(NOT_YET),
    label_file: unsupported('write the labels under `labels:`'),
    mem_swappiness: unsupported(NOT_YET),
    oom_kill_disable: unsupported('a container without memory must be able to end'),
    models: unsupported(NOT_YET),
    pre_start: unsupported(NOT_YET),
    post_start: unsupported(NOT_YET),
    pre_stop: unsupported(NOT_YET),
    provider: unsupported(NOT_YET),
    pull_refresh_after: unsupported('nothing is pulled yet'),
    storage_opt: unsupported(NOT_YET),
    use_api_socket: unsupported(NOT_YET),
  },
  [],
  'one service of the stack',
);
