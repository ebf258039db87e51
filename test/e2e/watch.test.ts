/**
 * Files change, services follow: one stack with all kinds of rules, watched by the engine.
 */
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HistoryEvent } from '../../src/engine/history/event.ts';
import { eventually, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;
let watching: Watching;

type Watching = { readonly text: () => string; readonly child: ReturnType<TestWorld['spawn']> };

const STACK = `
services:
  web:
    image: host
    command: sh -c 'trap "exit 0" TERM; echo started; [ ! -e /src/bad ] || { echo no good; exit 3; }; while :; do sleep 1000 & wait; done'
    volumes: [./src:/src, data:/data]
    develop:
      watch:
        - {path: ./src, action: restart, ignore: [ignored]}
  follower:
    image: host
    command: sleep 1000
    depends_on: {web: {condition: service_started, restart: true}}
  bystander:
    image: host
    command: sleep 1000
    depends_on: [web]
  loop:
    image: host
    command: sh -c 'date +%s%N > /out/stamp; exec sleep 1000'
    volumes: [./out:/out]
    develop:
      watch: [{path: ./out, action: restart}]
  made:
    build: ./made
    command: sh -c 'trap "exit 0" TERM; cat /word; while :; do sleep 1000 & wait; done'
    develop:
      watch: [{path: ./made, action: rebuild}]
volumes:
  data:
`;

const DOCKERFILE = 'FROM host\nCOPY word /word\n';

beforeAll(async () => {
  world = testWorld('watch');
  world.write('stack.yaml', STACK);
  world.write('src/app.js', 'one');
  world.write('out/readme', 'here');
  world.write('made/Dockerfile', DOCKERFILE);
  world.write('made/.dockerignore', 'notes');
  world.write('made/word', 'one\n');
  watching = follow('watch', 'web');
  await eventually(() => watching.text().includes('watching for web'), 60_000);
});

afterAll(() => {
  /* After a failure it would start engine after engine. */
  watching.child.kill('SIGKILL');
  world.berth('down', '-v', '-t', '0');
  world.berth('image', 'rm', 'watch-made');
  world.berth('builder', 'prune', '--all');
  world.close();
});

function follow(...args: string[]): Watching {
  const child = world.spawn(args);
  let text = '';
  child.stderr?.on('data', (data: Buffer) => {
    text += data.toString();
  });
  return { text: () => text, child };
}

const pidOf = (service: string) => world.ps().find((row) => row.Service === service)?.Pid;

function events(action: string, service = 'web'): HistoryEvent[] {
  return world
    .berth('events', '--json', '--since', '1h')
    .stdout.split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as HistoryEvent)
    .filter((event) => (event.type as string) === 'watch' && event.action === action && event.service === service);
}

/** The pid of the service's container once it is another one than before. */
async function pidAfter(service: string, before: number | undefined): Promise<number> {
  return await eventually(() => {
    const pid = pidOf(service);
    return pid !== before && pid !== undefined && pid > 0 ? pid : undefined;
  }, 60_000);
}

test('a change restarts the service and what follows it, with address and volumes as they were', async () => {
  world.berth('exec', 'web', 'sh', '-c', 'echo kept > /data/file; echo kept > /in-root');
  const addressOf = () => world.berth('exec', 'web', 'ip', '-4', '-o', 'addr', 'show', 'eth0').stdout;
  const before = { web: pidOf('web'), follower: pidOf('follower'), bystander: pidOf('bystander') };
  world.berth('up', '-d', 'follower', 'bystander');
  const others = { follower: pidOf('follower'), bystander: pidOf('bystander') };
  const address = addressOf();

  world.write('src/app.js', 'two');
  await pidAfter('web', before.web);
  await eventually(() => watching.text().includes('web restarted in'), 60_000);

  expect(watching.text()).toMatch(/web restarted in [\d.]+ m?s: src\/app\.js changed/);
  expect([addressOf(), world.berth('exec', 'web', 'cat', '/data/file', '/in-root').stdout]).toEqual([
    address,
    'kept\nkept\n',
  ]);
  expect(pidOf('follower')).not.toBe(others.follower);
  expect(pidOf('bystander')).toBe(others.bystander);
  expect(world.berth('why', 'web').stdout).toContain('src/app.js changed');
});

test('a service that ends badly after a change is told with its last lines, and the next change starts it', async () => {
  world.write('src/bad', '');
  await eventually(() => /ended with exit code 3.*\n(.*\n)* {2}no good\n/.test(watching.text()), 60_000);
  rmSync(join(world.folder, 'src/bad'));
  await eventually(() => world.ps().find((row) => row.Service === 'web')?.State === 'running', 60_000);

  expect(events('ended')).toHaveLength(1);
});

