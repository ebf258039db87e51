import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('providers');
});
afterAll(() => world.close());

const PROGRAM = `#!/bin/sh
[ "$2" = metadata ] && { echo '{"up":{"parameters":[{"name":"size"}]},"down":{},"stop":{}}'; exit; }
echo "$*" >> calls
[ "$3" = up ] || exit 0
echo '{"type":"info","message":"preparing"}'
echo '{"type":"setenv","message":"URL=cloud://'"$(cat answer 2>/dev/null)"'"}'
echo '{"type":"rawsetenv","message":"TOKEN=t"}'
`;

const STACK = `services:
  db:
    provider:
      type: ./cloud
      options: {size: 10, other: x}
  web:
    image: host
    command: [sh, -c, "env > /out/env; exec sleep 1000"]
    stop_grace_period: 0s
    volumes: ["./out:/out"]
    depends_on: {db: {condition: service_healthy}}
  alone: {image: host, command: sleep 1000, stop_grace_period: 0s}
`;

function calls(): string[] {
  const path = join(world.folder, 'calls');
  const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  rmSync(path, { force: true });
  return lines.map((line) => line.replace('compose --project-name=providers ', ''));
}

const ids = () => Object.fromEntries(world.ps().map((row) => [row.Service, row.ID]));

test('a provider is asked by up, gives its variables, and is told by stop and down', () => {
  world.write('stack.yaml', STACK);
  world.write('out/.keep', '');
  world.inside('install', '-m', '755', world.write('cloud.sh', PROGRAM), 'cloud');

  const dry = world.berth('up', '--dry-run');
  expect(dry.stdout).toContain('provider ./cloud: up db, before any container');
  expect(calls()).toEqual([]);

  const up = world.berth('up', '-d', '--wait');
  expect(up.stderr).toContain('db: preparing');
  expect(calls()).toEqual(['up --size=10 db']);
  const env = readFileSync(join(world.folder, 'out/env'), 'utf8').split('\n');
  expect(env).toContain('DB_URL=cloud://');
  expect(env).toContain('TOKEN=t');
  const first = ids();
  expect(Object.keys(first).sort()).toEqual(['alone', 'web']);

  /* Asked again it says the same, and nothing is made anew; a plan knows its variables from the last time. */
  expect(world.berth('plan').code).toBe(0);
  expect(world.berth('up', '-d').code).toBe(0);
  expect(world.berth('scale', 'alone=2').code).toBe(0);
  expect(calls()).toEqual(['up --size=10 db']);
  expect(ids()).toMatchObject({ web: first.web });

  /* Another answer is another container. */
  world.write('answer', '2');
  world.berth('up', '-d', 'web');
  expect(calls()).toEqual(['up --size=10 db']);
  expect(ids().web).not.toBe(first.web);
  world.berth('up', '-d', '--no-deps', 'alone');
  expect(calls()).toEqual([]);

  world.berth('stop');
  expect(calls()).toEqual(['stop db']);
  world.berth('down');
  expect(calls()).toEqual(['down db']);
  expect(world.leaks()).toEqual([]);
});

test('a provider that fails leaves the machine as it was, and is named with its line', () => {
  world.write('stack.yaml', STACK);
  world.inside('install', '-m', '755', world.write('cloud.sh', 'echo out of luck >&2; exit 4'), 'cloud');

  const up = world.berth('up', '-d');

  expect(up.code).toBe(1);
  expect(up.stderr).toContain('out of luck');
  expect(up.stderr).toContain('provider ./cloud could not bring up service db: exit code 4');
  expect(up.stderr).toContain('stack.yaml:4:13');
  expect(world.ps()).toEqual([]);
  expect(world.leaks()).toEqual([]);
});
