/** Commands that only answer: about berth, about this machine, about a stack that is there or not. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { REPO, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('questions');
});
afterEach(() => {
  world.berth('down', '-v');
  expect(world.leaks()).toEqual([]);
});
afterAll(() => world.close());

const SLEEPER = 'services:\n  one:\n    image: host\n    command: ["sleep", "1000"]\n';

type Report = { readonly ok: boolean; readonly checks: { name: string; status: string; found: string }[] };

/* First, since the data root is there from the first command that needs the engine on. */
test('doctor examines a machine on which nothing was started yet, and starts nothing itself', () => {
  const doctor = world.berth('doctor', '--json');
  const status = world.berth('engine', 'status', '--json');

  expect([status.code, JSON.parse(status.stdout), existsSync(world.dataRoot)]).toEqual([1, { Pid: 0 }, false]);
  const report = JSON.parse(doctor.stdout) as Report;
  expect(report.checks.filter((check) => check.found.startsWith('could not be examined'))).toEqual([]);
  expect([doctor.code, report.ok, report.checks.some((check) => check.name === 'disk space')]).toEqual([0, true, true]);
});

test('the version is that of the package, however it is asked for', () => {
  const { version } = JSON.parse(readFileSync(join(REPO, 'package.json'), 'utf8')) as { version: string };

  const answers = [['version'], ['--version'], ['version', '--json']].map((args) => world.berth(...args).stdout);

  expect(answers).toEqual([`berth ${version}\n`, `berth ${version}\n`, `${JSON.stringify({ version }, null, 2)}\n`]);
});

test('the list of templates names each with what it is', () => {
  const list = JSON.parse(world.berth('init', '--list', '--json').stdout) as { name: string; description: string }[];

  expect(list.map((template) => template.name)).toEqual([
    'node',
    'postgres-redis',
    'python',
    'static-web',
    'worker-queue',
  ]);
  expect(list.every((template) => template.description.length > 10)).toBe(true);
});

test('the engine ends when it is told to, its containers go on, and the next command finds them', () => {
  world.write('stack.yaml', SLEEPER);
  world.berth('up', '-d');
  const [before] = world.ps();
  const engine = world.enginePid();

  const stop = world.berth('engine', 'stop');
  const status = world.berth('engine', 'status');

  expect(existsSync(`/proc/${engine}`)).toBe(false);
  expect([stop.code, status.code, existsSync(`/proc/${before?.Pid}`)]).toEqual([0, 1, true]);
  expect(world.ps()).toMatchObject([{ ID: before?.ID, Pid: before?.Pid, State: 'running' }]);
  expect(world.enginePid()).not.toBe(engine);
});

/* One that shows nothing and says 0 looks like a service without output, or without containers. */
test.each([
  ['up', '-d', 'oen'],
  ['ps', 'oen'],
  ['logs', 'oen'],
  ['stop', 'oen'],
  ['restart', 'oen'],
  ['kill', 'oen'],
  ['exec', '-T', 'oen', 'true'],
])('a service that the stack has not is told by %s', (...args) => {
  world.write('stack.yaml', SLEEPER);
  world.berth('up', '-d');
  const before = world.ps()[0]?.Pid;

  const { code, stdout, stderr } = world.berth(...args);

  expect(world.ps()).toMatchObject([{ Service: 'one', State: 'running', Pid: before }]);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^error: .* has no service oen\n {2}hint: .*\bone\n$/);
});

test('a stack that is down has no containers and no logs, and that is no error', () => {
  world.write('stack.yaml', SLEEPER);

  const ps = world.berth('ps', '--json');
  const logs = world.berth('logs', 'one');

  expect([ps.code, JSON.parse(ps.stdout), logs.code, logs.stdout]).toEqual([0, [], 0, '']);
});
