/** What a container may use: memory, processes, processors; and how it is frozen. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseMounts } from '../../../src/runtime/cgroup-host.ts';
import type { OciResources } from '../../../src/runtime/spec.ts';
import { eventually } from './eventually.ts';
import { type RuntimeWorld, runtimeWorld, type SpecChanges } from './runtime-world.ts';

const { v1, v2Root } = parseMounts(readFileSync('/proc/self/mountinfo', 'utf8'));
const EAT_200_MIB = 'dd if=/dev/zero of=/dev/null bs=200M count=1';

let world: RuntimeWorld;

beforeAll(async () => {
  world = await runtimeWorld('limits');
});
afterAll(() => world.close());

const limited = (resources: Omit<OciResources, 'devices'>): SpecChanges => ({
  linux: { resources: { devices: 'default', ...resources } },
});

/** A value of a container's cgroup, by the name it has in the version this machine uses for the controller. */
function settingOf(cgroup: string, controller: string, names: { readonly v1: string; readonly v2: string }): string {
  const root = v1.get(controller);
  const file = root === undefined ? join(v2Root!, cgroup, names.v2) : join(root, cgroup, names.v1);
  return readFileSync(file, 'utf8').trim();
}

const cgroupFolders = () =>
  [...new Set([...v1.values(), ...(v2Root === null ? [] : [v2Root])])].flatMap((root) =>
    readdirSync(join(root, world.parentCgroup), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(root, entry.name)),
  );

test('a program that takes more memory than allowed is killed, and the record says by whom', async () => {
  const ran = await world.run(['sh', '-c', `exec ${EAT_200_MIB}`], limited({ memory: { limit: 32 << 20 } }));

  expect(ran.exit).toMatchObject({ code: 137, signal: 9, oomKilled: true });
});

test('a child that is killed for its memory is recorded too, the exit code is the program own', async () => {
  const ran = await world.run(['sh', '-c', `${EAT_200_MIB}; exit 3`], limited({ memory: { limit: 32 << 20 } }));

  expect(ran.exit).toMatchObject({ code: 3, signal: 0, oomKilled: true });
});

test('who listens hears of the kill while the container runs on', async () => {
  const { container } = await world.start(
    ['sh', '-c', `while [ ! -e /go ]; do usleep 1000; done; ${EAT_200_MIB}; sleep 60`],
    limited({ memory: { limit: 32 << 20 } }),
  );
  let heard = 0;
  container.onOom(() => heard++);

  writeFileSync(`/proc/${container.pid}/root/go`, '');

  await eventually(() => heard === 1);
  expect(await world.end(container)).toMatchObject({ code: 137, oomKilled: true });
});

test('a kill by us is no lack of memory', async () => {
  const { container } = await world.start(['sleep', '60'], limited({ memory: { limit: 32 << 20 } }));

  const exit = await world.end(container);

  expect(exit).toMatchObject({ code: 137, signal: 9, oomKilled: false });
});

test('memory of two containers is counted apart', async () => {
  const { container, spec } = await world.start(['sleep', '60'], limited({ memory: { limit: 64 << 20 } }));

  const ran = await world.run(['sh', '-c', `exec ${EAT_200_MIB}`], limited({ memory: { limit: 32 << 20 } }));

  expect(ran.exit.oomKilled).toBe(true);
  expect(settingOf(spec.cgroup, 'memory', { v1: 'memory.limit_in_bytes', v2: 'memory.max' })).toBe(String(64 << 20));
  expect(await world.end(container)).toMatchObject({ oomKilled: false });
});

test('the process limit stops a fork bomb, and all of it ends with the container', async () => {
  const { container, spec } = await world.start(
    ['sh', '-c', 'bomb() { bomb | bomb & wait; }; bomb; sleep 60'],
    limited({ pids: { limit: 30 } }),
  );
  const current = () => Number(settingOf(spec.cgroup, 'pids', { v1: 'pids.current', v2: 'pids.current' }));

  const events = await eventually(() => {
    const text = settingOf(spec.cgroup, 'pids', { v1: 'pids.events', v2: 'pids.events' });
    return Number(/max (\d+)/.exec(text)![1]) > 0 && text;
  });

  expect(events).toMatch(/^max \d+/m);
  expect(current()).toBeLessThanOrEqual(30);
  await world.end(container);
  expect(cgroupFolders()).toEqual([]);
});

type LimitRow = [string, Omit<OciResources, 'devices'>, string, { v1: string; v2: string }, string, string];

/** Whole disks, by number. */
const DISKS = readdirSync('/sys/block').map(
  (name) => readFileSync(`/sys/block/${name}/dev`, 'utf8').trim().split(':').map(Number) as [number, number],
);

