import { expect, test } from 'vitest';
import { BerthError } from '../../../src/base/errors.ts';
import type { LoadedStack } from '../../../src/stackfile/load-stack.ts';
import { printCanonical } from '../../../src/stackfile/print-canonical.ts';
import { service } from '../../../src/stackfile/service-shape.ts';
import { faultsOf, load, loadService, printFinding, webWith } from './stack-files.ts';

const AT_HOME = { projectDir: '/srv/shop' };

/* Faults of shape used to stop the run: the names at its end were not looked at. */
test('limits of disks and of realtime come from their attributes', async () => {
  const { resources } = await loadService(
    `blkio_config: {weight: 300, weight_device: [{path: /dev/sda, weight: 400}], device_read_bps: [{path: /dev/sda, rate: 1mb}],
      device_write_iops: [{path: /dev/sda, rate: 30}]}
cpu_rt_runtime: 95ms
cpu_rt_period: 400000
oom_kill_disable: true`,
  );

  expect(resources).toMatchObject({
    cpuRealtimeUs: 95_000,
    cpuRealtimePeriodUs: 400_000,
    oomKillDisable: true,
    blockIO: {
      weight: 300,
      weights: [{ path: '/dev/sda', weight: 400 }],
      readBytes: [{ path: '/dev/sda', rate: 1_048_576 }],
      writeBytes: [],
      reads: [],
      writes: [{ path: '/dev/sda', rate: 30 }],
    },
  });
});

test('faults of shape and of names are told in one run, in the order of the file', async () => {
  const faults = await faultsOf(`
services:
  web:
    imgae: x
    image: [1]
    build: {context: ., privileged: true}
    healthcheck: {interval: 5x, test: [FOO]}
    ports: [[80], "99999:80"]
  db:
    image: host
    depends_on: [wbe]
    networks: [bakc]
    volumes: ["data:/d"]
    stop_grace_period: 5
  none:
networks: {back: {ipam: {config: [{subnet: 300.1.1.0/24}]}}}
`);

  expect(faults).toMatchInlineSnapshot(`
    "stack.yaml:4:5 services.web.imgae: services.web has no attribute \`imgae\` (did you mean \`image\`?)
    stack.yaml:5:12 services.web.image: services.web.image must be text, not a list
    stack.yaml:6:25 services.web.build.privileged: services.web.build.privileged: true is not supported by berth (steps run in the sandbox of all containers: remove it)
    stack.yaml:7:29 services.web.healthcheck.interval: services.web.healthcheck.interval must be a duration like 10s or 1m30s, not the text "5x"
    stack.yaml:7:39 services.web.healthcheck.test: a test begins with CMD, CMD-SHELL or NONE (write ["CMD", "program", "argument"], or text for the shell)
    stack.yaml:8:13 services.web.ports[0]: services.web.ports[0] must be a whole number, or text, or a map, not a list
    stack.yaml:8:19 services.web.ports[0]: "99999:80" has no valid port (write "8080:80", "127.0.0.1:8080:80" or "80")
    stack.yaml:11:18 services.db.depends_on.wbe: service db needs wbe, which does not exist (did you mean web?)
    stack.yaml:12:16 services.db.networks.bakc: there is no network bakc (did you mean back?)
    stack.yaml:13:15 services.db.volumes[0]: there is no volume data (declare it at the top: volumes: {data: {}}; a folder begins with ./ or /)
    stack.yaml:14:24 services.db.stop_grace_period: services.db.stop_grace_period must be a duration like 10s or 1m30s, not 5 (name the unit: 5s)
    stack.yaml:15:8 services.none: services.none must be a map, not empty (indent what belongs to it below it, or remove the line)
    stack.yaml:16:44 networks.back.ipam.config[0].subnet: "300.1.1.0/24" is no subnet for a network (write it as 172.28.0.0/24 or fd00:1::/64)"
  `);
});

test('a finding has its line, for the caret', async () => {
  const error = await load(webWith('cpus: abc')).catch((e: unknown) => e);

  expect(error).toBeInstanceOf(BerthError);
  expect((error as BerthError).diagnostics?.[0]).toMatchObject({
    path: 'services.web.cpus',
    at: { line: 4, col: 11 },
    sourceLine: '    cpus: abc',
    width: 3,
  });
});

