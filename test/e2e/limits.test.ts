/* Rows O and PID: who ended for lack of memory is told truly, and a fork bomb stays in its container. */
import { existsSync, readdirSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('limits');
});
afterEach(() => {
  world.berth('down', '-v', '-t', '0');
  expect(world.leaks()).toEqual([]);
});
afterAll(() => world.close());

const HOG = `head -c 200m /dev/zero | tail`;
const limited = (command: string) =>
  world.write(
    'stack.yaml',
    `services: {hog: {image: host, mem_limit: 32m, memswap_limit: 32m, command: ["sh", "-c", "${command}"]}}\n`,
  );
const row = () => world.ps().find((r) => r.Service === 'hog');

test.each([
  ['a program that takes too much memory', `exec node -e 'a=[];for(;;)a.push(Buffer.alloc(1e6,1))'`, true],
  ['a child of it that does', `${HOG}; exit 3`, true],
  ['a program that kills itself', 'kill -9 $$$$', false],
])('%s: out of memory is said where the kernel counted it', async (_, command, oom) => {
  limited(command);
  world.berth('up', '-d');

  const ended = await eventually(() => (row()?.State === 'exited' ? row() : undefined));

  expect(ended?.OOMKilled).toBe(oom);
  expect(world.berth('why', 'hog').stdout.includes('OOM')).toBe(oom);
});

/* Row Z1: whoever forks twice leaves children that nobody waits for but the init that berth puts before the program. */
test('a program that collects nobody, and health checks and execs that leave children behind: no zombies', async () => {
  world.write(
    'stack.yaml',
    `services:
  web:
    image: host
    command: sleep 1000
    healthcheck: {test: ["CMD-SHELL", "(sleep 0.05 &); echo ran >> /tmp/ran"], interval: 50ms}
`,
  );
  world.berth('up', '-d', '--wait');
  const sh = (script: string) => world.berth('exec', '-T', 'web', 'sh', '-c', script).stdout.trim();
  for (let i = 0; i < 5; i++) sh('(sleep 0.05 &)');

  await eventually(() => Number(sh('wc -l < /tmp/ran')) >= 20);

  await eventually(() => sh('cat /proc/[0-9]*/status 2>/dev/null | grep -c "^State:.Z"') === '0');
});

/* The kernel's own values are looked at by test/host/runtime/limits.test.ts. */
test('limits of a disk, by its path; with `cgroup: host` a container sees in which group it is', () => {
  const disk = readdirSync('/sys/block').find((name) => existsSync(`/dev/${name}`));
  world.write(
    'stack.yaml',
    `services:
  own: {image: host, command: sleep 1000, blkio_config: {device_read_bps: [{path: /dev/${disk}, rate: 1mb}]}}
  seeing: {image: host, command: sleep 1000, cgroup: host, userns_mode: host}
`,
  );
  const up = world.berth('up', '-d');
  const groupsOf = (service: string) => world.berth('exec', '-T', service, 'cat', '/proc/self/cgroup').stdout;
  const hasGroup = (service: string) => /:\/berth-[^/]+\/[0-9a-f]+$/m.test(groupsOf(service));

  expect([up.code, hasGroup('own'), hasGroup('seeing')]).toEqual([0, false, true]);
});

test('what is no disk is told before anything starts', () => {
  world.write(
    'stack.yaml',
    'services: {web: {image: host, command: "true", blkio_config: {device_write_iops: [{path: /dev/null, rate: 1}]}}}\n',
  );

  const { code, stderr } = world.berth('up', '-d');

  expect([code, stderr]).toEqual([1, expect.stringContaining('/dev/null in blkio_config is no disk of this machine')]);
});

test('an exec that takes too much memory ends, its container and the engine go on', () => {
  limited('sleep 1000');
  world.berth('up', '-d');
  const before = [row()?.Pid, world.enginePid()];

  const hog = world.berth('exec', '-T', 'hog', 'sh', '-c', HOG);

  expect(hog.code).not.toBe(0);
  expect([row()?.Pid, world.enginePid()]).toEqual(before);
});

test('a fork bomb reaches its limit, an exec says so, and down takes all of it away', async () => {
  world.write(
    'stack.yaml',
    'services: {bomb: {image: host, pids_limit: 50, command: ["sh", "-c", "for i in $$(seq 200); do sleep 1000 & done; wait"]}}\n',
  );
  world.berth('up', '-d');
  const exec = await eventually(() => {
    const tried = world.berth('exec', '-T', 'bomb', 'sh', '-c', 'sleep 0 & wait');
    return tried.code !== 0 ? tried : undefined;
  });

  const down = world.berth('down', '-t', '0');

  expect(exec.stderr).not.toBe('');
  expect(down.code).toBe(0);
});
