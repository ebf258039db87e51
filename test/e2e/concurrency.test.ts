/** Several commands at once on one stack: one after the other, nothing twice, nothing held by the dead. */
import type { ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually, REPO, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('concurrency');
});
afterEach(async () => {
  world.berth('down', '-v', '-t', '0');
  /* Of engines that were started at once all but one give up, each in its own time. */
  await eventually(() => world.leaks().length === 0).catch(() => expect(world.leaks()).toEqual([]));
});
afterAll(() => world.close());

type Ended = { readonly code: number | null; readonly output: string };

function start(...args: string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended>; output(): string } {
  const child = world.spawn(args);
  let output = '';
  child.stdout!.on('data', (chunk) => (output += chunk));
  child.stderr!.on('data', (chunk) => (output += chunk));
  const ended = new Promise<Ended>((resolve) => child.once('exit', (code) => resolve({ code, output })));
  return { child, ended, output: () => output };
}

const together = (...commands: string[][]) => Promise.all(commands.map((args) => start(...args).ended));

/** Of each test in which commands race; BERTH_REPEATS=50 is the whole count of row CC. */
const REPEATS = Number(process.env.BERTH_REPEATS ?? 1);

async function raced(round: () => Promise<void>): Promise<void> {
  for (let count = 0; count < REPEATS; count++) await round();
}

const STACK = `services:
  web:
    image: host
    command: ["sleep", "1000"]
    ports: ["8080:80"]
    depends_on: [db]
  db:
    image: host
    command: ["sleep", "1000"]
    volumes: ["data:/data"]
volumes: {data: {}}
`;
const names = () => world.ps().map((row) => row.Name);

test('two ups at once make every container once', async () => {
  world.write('stack.yaml', STACK);
  await raced(async () => {
    world.berth('down', '-t', '0');

    const ended = await together(['up', '-d'], ['up', '-d'], ['up', '-d']);

    expect(ended.map((one) => one.code)).toEqual([0, 0, 0]);
    expect(names()).toEqual(['concurrency-db-1', 'concurrency-web-1']);
    expect(world.ps().every((row) => row.State === 'running')).toBe(true);
  });
});

test('up and down at once end as one of the two, whole', async () => {
  world.write('stack.yaml', STACK);
  await raced(async () => {
    world.berth('up', '-d');

    const ended = await together(['up', '-d', '--force-recreate'], ['down', '-t', '0']);

    expect(ended.map((one) => one.code)).toEqual([0, 0]);
    expect([[], ['concurrency-db-1', 'concurrency-web-1']]).toContainEqual(names());
  });
});

test('scaling at once leaves the number of the last, each replica once', async () => {
  world.write('stack.yaml', STACK);
  world.berth('up', '-d');
  await raced(async () => {
    const ended = await together(['scale', 'db=4'], ['scale', 'db=2'], ['scale', 'db=3']);

    expect(ended.map((one) => one.code)).toEqual([0, 0, 0]);
    const replicas = world.ps('db').map((row) => row.Replica);
    expect([2, 3, 4]).toContain(replicas.length);
    expect(replicas).toEqual(replicas.map((_, index) => index + 1));
  });
});

test('ten runs at once each have a container of their own', async () => {
  world.write('stack.yaml', STACK);
  const run = ['run', '--rm', '--no-deps', '-T', 'db', 'hostname'];

  await raced(async () => {
    const ended = await together(...Array.from({ length: 10 }, () => run));

    expect(ended.map((one) => one.code)).toEqual(Array.from({ length: 10 }, () => 0));
    expect(new Set(ended.map((one) => one.output.trim())).size).toBe(10);
    expect(names()).toEqual([]);
  });
});

test('two folders with stacks of one name, up at once: one has it, the other is told whose it is', async () => {
  const other = join(world.folder, 'other');
  world.write('stack.yaml', STACK);
  world.write('other/stack.yaml', STACK);
  const byName = ['-p', 'concurrency'];
  await raced(async () => {
    const ended = await together(['up', '-d', ...byName], ['up', '-d', ...byName, '-f', join(other, 'stack.yaml')]);
    const made = names();
    world.berth('down', '-v', '-t', '0', ...byName);

    expect(ended.map((one) => one.code).sort()).toEqual([0, 1]);
    expect(ended.find((one) => one.code === 1)?.output).toContain('is up from another folder');
    expect(made).toEqual(['concurrency-db-1', 'concurrency-web-1']);
  });
});

