/** Which namespaces a container lives in, and the settings that belong to one. */
import { readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultConfig, defaultMounts, defaultProcess } from '../../../src/runtime/defaults.ts';
import type { OciNamespace } from '../../../src/runtime/spec.ts';
import { type RuntimeWorld, runtimeWorld, type SpecChanges } from './runtime-world.ts';

const KINDS = ['pid', 'mnt', 'uts', 'ipc', 'cgroup', 'net'] as const;
const DEFAULT_NAMESPACES = defaultConfig(defaultProcess({ args: [] })).linux.namespaces;

let world: RuntimeWorld;

beforeAll(async () => {
  world = await runtimeWorld('namespaces');
});
afterAll(() => world.close());

const namespaceOf = (pid: number | 'self', kind: string) => readlinkSync(`/proc/${pid}/ns/${kind}`);
const without = (type: OciNamespace['type']): SpecChanges => ({
  linux: { namespaces: DEFAULT_NAMESPACES.filter((namespace) => namespace.type !== type), sysctl: {} },
});
const joining = (type: OciNamespace['type'], path: string): SpecChanges => ({
  linux: {
    namespaces: DEFAULT_NAMESPACES.map((namespace) => (namespace.type === type ? { type, path } : namespace)),
    sysctl: {},
  },
});

test.each(KINDS)('a container has a %s namespace of its own', async (kind) => {
  const { container } = await world.start(['sleep', '60']);

  const inside = namespaceOf(container.pid, kind);

  expect(inside).not.toBe(namespaceOf('self', kind));
  await world.end(container);
});

test('it shares the user namespace: there is none to map', async () => {
  const { container } = await world.start(['sleep', '60']);

  const inside = namespaceOf(container.pid, 'user');

  expect(inside).toBe(namespaceOf('self', 'user'));
  await world.end(container);
});

test.each([
  ['network', 'net'],
  ['uts', 'uts'],
  ['ipc', 'ipc'],
  ['pid', 'pid'],
] as const)('without a %s namespace in the spec the host one is shared', async (type, kind) => {
  const { container } = await world.start(['sleep', '60'], without(type));

  const inside = namespaceOf(container.pid, kind);

  expect(inside).toBe(namespaceOf('self', kind));
  await world.end(container);
});

test.each([
  ['network', 'net'],
  ['pid', 'pid'],
  ['ipc', 'ipc'],
] as const)('a container joins the %s namespace of another', async (type, kind) => {
  const first = await world.start(['sleep', '60']);
  const path = `/proc/${first.container.pid}/ns/${kind}`;

  const second = await world.start(['sleep', '60'], joining(type, path));

  expect(namespaceOf(second.container.pid, kind)).toBe(namespaceOf(first.container.pid, kind));
  expect(namespaceOf(second.container.pid, 'mnt')).not.toBe(namespaceOf(first.container.pid, 'mnt'));
  await world.end(second.container);
  await world.end(first.container);
});

test('in the pid namespace of another container its processes are seen, and it outlives us', async () => {
  const first = await world.start(['sleep', '61']);

  const seen = await world.sh('ps -o args', joining('pid', `/proc/${first.container.pid}/ns/pid`));

  expect(seen).toContain('sleep 61');
  expect(namespaceOf(first.container.pid, 'pid')).toMatch(/^pid:/);
  await world.end(first.container);
});

test('a namespace that is gone is an error', async () => {
  const failure = await world.refusal(['true'], joining('network', '/proc/4194304/ns/net'));

  expect(failure).toMatchObject({ code: 'RUNTIME_FAILED', errno: 'ENOENT' });
  expect(failure.message).toBe('joining the network namespace /proc/4194304/ns/net failed: no such file or directory');
});

test('the names of host and domain are set inside alone', async () => {
  const before = namespaceOf('self', 'uts');

  const seen = await world.sh('hostname; cat /proc/sys/kernel/domainname', {
    config: { hostname: 'web-1', domainname: 'example.test' },
  });

  expect(seen).toBe('web-1\nexample.test');
  expect(namespaceOf('self', 'uts')).toBe(before);
});

test('a new network namespace has the loopback interface, up, and nothing else', async () => {
  const seen = await world.sh("ip -o link | cut -d' ' -f2,3; ping -c 1 -W 1 127.0.0.1 | grep -c ttl");

  expect(seen.split('\n').filter((line) => !/^(sit|tunl|ip6|gre|erspan|ip_)/.test(line))).toEqual([
    'lo: <LOOPBACK,UP,LOWER_UP>',
    '1',
  ]);
});

test('sysctls of the network are set inside', async () => {
  const seen = await world.sh(
    'cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/net/ipv4/conf/lo/rp_filter',
    {
      linux: { sysctl: { 'net.ipv4.ip_unprivileged_port_start': '80', 'net/ipv4/conf/lo/rp_filter': '2' } },
    },
  );

  expect(seen).toBe('80\n2');
});

test('sysctls of the ipc namespace are set inside', async () => {
  const seen = await world.sh('cat /proc/sys/kernel/msgmax /proc/sys/fs/mqueue/queues_max', {
    linux: { sysctl: { 'kernel.msgmax': '4096', 'fs.mqueue.queues_max': '17' } },
  });

  expect(seen).toBe('4096\n17');
});

test.each(['vm.overcommit_memory', 'kernel.panic', 'net..ipv4', 'fs.file-max'])(
  'the sysctl %s of the whole machine is refused',
  async (key) => {
    const start = world.runtime.start(world.spec(['true'], { linux: { sysctl: { [key]: '1' } } }));

    await expect(start).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  },
);

test('a sysctl of the network is refused to a container in the host network', async () => {
  const changes = without('network');
  const spec = world.spec(['true'], { linux: { ...changes.linux, sysctl: { 'net.ipv4.ip_forward': '1' } } });

  const start = world.runtime.start(spec);

  await expect(start).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
});

test('a sysctl that this kernel does not have is named', async () => {
  const failure = await world.refusal(['true'], { linux: { sysctl: { 'net.ipv4.no_such_thing': '1' } } });

  expect(failure).toMatchObject({ code: 'RUNTIME_FAILED', errno: 'ENOENT' });
  expect(failure.message).toContain('net.ipv4.no_such_thing');
});

test('a container in the ipc namespace of the host sees its shared memory and its queues', async () => {
  const file = `berth-test-${process.pid}`;
  writeFileSync(`/dev/shm/${file}`, '');

  const seen = await world.sh(`ls /dev/shm/${file}; grep -c ' /dev/mqueue mqueue ' /proc/mounts`, {
    ...without('ipc'),
    config: { mounts: defaultMounts({ ownIpc: false }) },
  });
  rmSync(`/dev/shm/${file}`);

  expect(seen).toBe(`/dev/shm/${file}\n1`);
});