test.each<LimitRow>([
  [
    'cpu quota',
    { cpu: { quota: 50_000, period: 100_000 } },
    'cpu',
    { v1: 'cpu.cfs_quota_us', v2: 'cpu.max' },
    '50000',
    '50000 100000',
  ],
  [
    'cpu period',
    { cpu: { quota: 25_000, period: 50_000 } },
    'cpu',
    { v1: 'cpu.cfs_period_us', v2: 'cpu.max' },
    '50000',
    '25000 50000',
  ],
  ['cpu weight', { cpu: { shares: 512 } }, 'cpu', { v1: 'cpu.shares', v2: 'cpu.weight' }, '512', '20'],
  ['cpu set', { cpu: { cpus: '0' } }, 'cpuset', { v1: 'cpuset.cpus', v2: 'cpuset.cpus' }, '0', '0'],
  [
    'memory reservation',
    { memory: { reservation: 16 << 20 } },
    'memory',
    { v1: 'memory.soft_limit_in_bytes', v2: 'memory.low' },
    '16777216',
    '16777216',
  ],
  ...DISKS.slice(0, 1).map(
    ([major, minor]): LimitRow => [
      'rate of a disk',
      { blockIO: { throttleReadBpsDevice: [{ major, minor, rate: 1 << 20 }] } },
      'blkio',
      { v1: 'blkio.throttle.read_bps_device', v2: 'io.max' },
      `${major}:${minor} 1048576`,
      `${major}:${minor} rbps=1048576 wbps=max riops=max wiops=max`,
    ],
  ),
  ['process limit', { pids: { limit: 77 } }, 'pids', { v1: 'pids.max', v2: 'pids.max' }, '77', '77'],
])('the %s is written to the kernel', async (_, resources, controller, names, asV1, asV2) => {
  const { container, spec } = await world.start(['sleep', '60'], limited(resources));

  const value = settingOf(spec.cgroup, controller, names);

  expect(value).toBe(v1.has(controller) ? asV1 : asV2);
  await world.end(container);
});

test('a program sees the processors of its cpu set', async () => {
  const seen = await world.sh('nproc; grep Cpus_allowed_list /proc/self/status', limited({ cpu: { cpus: '0' } }));

  expect(seen).toBe('1\nCpus_allowed_list:\t0');
});

test('every process of a container is in its groups, in every hierarchy that has one', async () => {
  const { container, spec } = await world.start(['sleep', '60']);

  const groups = readFileSync(`/proc/${container.pid}/cgroup`, 'utf8').trim().split('\n');

  const ours = groups.filter((line) => line.endsWith(`/${spec.cgroup}`)).map((line) => line.split(':')[1]);
  const expected =
    v2Root !== null && v1.size === 0
      ? ['']
      : [...['cpu', 'memory', 'pids', 'devices'].filter((c) => v1.has(c)), ...(v2Root === null ? ['freezer'] : [''])];
  expect(ours.sort()).toEqual(expected.sort());
  await world.end(container);
});

test('groups are gone at the end', async () => {
  await world.run(['sh', '-c', 'true']);

  expect(cgroupFolders()).toEqual([]);
});

test('a paused container stands still until it is let go on', async () => {
  const { container, spec } = await world.start(['sh', '-c', 'i=0; while :; do i=$((i+1)); echo $i > /count; done']);
  const file = join(spec.rootfs.upper!.dir, 'count');
  const count = () => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0);
  await eventually(() => count() > 10);

  await world.runtime.pause(spec.cgroup);

  const before = count();
  await busyHost();
  expect(count()).toBe(before);
  await world.runtime.unpause(spec.cgroup);
  await eventually(() => count() > before);
  await world.end(container);
});

/** Long enough for a program that runs to have written something: another container runs to its end. */
async function busyHost(): Promise<void> {
  await world.sh('seq 1000');
}

test('a paused container can be ended', async () => {
  const { container, spec } = await world.start(['sleep', '60']);
  await world.runtime.pause(spec.cgroup);

  await world.runtime.removeCgroup(spec.cgroup);

  expect(await container.exited).toMatchObject({ code: 137, signal: 9 });
  expect(cgroupFolders()).toEqual([]);
});

test('a container that has ended can be neither paused nor let go on', async () => {
  const { container, spec } = await world.start(['true']);
  await container.exited;
  await eventually(() => cgroupFolders().length === 0);

  const failures = await Promise.allSettled([world.runtime.pause(spec.cgroup), world.runtime.unpause(spec.cgroup)]);

  expect(failures.map((failure) => failure.status === 'rejected' && failure.reason.code)).toEqual([
    'CONTAINER_NOT_RUNNING',
    'CONTAINER_NOT_RUNNING',
  ]);
});

test('groups that a container made in its own are removed with it', async () => {
  const { container } = await world.start(['sleep', '60']);
  const own = cgroupFolders().map((folder) => join(folder, 'own'));
  for (const folder of own) mkdirSync(join(folder, 'deeper'), { recursive: true });

  await world.end(container);
  for (const cgroup of await world.runtime.listCgroups()) await world.runtime.removeCgroup(cgroup);

  expect(own.length).toBeGreaterThan(0);
  expect(cgroupFolders()).toEqual([]);
});
