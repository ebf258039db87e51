import { existsSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('crash');
});
afterEach(() => {
  world.berth('down', '-v');
  expect(world.leaks()).toEqual([]);
});
afterAll(() => world.close());

const STACK = `services:
  db:
    image: host
    command: ["sh", "-c", "i=0; while true; do i=$$((i+1)); echo tick $$i; sleep 0.05; done"]
    volumes: ["data:/data"]
  web:
    image: host
    command: ["node", "-e", "require('node:http').createServer((q,s)=>s.end('ok')).listen(80)"]
    ports: ["18081:80"]
    depends_on: [db]
    restart: always
  job:
    image: host
    command: ["sh", "-c", "sleep 1; exit 5"]
volumes: {data: {}}
`;

test('kill -9 of the engine: containers keep their pids, logs have no gap, the next command adopts', async () => {
  world.write('stack.yaml', STACK);
  world.berth('up', '-d');
  const before = world.ps();
  const engine = world.enginePid();

  process.kill(engine, 'SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const after = world.ps();

  expect(world.enginePid()).not.toBe(engine);
  for (const name of ['db', 'web']) {
    expect(after.find((r) => r.Service === name)?.Pid, name).toBe(before.find((r) => r.Service === name)?.Pid);
  }
  expect(after.find((r) => r.Service === 'job')).toMatchObject({ State: 'exited', ExitCode: 5 });
  const ticks = world.berth('logs', '--no-log-prefix', 'db').stdout.trim().split('\n');
  expect(ticks).toEqual(ticks.map((_, index) => `tick ${index + 1}`));
  expect(ticks.length).toBeGreaterThan(10);
  expect(world.get('http://127.0.0.1:18081/').body).toBe('ok');
  expect(world.berth('up', '-d').stderr + world.berth('up', '-d').stdout).toContain('nothing to do');
});

test.each([5, 20, 40, 80, 160])('kill -9 of the engine %i ms into up: the same up converges', async (ms) => {
  world.write('stack.yaml', STACK);
  world.berth('ls');
  const engine = world.enginePid();

  const up = world.spawn(['up', '-d']);
  const upEnded = new Promise((resolve) => up.once('exit', resolve));
  await new Promise((resolve) => setTimeout(resolve, 60 + ms));
  process.kill(engine, 'SIGKILL');
  await upEnded;
  const again = world.berth('up', '-d');

  expect(again.code, again.stderr).toBe(0);
  expect(world.ps().filter((r) => r.State === 'running').length).toBeGreaterThanOrEqual(2);
  expect(world.ps().length).toBe(3);
  expect(world.get('http://127.0.0.1:18081/').body).toBe('ok');
});

test.each([10, 40, 90])('kill -9 of the command %i ms into up: the same up converges', async (ms) => {
  world.write('stack.yaml', STACK);

  const up = world.spawn(['up', '-d']);
  await new Promise((resolve) => setTimeout(resolve, 50 + ms));
  up.kill('SIGKILL');
  const again = world.berth('up', '-d');

  expect(again.code, again.stderr).toBe(0);
  expect(world.ps().length).toBe(3);
});

test.each([5, 25, 60])('kill -9 of the engine %i ms into down: the same down converges', async (ms) => {
  world.write('stack.yaml', STACK);
  world.berth('up', '-d');
  const engine = world.enginePid();

  const down = world.spawn(['down', '-v']);
  const downEnded = new Promise((resolve) => down.once('exit', resolve));
  await new Promise((resolve) => setTimeout(resolve, 50 + ms));
  process.kill(engine, 'SIGKILL');
  await downEnded;

  expect(world.berth('down', '-v').code).toBe(0);
  expect(world.ps()).toEqual([]);
});

test('kill -9 of a monitor: its container ends, is said to have an unknown code, and its policy acts once', async () => {
  world.write('stack.yaml', STACK);
  world.berth('up', '-d');
  const web = world.ps().find((r) => r.Service === 'web')!;
  const monitor = Number(world.inside('sh', '-c', `awk '{print $4}' /proc/${web.Pid}/stat`).stdout);

  process.kill(monitor, 'SIGKILL');

  const back = await eventually(() =>
    world.ps().find((r) => r.Service === 'web' && r.State === 'running' && r.Pid !== web.Pid),
  );
  expect(back.Restarts).toBe(1);
  await eventually(() => world.get('http://127.0.0.1:18081/').body === 'ok');
});

test('kill -9 of a monitor while its container is being stopped: the stop ends, and the exit code is unknown, not 0', async () => {
  world.write(
    'stack.yaml',
    `services:
  deaf:
    image: host
    command: ["sh", "-c", "trap '' TERM; touch /tmp/deaf; while true; do sleep 0.1; done"]
    stop_grace_period: 10m
    restart: always
`,
  );
  world.berth('up', '-d');
  const [deaf] = world.ps();
  await eventually(() => world.berth('exec', '-T', 'deaf', 'test', '-e', '/tmp/deaf').code === 0);
  const monitor = Number(world.inside('sh', '-c', `awk '{print $4}' /proc/${deaf!.Pid}/stat`).stdout);
  const stop = world.spawn(['stop']);
  const ended = new Promise((resolve) => stop.once('exit', resolve));
  await eventually(() => world.berth('events', '--since', '1h', '--json').stdout.includes('"action":"kill"'));

  process.kill(monitor, 'SIGKILL');

  expect(await ended).toBe(0);
  expect(world.ps()).toMatchObject([{ State: 'exited', Restarts: 0 }]);
  expect(JSON.parse(world.berth('container', 'inspect', deaf!.ID).stdout)[0].State.ExitCode).not.toBe(0);
  /* When init collects it is not ours to say. */
  await eventually(
    () => !existsSync(`/proc/${deaf!.Pid}/exe`) || readFileSync(`/proc/${deaf!.Pid}/cmdline`).length === 0,
  );
});
