/** Whole programs as text: what the executor is told for a small container, and for one with everything. */
import { expect, test } from 'vitest';
import type { CgroupHost } from '../../../src/runtime/cgroup.ts';
import { defaultConfig, defaultProcess } from '../../../src/runtime/defaults.ts';
import { printProgram } from '../../../src/runtime/op.ts';
import { containerProgram, execProgram, type ProgramHost } from '../../../src/runtime/program.ts';
import type { ContainerSpec, ExecSpec, OciConfig } from '../../../src/runtime/spec.ts';

const V2: CgroupHost = {
  v1: new Map(),
  v2: { root: '/sys/fs/cgroup', controllers: new Set(['cpu', 'memory', 'pids']) },
  cpuset: null,
};
const HOST: ProgramHost = { cgroups: V2, architecture: 'x64', lastCapability: 40 };

const SMALL: OciConfig = {
  ...defaultConfig(defaultProcess({ args: ['sleep', '60'], env: ['PATH=/bin'] })),
  mounts: [{ destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] }],
};

function spec(config: Partial<OciConfig> = {}, changes: Partial<ContainerSpec> = {}): ContainerSpec {
  return {
    id: 'ab'.repeat(32),
    stateDir: '/run/berth/c/1',
    rootfs: { lowers: ['/data/top', '/data/base'], upper: { dir: '/data/upper', work: '/data/work' } },
    config: {
      ...SMALL,
      linux: { ...SMALL.linux, maskedPaths: ['/proc/kcore'], readonlyPaths: ['/proc/sys'], sysctl: {} },
      ...config,
    },
    interfaces: [],
    cgroup: 'berth-1/ab',
    init: true,
    stdin: 'null',
    log: { path: '/data/log', maxBytes: 1000, maxFiles: 3, bufferBytes: 1 << 20 },
    awaitAttach: false,
    ...changes,
  };
}

const program = (config?: Partial<OciConfig>, changes?: Partial<ContainerSpec>) =>
  printProgram(containerProgram(spec(config, changes), 'ab-1', HOST));

/** The lines of a program that begin with one of the names. */
const linesOf = (text: string, ...names: string[]) =>
  text.split('\n').filter((line) => names.includes(line.split(' ')[0]!));

test('a small container', () => {
  expect(program()).toMatchInlineSnapshot(`
    "tag ab-1
    state-dir /run/berth/c/1
    stdin null
    log /data/log 1000 3 1048576
    monitor-oom-score -900
    cgroup-mkdir /sys/fs/cgroup/berth-1/ab
    cgroup-try-write /sys/fs/cgroup/berth-1/ab/pids.max 2048
    cgroup-devices /sys/fs/cgroup/berth-1/ab <728 bytes>
    cgroup-into-v2 /sys/fs/cgroup/berth-1/ab
    oom-watch v2 /sys/fs/cgroup/berth-1/ab
    namespaces pid,net,mnt,ipc,uts,cgroup
    overlay /data/upper /data/work 0 /data/top /data/base
    mount proc /proc proc 14 ""
    mask /proc/kcore
    readonly-path /proc/sys
    pivot
    net-up
    user "" ""
    caps a80425fb a80425fb a80425fb 0 0
    no-new-privs
    cwd /
    env PATH=/bin
    seccomp <1968 bytes>
    init
    exec sleep 60"
  `);
});

test('interfaces are made by the monitor, addresses and routes inside', () => {
  const text = program(
    {},
    {
      interfaces: [
        {
          hostName: 'vb1',
          name: 'eth0',
          bridge: 'br1',
          mac: '02:00:00:00:00:02',
          mtu: 1500,
          addresses: ['172.31.0.2/24', 'fd00::2/64'],
          gateways: ['172.31.0.1', 'fd00::1'],
        },
      ],
    },
  );

  expect(
    linesOf(text, 'veth', 'bridge-entry', 'port-flags', 'net-up', 'net-addr', 'net-route').join('\n'),
  ).toMatchInlineSnapshot(`
    "veth vb1 eth0 br1 02:00:00:00:00:02 1500
    bridge-entry vb1 02:00:00:00:00:02
    port-flags vb1 hairpin,nolearning,locked
    net-up
    net-addr eth0 172.31.0.2/24
    net-addr eth0 fd00::2/64
    net-route default 172.31.0.1 eth0 0
    net-route default fd00::1 eth0 1024"
  `);
});