test('what is ignored, and a service that somebody stopped, are left alone', async () => {
  const before = events('restarted').length;

  world.berth('stop', '-t', '0', 'web');
  world.write('src/ignored/a', '');
  world.write('src/app.js', 'while it is stopped');
  /* What comes after it has been seen when this has. */
  world.write('stack.yaml', STACK.replace('sleep 1000\n    depends_on: [web]', 'sleep 1001\n    depends_on: [web]'));
  await eventually(() => watching.text().includes('would take over'), 60_000);

  expect(watching.text()).toMatch(/bystander:1: command sleep 1000 -> sleep 1001, stack.yaml:16/);
  expect(world.ps().find((row) => row.Service === 'web')?.State).toBe('exited');
  expect(events('restarted')).toHaveLength(before);
  world.berth('start', 'web');
});

test('an engine that is killed is followed by one that catches up and goes on', async () => {
  const pid = await pidAfter('web', 0);
  const restarts = () => watching.text().split('web restarted in').length;
  const before = restarts();

  /* The command that follows starts the next one; others would be in its way. */
  process.kill(world.enginePid(), 'SIGKILL');
  world.write('src/app.js', 'while nobody looked');
  await eventually(() => restarts() > before, 60_000);
  const after = await pidAfter('web', pid);
  renameSync(world.write('src/tmp', 'later'), join(world.folder, 'src/app.js'));
  await pidAfter('web', after);

  const [status] = JSON.parse(world.berth('watch', '--status', '--json').stdout) as [{ readonly services: unknown }];
  expect(status.services).toEqual([
    { service: 'web', rules: [{ path: join(world.folder, 'src'), action: 'restart', ended: null }] },
  ]);
});

test('a service that writes what it watches is named with the file, and left running', async () => {
  watching.child.kill('SIGINT');
  await eventually(() => watching.child.exitCode !== null, 60_000);
  expect(world.berth('watch', '--status').stdout).toContain('nothing is watched');

  watching = follow('watch', '--quiet', 'loop');
  await eventually(() => watching.text().includes('watching for loop'), 60_000);
  world.write('out/readme', 'changed');
  await eventually(() => watching.text().includes('no longer watched'), 60_000);

  expect(watching.text()).toContain('loop writes out/stamp itself each time it starts');
  expect(world.ps().find((row) => row.Service === 'loop')?.State).toBe('running');
});

test('up -d --watch: a new image and a new container of that service alone, in the background', async () => {
  watching.child.kill('SIGINT');
  await eventually(() => watching.child.exitCode !== null, 60_000);
  const up = world.berth('up', '-d', '--watch', '--no-deps', 'made');
  expect(up.stdout).toContain('watching for made');
  const before = { made: pidOf('made'), loop: pidOf('loop') };
  const image = () => (JSON.parse(world.berth('image', 'inspect', 'watch-made').stdout) as { readonly id: string }).id;
  const old = image();

  world.write('made/notes', 'not part of it');
  world.write('made/word', 'two\n');
  await pidAfter('made', before.made);
  await eventually(() => events('rebuilt', 'made').length === 1, 60_000);

  expect(world.berth('logs', '--no-log-prefix', 'made').stdout).toContain('two');
  expect(events('rebuilt', 'made')[0]?.attributes.files).toBe('1');
  expect(pidOf('loop')).toBe(before.loop);
  expect(world.berth('image', 'inspect', old).code).toBe(1);
});

test('a build that fails is told, and what runs runs on', async () => {
  const pid = pidOf('made');

  world.write('made/Dockerfile', `${DOCKERFILE}RUN echo so sad; exit 7\n`);
  await eventually(() => events('rebuild failed', 'made').length === 1, 60_000);

  expect(events('rebuild failed', 'made')[0]).toHaveProperty(
    'why',
    expect.stringMatching(/Dockerfile changed.*so sad/s),
  );
  expect(pidOf('made')).toBe(pid);
  world.write('made/Dockerfile', DOCKERFILE);
  await eventually(() => events('rebuilt', 'made').length === 2, 60_000);
  expect(world.berth('watch', '--status').stdout).toMatch(
    /made: rebuild failed: .*\n.*made rebuilt in .*the image is the same/s,
  );
  expect(pidOf('made')).toBe(pid);
});

test('down ends it', async () => {
  world.berth('down', '-t', '0');

  expect(world.berth('watch', '--status').stdout).toContain('nothing is watched');
  expect(world.berth('watch', '--no-up').stderr).toContain('is not up');
});
