/** What becomes of containers when an engine, a launcher or a monitor dies. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundledRuntime } from '../../../src/runtime/bundled.ts';
import { readStartTime } from '../../../src/runtime/process-identity.ts';
import type { RunningContainer } from '../../../src/runtime/runtime.ts';
import type { ContainerSpec } from '../../../src/runtime/spec.ts';
import { collect } from './collector.ts';
import { eventually } from './eventually.ts';
import { type RuntimeWorld, runtimeWorld } from './runtime-world.ts';

let world: RuntimeWorld;

beforeAll(async () => {
  world = await runtimeWorld('survival');
});
afterAll(() => world.close());

/** A zombie that nobody has reaped yet is gone. */
const isGone = async (pid: number) => (await readStartTime(pid)) === undefined;
const monitorOf = ({ stateDir }: ContainerSpec) => Number(readFileSync(join(stateDir, 'run'), 'utf8').split(' ')[2]);
const launcherPid = () => Number(readFileSync(join(world.base, 'lock'), 'utf8'));

/** The container as a new engine finds it; fails when it is not running. */
async function adopted(spec: ContainerSpec): Promise<RunningContainer> {
  const found = await world.runtime.adopt(spec.stateDir, spec.cgroup);
  if (found.kind !== 'running') throw new Error(`found it ${found.kind}`);
  return found.container;
}

test('when its monitor is killed a container dies, and its exit code is unknown', async () => {
  const { container, spec } = await world.start(['sleep', '60']);

  process.kill(monitorOf(spec), 'SIGKILL');

  expect(await container.exited).toMatchObject({ code: null, signal: 0, oomKilled: false });
  await eventually(() => isGone(container.pid));
  expect(await world.runtime.adopt(spec.stateDir, spec.cgroup)).toEqual({ kind: 'lost' });
  await world.runtime.removeCgroup(spec.cgroup);
});

test('so do its children and its daemons', async () => {
  const { container, spec } = await world.start(['sh', '-c', 'sleep 61 & (sleep 62 &); exec sleep 63']);
  const processes = await eventually(() => {
    const pids = treeOf(container.pid);
    return pids.length === 4 && pids;
  });

  process.kill(monitorOf(spec), 'SIGKILL');

  for (const pid of processes) await eventually(() => isGone(pid));
  await world.runtime.removeCgroup(spec.cgroup);
});

/** A process and all below it. */
function treeOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').map(Number).filter(Boolean);
  return [pid, ...children.flatMap(treeOf)];
}

test('an engine that comes after another finds its containers running', async () => {
  const { container, spec } = await world.start([
    'sh',
    '-c',
    "trap 'exit 21' TERM; while :; do sleep 60 & wait $!; done",
  ]);

  await world.reopen();
  const found = await adopted(spec);

  expect(found).toMatchObject({ pid: container.pid, startTime: container.startTime });
  await found.signal(15);
  expect(await found.exited).toMatchObject({ code: 21, signal: 0 });
});

test('it can attach, exec, pause and end what it has adopted', async () => {
  const { spec } = await world.start(['cat'], { spec: { stdin: 'open' } });
  await world.reopen();
  const container = await adopted(spec);

  const stream = await container.attach();
  const seen = collect(stream);
  stream.write(Buffer.from('hello\n'));
  await seen.see('hello');
  const output = await world.exec(container, spec, ['echo', 'inside']);
  await world.runtime.pause(spec.cgroup);
  await world.runtime.unpause(spec.cgroup);
  stream.endStdin();

  expect(output).toBe('inside\n');
  expect(await container.exited).toMatchObject({ code: 0 });
});

test('nothing is lost of the log while there is no engine', async () => {
  const { spec } = await world.start(['sh', '-c', 'seq 1000; while [ ! -e /go ]; do usleep 1000; done; seq 1001 2000']);
  const { pid } = await adopted(spec);
  await world.runtime.close();

  writeFileSync(`/proc/${pid}/root/go`, '');
  await eventually(() => existsSync(join(spec.stateDir, 'exit')));
  await world.reopen();

  expect(world.logOf(spec.id).map(({ text }) => Number(text))).toEqual(Array.from({ length: 2000 }, (_, i) => i + 1));
});