test('faults of YAML have the path of what they are in', async () => {
  expect(await faultsOf('services:\n  web:\n    image: a\n    image: b\n')).toMatchInlineSnapshot(
    `"stack.yaml:4:5 services.web.image: this key is there twice (keep one of the two)"`,
  );
  expect(await faultsOf('services:\n\tweb: {}\n')).toMatchInlineSnapshot(
    `"stack.yaml:2:1 -: YAML: tabs are not allowed as indentation (indent with spaces)"`,
  );
  expect(await faultsOf('services: {web: {image: *none}}\n')).toMatchInlineSnapshot(`
    "stack.yaml:1:12 services.web: service web needs \`image\` or \`build\` (\`image: host\` runs programs of this machine)
    stack.yaml:1:25 services.web.image: there is no anchor &none (name it with &none, or put text in quotes: "*none")
    stack.yaml:1:25 services.web.image: services.web.image must be text, not empty (give it a value, or remove the line)"
  `);
});

test('keys that are not text and further documents are refused', async () => {
  expect(
    await faultsOf('services: {1: {image: host}, web: {image: host, environment: {true: x}}}\n'),
  ).toMatchInlineSnapshot(`
    "stack.yaml:1:12 services.1: the key 1 is not text (put it in quotes: "1")
    stack.yaml:1:63 services.web.environment.true: the key true is not text (put it in quotes: "true")"
  `);
  expect(await faultsOf('services: {web: {image: host}}\n---\nservices: {}\n')).toMatchInlineSnapshot(`"no faults"`);
  expect(await faultsOf('services: {web: {image: host}}\n---\n# nothing\n')).toBe('no faults');
});

test('variables have the path they are used at', async () => {
  expect(await faultsOf(webWith('environment: [A=1, "B=${X:?say it}"]\nuser: "${"'))).toMatchInlineSnapshot(`
    "stack.yaml:4:24 services.web.environment[1]: the variable X must be set: say it (set it in .env or in the environment: X=...)
    stack.yaml:5:12 services.web.user: "\${" has no closing brace (write $$ for a dollar sign)"
  `);
});

test('values that mean nothing are refused', async () => {
  const faults = await faultsOf(
    webWith(`cpus: -1
ulimits: {nofile: abc, nofiles: 1, core: {soft: 5, hard: 2}}
mem_limit: 1x
oom_score_adj: 5000
cpuset: zz
cap_add: [NET_ADMIN, net_admn]
stop_signal: SIGTRM
security_opt: ["no-new-privileges:true", "seccomp=x.json"]
runtime: runc
extra_hosts: [a]
hostname: a b
container_name: one
deploy: {replicas: 2}`),
  );

  expect(faults).toMatchInlineSnapshot(`
    "stack.yaml:4:11 services.web.cpus: services.web.cpus must be at least 0, not -1
    stack.yaml:5:23 services.web.ulimits.nofile: services.web.ulimits.nofile must be a whole number, not the text "abc"
    stack.yaml:5:28 services.web.ulimits.nofiles: "nofiles" is no limit (did you mean nofile?)
    stack.yaml:5:53 services.web.ulimits.core.soft: the soft limit 5 is above the hard limit 2
    stack.yaml:6:16 services.web.mem_limit: services.web.mem_limit must be a whole number, or a size like 64m or 1g, not the text "1x"
    stack.yaml:7:20 services.web.oom_score_adj: services.web.oom_score_adj must be at most 1000, not 5000
    stack.yaml:8:13 services.web.cpuset: services.web.cpuset must be a list of CPUs like 0-1,3, not the text "zz"
    stack.yaml:9:26 services.web.cap_add[1]: "net_admn" is no capability (did you mean NET_ADMIN?)
    stack.yaml:10:18 services.web.stop_signal: "SIGTRM" is no signal (did you mean SIGTERM?)
    stack.yaml:11:46 services.web.security_opt[1]: the security option "seccomp=x.json" is not supported by berth (berth knows no-new-privileges:true|false, seccomp=unconfined and systempaths=unconfined)
    stack.yaml:12:5 services.web.runtime: services.web.runtime is not supported by berth (containers run in the one that berth brings along: remove it)
    stack.yaml:13:19 services.web.extra_hosts[0]: "" is no address for the host "a" (write NAME=ADDRESS; \`host-gateway\` is the address of this machine)
    stack.yaml:14:15 services.web.hostname: services.web.hostname must be a host name, not the text "a b"
    stack.yaml:15:21 services.web.container_name: service web has 2 replicas, which can not share one container_name (remove container_name)"
  `);
});