test('an engine that is started beside another ends at once, and leaves that one alone', () => {
  world.berth('ls');
  const pid = world.enginePid();

  const second = world.inside(process.execPath, join(REPO, 'dist/daemon.cjs'));

  expect(second.code).toBe(0);
  expect(second.stderr).toContain('ends: another one answers on');
  expect(world.enginePid()).toBe(pid);
});

test('a record of another version keeps the engine from starting, names the file, and stays as it is', async () => {
  world.write('stack.yaml', STACK);
  world.berth('up', '-d');
  const [web] = world.ps('web');
  const path = join(world.dataRoot, 'containers', web!.ID, 'record.json');
  const before = readFileSync(path, 'utf8');
  world.berth('engine', 'stop');
  writeFileSync(path, before.replace('{"schema":1,', '{"schema":9,'));

  const refused = world.berth('ps');
  const kept = readFileSync(path, 'utf8');
  writeFileSync(path, before);

  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(`${path} was written by another version of berth: it has schema 9`);
  expect(refused.stderr).not.toContain('    at ');
  expect(kept).toContain('{"schema":9,');
  expect(world.ps('web')[0]?.Pid).toBe(web!.Pid);
});

const SLOW = `services:
  slow:
    image: host
    command: ["sh", "-c", "trap '' TERM; while true; do sleep 0.1; done"]
    stop_grace_period: 60s
`;

test('the second command says whom it waits for, and comes to its turn when that one is killed', async () => {
  world.write(
    'stack.yaml',
    `${SLOW}    healthcheck: {test: ["CMD", "test", "-e", "/tmp/ready"], interval: 100ms, retries: 1000}\n`,
  );
  const first = start('up', '-d', '--wait');
  await eventually(() => world.ps().some((row) => row.State === 'running'));

  const second = start('up', '-d');
  await eventually(() => second.output().includes('waiting for `up` on concurrency to end'));
  first.child.kill('SIGKILL');
  const ended = await second.ended;

  expect(ended.code).toBe(0);
  expect(world.ps()).toMatchObject([{ Name: 'concurrency-slow-1', State: 'running' }]);
});

test('an engine that is killed holds nothing: the next command goes on at once', async () => {
  world.write('stack.yaml', `${SLOW}    healthcheck: {test: ["CMD", "false"], interval: 100ms, retries: 1000}\n`);
  const first = start('up', '-d', '--wait');
  await eventually(() => world.ps().some((row) => row.State === 'running'));

  process.kill(world.enginePid(), 'SIGKILL');
  await first.ended;

  expect(world.berth('down', '-t', '0').code).toBe(0);
  expect(names()).toEqual([]);
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s during an attached up stops the services once, with 130',
  async (signal) => {
    world.write('stack.yaml', STACK);
    const up = start('up', '-t', '1');
    await eventually(() => world.ps().filter((row) => row.State === 'running').length === 2);
    await eventually(() => up.output().includes('web: 127.0.0.1:8080'));

    up.child.kill(signal);
    const { code, output } = await up.ended;

    expect(code).toBe(130);
    expect(world.ps().map((row) => row.State)).toEqual(['exited', 'exited']);
    expect(output.match(/service (web|db) stopped/g)?.sort()).toEqual(['service db stopped', 'service web stopped']);
  },
);

test('a signal at any moment of up leaves a stack that down takes away', async () => {
  world.write('stack.yaml', STACK);
  for (let signals = 0; signals < 12; signals++) {
    const up = start('up', '-t', '0');
    /* Each time a little later in its course: after so many lines of progress, the first times before any. */
    const lines = Math.floor(signals / 2);
    await eventually(() => up.output().split('\n').length > lines || up.child.exitCode !== null);
    up.child.kill('SIGINT');
    const { code } = await up.ended;
    expect([130, null]).toContain(code);
    expect(world.berth('down', '-t', '0').code).toBe(0);
    expect(names()).toEqual([]);
  }
});