test('of a container that ended meanwhile the record is found', async () => {
  const { container, spec } = await world.start(['sh', '-c', 'exit 17']);
  const exit = await container.exited;

  await world.reopen();

  expect(await world.runtime.adopt(spec.stateDir, spec.cgroup)).toEqual({ kind: 'exited', exit });
  expect(exit.code).toBe(17);
});

test('of a container that was never started there is nothing to find', async () => {
  const spec = world.spec(['true']);

  expect(await world.runtime.adopt(spec.stateDir, spec.cgroup)).toEqual({ kind: 'lost' });
});

test('a pid that belongs to another process by now is not believed', async () => {
  const { container, spec } = await world.start(['sleep', '60']);
  const run = readFileSync(join(spec.stateDir, 'run'), 'utf8').trim().split(' ');
  await world.end(container);
  await eventually(() => isGone(Number(run[2])));

  // As after a restart of the machine: the numbers are in use again, by us.
  const forged = world.spec(['true']);
  writeFileSync(join(forged.stateDir, 'run'), `${process.pid} ${run[1]} ${process.pid} ${run[3]}\n`);

  expect(await world.runtime.adopt(forged.stateDir, forged.cgroup)).toEqual({ kind: 'lost' });
});

test('after the launcher was killed the next start works and containers run on', async () => {
  const { container } = await world.start(['sleep', '60']);
  const launcher = launcherPid();
  process.kill(launcher, 'SIGKILL');
  await eventually(() => isGone(launcher));

  const ran = await world.run(['echo', 'again']);

  expect(ran.stdout).toBe('again\n');
  expect(launcherPid()).not.toBe(launcher);
  expect(await world.end(container)).toMatchObject({ code: 137 });
});

test('a second engine on the same lock is told who holds it', async () => {
  const second = bundledRuntime({ lockFile: join(world.base, 'lock'), parentCgroup: world.parentCgroup });

  await expect(second.open()).rejects.toMatchObject({
    code: 'ENGINE_BUSY',
    message: `another engine (launcher pid ${launcherPid()}) holds ${join(world.base, 'lock')}`,
  });
});

test('a monitor takes at most 512 KiB of memory of its own', async () => {
  const { container, spec } = await world.start(['sleep', '60']);

  const rollup = readFileSync(`/proc/${monitorOf(spec)}/smaps_rollup`, 'utf8');

  expect(Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)![1])).toBeLessThanOrEqual(512);
  await world.end(container);
});

test('a monitor lives in a session of its own and is no child of ours', async () => {
  const { container, spec } = await world.start(['sleep', '60']);

  const [parent, , session] = statOf(monitorOf(spec));
  const comm = readFileSync(`/proc/${monitorOf(spec)}/comm`, 'utf8');
  await world.end(container);

  expect(comm).toBe('berth-monitor\n');
  expect(parent).not.toBe(process.pid);
  expect([statOf('self')[2], statOf(launcherPid())[2]]).not.toContain(session);
});

/** Parent, process group, session, ... */
function statOf(pid: number | 'self'): number[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) \w /, '');
  return stat.split(' ').map(Number);
}

test('fifty containers at once start, run and leave nothing', async () => {
  const results = await Promise.all(
    Array.from({ length: 50 }, (_, index) => world.run(['sh', '-c', `echo ${index}; exit ${index}`])),
  );

  expect(results.map(({ stdout, exit }) => `${stdout.trim()} ${exit.code}`)).toEqual(
    Array.from({ length: 50 }, (_, index) => `${index} ${index}`),
  );
  expect(await world.runtime.listCgroups()).toEqual([]);
});

test.each(['forked', 'grouped', 'prepared', 'cloned', 'started', 'recorded'])(
  'a monitor that is killed when it has %s fails its start at once: nobody waits for an answer',
  async (point) => {
    process.env.BERTH_FAILPOINT = `monitor:${point}:1`;
    const fragile = await runtimeWorld('fragile').finally(() => delete process.env.BERTH_FAILPOINT);
    const spec = fragile.spec(['sleep', '60']);

    await expect(fragile.runtime.start(spec)).rejects.toMatchObject({
      code: 'RUNTIME_FAILED',
      message: 'its monitor was killed before the program ran',
    });

    await fragile.runtime.removeCgroup(spec.cgroup);
    await fragile.close();
  },
);