test('names that must be told apart', async () => {
  const faults = await faultsOf(`
services:
  a: {image: host, container_name: one}
  b: {image: host, container_name: one}
  "c d": {image: host, network_mode: none, ports: [80]}
`);

  expect(faults).toMatchInlineSnapshot(`
    "stack.yaml:4:36 services.b.container_name: services a and b have the same container_name one (give each its own)
    stack.yaml:5:3 services.c d: "c d" can not be a name in services (use letters, digits, ".", "_" and "-")
    stack.yaml:5:51 services.c d.ports: a service with network_mode none can not publish ports (publish them at the service that owns the network)"
  `);
});

test('a circle is told once', async () => {
  const faults = await faultsOf('services: {a: {image: host, depends_on: [b]}, b: {image: host, ipc: "service:a"}}');

  expect(faults).toMatchInlineSnapshot(
    `"stack.yaml:1:42 services.a.depends_on.b: services depend on each other in a circle: a -> b -> a (remove one of these dependencies)"`,
  );
});

test('subnets and gateways', async () => {
  const config = '[{subnet: 10.0.0.1/24}, {subnet: 10.1.0.0/24, gateway: 10.2.0.1}, {subnet: "fd00::/64"}]';

  expect(
    await faultsOf(`services: {a: {image: host}}\nnetworks: {n: {ipam: {config: ${config}}}}`),
  ).toMatchInlineSnapshot(`
    "stack.yaml:2:41 networks.n.ipam.config[0].subnet: "10.0.0.1/24" is an address, not a subnet (write it as 10.0.0.0/24)
    stack.yaml:2:86 networks.n.ipam.config[1].gateway: "10.2.0.1" is no address of 10.1.0.0/24"
  `);
});

test('numbers that JavaScript can not hold keep their digits', async () => {
  const { environment } = await loadService('environment: {A: 9223372036854775807, B: 1e3, C: true, D: ""}');

  expect(environment).toEqual({ A: '9223372036854775807', B: '1000', C: 'true', D: '' });
});

test('the words of YAML 1.1 for true and false are taken, with a warning', async () => {
  const { stack, warnings } = await load(webWith('tty: yes\ninit: off'));

  expect(stack.services[0]).toMatchObject({ tty: true, init: false });
  expect(warnings.map(printFinding)).toMatchInlineSnapshot(`
    [
      "stack.yaml:4:10 services.web.tty: services.web.tty is the text "yes", taken as true (write true)",
      "stack.yaml:5:11 services.web.init: services.web.init is the text "off", taken as false (write false)",
    ]
  `);
});

test('raw env files are taken as they are, without their comments', async () => {
  const files = {
    'stack.yaml': webWith('env_file: [{path: raw.env, format: raw}, {path: none.env, required: false}]'),
    'raw.env': '# c=1\nA="$X" # y\r\nB=\n',
  };

  const { stack } = await load(files);

  expect(stack.services[0]!.environment).toEqual({ A: '"$X" # y', B: '' });
});

test('.env is below the environment; an unset variable is a warning', async () => {
  const files = { 'stack.yaml': webWith('environment: {A: $A, B: $B, C: $C, D: }'), '.env': 'A=dot\nB=dot\nD=dot\n' };

  const { stack, warnings } = await load(files, { env: { A: 'shell' } });

  expect(stack.services[0]!.environment).toEqual({ A: 'shell', B: 'dot', C: '', D: 'dot' });
  expect(warnings.map(printFinding)).toMatchInlineSnapshot(`
    [
      "stack.yaml:4:36 services.web.environment.C: the variable C is not set: it becomes empty (set it, or give it a default: \${C:-value})",
    ]
  `);
});

