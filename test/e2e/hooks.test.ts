import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('hooks');
});
beforeEach(() => {
  world.write('out/readme', '');
});
afterEach(() => {
  world.berth('down', '-v');
  rmSync(join(world.folder, 'out'), { recursive: true });
  expect(world.leaks()).toEqual([]);
});
afterAll(() => world.close());

const noted = (file = 'notes') =>
  existsSync(join(world.folder, 'out', file))
    ? readFileSync(join(world.folder, 'out', file), 'utf8')
        .trim()
        .split('\n')
    : [];

function service(hooks: string): string {
  return `services:
  web:
    image: host
    command: sleep 1000
    environment: {WHO: service}
    volumes: ["./out:/out"]
    stop_grace_period: 2s
${hooks}`;
}

test('post_start and pre_stop run in the container with their own user, folder and variables, in order', () => {
  world.write(
    'stack.yaml',
    service(`    post_start:
      - command: ["sh", "-c", "echo $$WHO $$(id -u) $$PWD $$MORE $$(cat /proc/1/comm) >> /out/notes; chmod 666 /out/notes"]
      - {command: 'sh -c "echo $$WHO $$(id -u) $$PWD $$MORE >> /out/notes"', user: "1234", working_dir: /tmp, environment: {WHO: hook, MORE: x}}
    pre_stop:
      - command: ["sh", "-c", "echo stop >> /out/notes"]
`),
  );

  const up = world.berth('up', '-d');
  const afterUp = noted();
  world.berth('stop');

  expect(up.code).toBe(0);
  expect(afterUp).toEqual(['service 0 / berth-init', 'hook 1234 /tmp x']);
  expect(noted().at(-1)).toBe('stop');
});

test('a post_start that fails names itself and what it said; the container runs on', () => {
  world.write('stack.yaml', service('    post_start: [{command: ["sh", "-c", "echo no luck; exit 9"]}]\n'));

  const up = world.berth('up', '-d');

  expect(up.code).toBe(1);
  expect(up.stderr).toContain('service web: post_start[0]');
  expect(up.stderr).toContain('exit code 9: no luck');
  expect(world.ps()[0]?.State).toBe('running');
});

test('a pre_stop that hangs holds up a stop no longer than the grace, and is named', () => {
  world.write('stack.yaml', service('    pre_stop: [{command: sleep 500}]\n'));
  world.berth('up', '-d');

  const stop = world.berth('stop');

  expect(stop.code).toBe(0);
  expect(stop.stdout + stop.stderr).toContain('pre_stop[0] was not done within 2 s');
  expect(world.ps()[0]?.State).toBe('exited');
});

const MIGRATE = `    pre_start:
      - command: ["sh", "-c", "echo first $$WHO >> /out/notes"]
      - {command: ["sh", "-c", "echo second $$WHO >> /out/notes"], environment: {WHO: hook}}
      - {command: ["sh", "-c", "echo each >> /out/each"], per_replica: true}
`;

test('pre_start runs in order, once for a definition however many replicas, and each replica its own', () => {
  world.write('stack.yaml', service(`${MIGRATE}    scale: 2\n`));

  const up = world.berth('up', '-d');
  world.berth('restart');
  world.berth('up', '-d', '--force-recreate');

  expect(up.code).toBe(0);
  expect(noted()).toEqual(['first service', 'second hook']);
  expect(noted('each')).toEqual(['each', 'each']);
  expect(world.ps().map((row) => row.State)).toEqual(['running', 'running']);
});

test('pre_start runs again where what it sees has changed, and only there', () => {
  world.write('stack.yaml', service(MIGRATE));
  world.berth('up', '-d');

  world.write('stack.yaml', service(MIGRATE).replace('WHO: service', 'WHO: other'));
  world.berth('up', '-d');

  expect(noted()).toEqual(['first service', 'second hook', 'first other']);
});

test('a pre_start that fails keeps the service from starting, with its last lines, and the next up runs it again', () => {
  world.write(
    'stack.yaml',
    service('    pre_start: [{command: ["sh", "-c", "echo bad schema; test -e /out/fine"]}]\n'),
  );

  const up = world.berth('up', '-d');
  const state = world.ps().map((row) => row.State);
  world.write('out/fine', '');
  const again = world.berth('up', '-d');

  expect(up.code).toBe(1);
  expect(up.stderr).toContain('service web: pre_start[0] ended with exit code 1');
  expect(up.stderr).toContain('bad schema');
  expect(state).toEqual(['created']);
  expect(again.code).toBe(0);
  expect(world.ps().map((row) => row.State)).toEqual(['running']);
});