test('a container that waits for a client, on a terminal', () => {
  const config = { process: defaultProcess({ args: ['sh'], terminal: { rows: 24, cols: 80 } }) };

  const text = program(config, { stdin: 'once', awaitAttach: true, log: null });

  expect(linesOf(text, 'terminal', 'stdin', 'await-attach', 'log', 'setsid-tty')).toEqual([
    'terminal 24 80',
    'stdin once',
    'await-attach',
    'setsid-tty',
  ]);
});

test('masks come after every mount, and nothing is mounted after them', () => {
  const names = program({ mounts: [...SMALL.mounts, bind('/srv', '/data')] })
    .split('\n')
    .map((line) => line.split(' ')[0]!);

  expect(names.lastIndexOf('bind')).toBeLessThan(names.indexOf('mask'));
  expect(names.lastIndexOf('readonly-path')).toBeLessThan(names.indexOf('pivot'));
  expect(names.lastIndexOf('mount')).toBeLessThan(names.indexOf('mask'));
});

test('the filter is the last before init and exec', () => {
  const names = program()
    .split('\n')
    .map((line) => line.split(' ')[0]!);

  expect(names.slice(-3)).toEqual(['seccomp', 'init', 'exec']);
});

test('a joined namespace is no new one, the host one is neither', () => {
  const namespaces = [{ type: 'pid' }, { type: 'mount' }, { type: 'network', path: '/proc/7/ns/net' }] as const;

  const text = program({ linux: { ...spec().config.linux, namespaces } });

  expect(linesOf(text, 'namespaces', 'join', 'net-up')).toEqual(['namespaces pid,mnt', 'join net /proc/7/ns/net']);
});

test('limits, names, devices and the rest have their ops', () => {
  const text = program({
    hostname: 'web',
    domainname: 'example.test',
    root: { readonly: true },
    process: defaultProcess({
      args: ['a b', ''],
      env: ['X=1 2'],
      cwd: '/srv',
      user: { spec: 'app:app', additionalGroups: ['a', '7'], umask: 0o027 },
      capabilities: ['CAP_CHOWN'],
      rlimits: [{ type: 'RLIMIT_NOFILE', soft: 10, hard: -1 }],
      noNewPrivileges: false,
      oomScoreAdj: 100,
    }),
    linux: {
      ...spec().config.linux,
      sysctl: { 'net.core.somaxconn': '100' },
      devices: [{ path: '/dev/fuse', type: 'c', major: 10, minor: 229, fileMode: 0o666, access: 'rwm' }],
      seccomp: 'unconfined',
      resources: { devices: 'all' },
    },
  });

  const names = ['mknod', 'root-readonly', 'sysctl', 'hostname', 'domainname', 'rlimit', 'oom-score', 'user', 'umask'];
  expect(
    linesOf(text, ...names, 'caps', 'no-new-privs', 'cwd', 'env', 'seccomp', 'exec').join('\n'),
  ).toMatchInlineSnapshot(`
    "mknod /dev/fuse c 10 229 666
    root-readonly
    sysctl net.core.somaxconn 100
    hostname web
    domainname example.test
    rlimit nofile 10 unlimited
    oom-score 100?
    user app:app a,7
    umask 27
    caps 1 1 1 0 0
    cwd /srv
    env "X=1 2"
    exec "a b" """
  `);
});

test('an exec enters the container and then goes the same way as its program', () => {
  const exec: ExecSpec = {
    id: 'cd'.repeat(32),
    stateDir: '/run/berth/c/2',
    process: defaultProcess({ args: ['id'], env: [] }),
    seccomp: 'default',
    stdin: 'once',
    awaitAttach: true,
    cgroup: 'no-such-group',
  };

  const ops = execProgram(exec, 'cd-2', { pid: 41, startTime: 900, namespaces: ['mnt', 'pid'] }, HOST);

  expect(printProgram(ops)).toMatchInlineSnapshot(`
    "tag cd-2
    state-dir /run/berth/c/2
    stdin once
    await-attach
    monitor-oom-score -900
    join-pid 41 900 mnt,pid
    user "" ""
    caps a80425fb a80425fb a80425fb 0 0
    no-new-privs
    cwd /
    seccomp <1968 bytes>
    exec id"
  `);
});

test('an origin stays with the op that was made for it', () => {
  const ops = containerProgram(
    spec({ mounts: [...SMALL.mounts, { ...bind('/srv', '/data'), origin: 'services.web.volumes[0]' }] }),
    'ab-1',
    HOST,
  );

  expect(ops.find((op) => op.name === 'bind')).toMatchObject({
    origin: 'services.web.volumes[0]',
    phrase: 'bind mount of /srv on /data',
  });
});

function bind(source: string, destination: string) {
  return { type: 'bind', source, destination, options: ['rbind', 'ro'] };
}