test('aliases that grow without end are refused', async () => {
  const rows = 'bcdefg'.split('').map((name, index) => {
    const before = 'abcdef'[index];
    return `x-${name}: &${name} [${Array(9).fill(`*${before}`).join(',')}]`;
  });

  expect(await faultsOf(`x-a: &a [1,1,1,1,1,1,1,1,1]\n${rows.join('\n')}\n`)).toMatchInlineSnapshot(
    `"stack.yaml:1:1 -: the file is too large once its aliases are resolved (split it, and name the parts with -f or under \`include:\`)"`,
  );
});

test('defaults that differ from docker compose: an init, ports on this machine alone', async () => {
  const service = await loadService('ports: ["8080:80"]');

  expect(service).toMatchObject({ init: true, ports: [{ hostIp: null }] });
});

test('positions: single values where they are, maps where their key is, list items by name too', async () => {
  const { positions } = await load(webWith('environment:\n  - LOG=1\nports: ["8000-8001:80-81"]'));

  const places = Object.entries(positions).map(([path, { line, col }]) => `${path} ${line}:${col}`);
  expect(places.sort()).toMatchInlineSnapshot(`
    [
      "name 1:1",
      "networks 1:1",
      "networks.default 1:1",
      "networks.default.name 1:1",
      "services 1:1",
      "services.web 2:3",
      "services.web.environment 4:5",
      "services.web.environment.LOG 5:9",
      "services.web.image 3:12",
      "services.web.networks 3:5",
      "services.web.networks.default 3:5",
      "services.web.ports 6:5",
      "services.web.ports[0] 6:13",
      "services.web.ports[0].mode 6:13",
      "services.web.ports[0].protocol 6:13",
      "services.web.ports[0].published 6:13",
      "services.web.ports[0].target 6:13",
      "services.web.ports[1] 6:13",
      "services.web.ports[1].mode 6:13",
      "services.web.ports[1].protocol 6:13",
      "services.web.ports[1].published 6:13",
      "services.web.ports[1].target 6:13",
    ]
  `);
});

/* A duration that was a map crashed, and so did an env_file that was a folder. */
test('any value of any attribute is taken or refused, and what is printed means the same', async () => {
  const attributes = service.kind === 'object' ? Object.keys(service.fields) : [];
  const values = [
    '',
    '1',
    '-1',
    'abc',
    '""',
    '[]',
    '{}',
    '[null]',
    '[[]]',
    '[{}]',
    '{a: }',
    '{a: []}',
    '.nan',
    '["::"]',
  ];

  for (const attribute of attributes) {
    for (const value of values) {
      const loaded = await load(webWith(`${attribute}: ${value}`), AT_HOME).catch((error: unknown) => error);
      if (loaded instanceof BerthError) continue;
      const { stack, canonical } = loaded as LoadedStack;
      const again = await load(printCanonical(canonical), AT_HOME);
      expect({ ...again.stack, files: [] }, `${attribute}: ${value}`).toEqual({ ...stack, files: [] });
    }
  }
}, 60_000);

test('COMPOSE_ENV_FILES names files of variables, COMPOSE_DISABLE_ENV_FILE leaves .env alone', async () => {
  const files = {
    'stack.yaml': webWith('labels: {a: "${A-none}"}'),
    '.env': 'A=usual',
    'one.env': 'A=one\nB=1',
    'two.env': 'A=$B$B',
  };
  const label = async (env: Record<string, string>) => (await load(files, { env })).stack.services[0]?.labels.a;

  expect(await label({})).toBe('usual');
  expect(await label({ COMPOSE_ENV_FILES: 'one.env,two.env' })).toBe('11');
  expect(await label({ COMPOSE_DISABLE_ENV_FILE: 'true' })).toBe('none');
});

/* Both were merged; docker compose refuses it, since YAML has no key twice. */
test('a second merge key is told', async () => {
  const file = `x-a: &a {init: true}\nx-b: &b {tty: true}\nservices:\n  web:\n    image: host\n    <<: *a\n    <<: *b\n`;

  expect(await faultsOf(file)).toMatchInlineSnapshot(
    `"stack.yaml:7:5 services.web.<<: \`<<\` is there twice (merge a list: \`<<: [*one, *other]\`)"`,
  );
  expect(await faultsOf(file.replace('<<: *a\n    <<: *b', '<<: [*a, *b]'))).toBe('no faults');
});
