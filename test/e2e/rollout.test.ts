import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('rollout');
});
afterEach(() => {
  world.berth('down', '-v');
  expect(world.leaks()).toEqual([]);
});
afterAll(() => world.close());

function stack(word: string, update: string, extra = ''): string {
  return `services:
  web:
    image: host
    command: sh -c 'if [ "$$WORD" = bad ]; then echo can not; exit 9; fi; sleep 1000'
    environment: {WORD: ${word}}
    scale: 2
    deploy:
      update_config: {${update}}
${extra}`;
}

const words = () =>
  world.ps().map((row) => ({
    name: row.Name,
    state: row.State,
    word: world.berth('exec', '-T', '--index', String(row.Replica), 'web', 'printenv', 'WORD').stdout.trim(),
  }));

test('failure_action pause: the replica that was not replaced yet runs on', () => {
  world.write('stack.yaml', stack('good', 'parallelism: 1, monitor: 1s'));
  world.berth('up', '-d');
  const second = world.ps().find((row) => row.Replica === 2)?.Pid;
  world.write('stack.yaml', stack('bad', 'parallelism: 1, monitor: 1s'));

  const up = world.berth('up', '-d');

  expect(up.code).toBe(1);
  expect(up.stderr).toContain('replica 1 of service web ended after its update');
  expect(up.stderr).toContain('can not');
  expect(world.ps().find((row) => row.Replica === 2 && row.State === 'running')?.Pid).toBe(second);
});

test('failure_action continue: a replica that can not even be started does not end the update, and one that may not does', () => {
  const withStart = (program: string, action: string) => `services:
  web:
    image: host
    command: [${program}, "1000"]
    scale: 2
    deploy: {update_config: {parallelism: 1, monitor: 50ms, failure_action: ${action}}}
`;
  world.write('stack.yaml', withStart('sleep', 'continue'));
  world.berth('up', '-d');
  world.write('stack.yaml', withStart('not-there', 'continue'));
  const goesOn = world.berth('up', '-d');
  const replaced = world.ps().map((row) => row.State);
  world.write('stack.yaml', withStart('sleep', 'pause'));
  world.berth('up', '-d');
  const before = world.ps().find((row) => row.Replica === 2)?.Pid;
  world.write('stack.yaml', withStart('not-there', 'pause'));
  const pauses = world.berth('up', '-d');
  const second = world.ps().find((row) => row.Replica === 2 && row.State === 'running')?.Pid;
  world.write('stack.yaml', withStart('sleep', 'rollback'));
  world.berth('up', '-d');
  world.write('stack.yaml', withStart('not-there', 'rollback'));
  const back = world.berth('up', '-d');

  expect(goesOn.code).toBe(0);
  expect(goesOn.stdout + goesOn.stderr).toContain('replica 2 of service web could not be started');
  expect(replaced).toEqual(['created', 'created']);
  expect(pauses.code).toBe(127);
  expect(second).toBe(before);
  expect(back.stderr).toContain('web went back to the definition from before');
  expect(world.ps().map((row) => row.State)).toEqual(['running', 'running']);
});

test('failure_action rollback: the service goes back to the definition it had, and the change stays planned', () => {
  world.write('stack.yaml', stack('good', 'parallelism: 1, monitor: 1s, failure_action: rollback'));
  world.berth('up', '-d');
  world.write('stack.yaml', stack('bad', 'parallelism: 1, monitor: 1s, failure_action: rollback'));

  const up = world.berth('up', '-d');

  expect(up.code).toBe(1);
  expect(up.stderr).toContain('web went back to the definition from before');
  expect(words()).toEqual([
    { name: 'rollout-web-1', state: 'running', word: 'good' },
    { name: 'rollout-web-2', state: 'running', word: 'good' },
  ]);
  expect(world.berth('plan').code).toBe(2);
});

test('order start-first: old and new run side by side, and published ports are refused with the line', () => {
  world.write('stack.yaml', stack('good', 'order: start-first, monitor: 100ms'));
  world.berth('up', '-d');
  world.write('stack.yaml', stack('better', 'order: start-first, monitor: 100ms'));

  const up = world.berth('up', '-d');
  const { stdout } = world.berth('events', '--since', '1m', '--json', 'web');
  world.write('stack.yaml', stack('good', 'order: start-first', '    ports: ["18000:80"]\n'));
  const refused = world.berth('up', '-d');

  const turns = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { action: string; replica: number })
    .filter((e) => e.replica === 1 && (e.action === 'start' || e.action === 'die'))
    .map((e) => e.action)
    .slice(-3);
  expect(up.code).toBe(0);
  expect(turns).toEqual(['start', 'start', 'die']);
  expect(words().map((row) => row.word)).toEqual(['better', 'better']);
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain('start-first can not be with `ports`');
  expect(refused.stderr).toContain('stack.yaml:8');
});
