/**
 * Watched files are brought into containers: all replicas, new ones and such that were stopped, with commands after it.
 */
import { chownSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HistoryEvent } from '../../src/engine/history/event.ts';
import { eventually, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;
let watching: ReturnType<TestWorld['spawn']>;
let said = '';

const STACK = `
services:
  app:
    image: host
    scale: 2
    user: "1000:1000"
    command: sh -c 'cat /app/src/a.txt /app/config.json; exec sleep 1000'
    stop_grace_period: 0s
    develop:
      watch:
        - {path: ./src, action: sync, target: /app/src, initial_sync: true, ignore: [skipped]}
        - {path: ./dev.json, action: sync+restart, target: /app/config.json}
        - path: ./tasks
          action: sync+exec
          target: /app/tasks
          exec:
            command: [sh, -c, 'echo "$$WHO ran $$(cat /app/tasks/name) as $$(id -u) in $$(pwd)"; exit $$(cat /app/tasks/code)']
            user: "0"
            working_dir: /app/tasks
            environment: {WHO: berth}
  owned:
    image: host
    user: "500:500"
    command: sleep 1000
    stop_grace_period: 0s
    volumes: [./owned:/owned, ./single:/single]
    x-berth: {volumes-owner: me}
    develop:
      watch:
        - {path: ./src, action: sync, target: /owned/in, initial_sync: true}
        - {path: ./dev.json, action: sync, target: /single}
  fixed:
    image: host
    read_only: true
    command: sleep 1000
    stop_grace_period: 0s
    develop:
      watch: [{path: ./src, action: sync, target: /app/src}]
`;

beforeAll(async () => {
  world = testWorld('watchsync');
  world.write('stack.yaml', STACK);
  world.write('src/a.txt', 'first\n');
  world.write('src/deep/down/b.txt', 'b');
  world.write('src/skipped/no', 'no');
  world.write('dev.json', '{}\n');
  world.write('tasks/name', 'nothing');
  world.write('tasks/code', '0');
  world.write('single', 'a mount of its own');
  mkdirSync(join(world.folder, 'owned'));
  chownSync(join(world.folder, 'owned'), 1234, 1234);
  Object.assign(world.env, { SUDO_UID: '1234', SUDO_GID: '1234' });
  watching = world.spawn(['watch']);
  watching.stderr?.on('data', (data: Buffer) => (said += data.toString()));
  await eventually(() => /watching for .*app/.test(said), 60_000);
});

afterAll(async () => {
  watching.kill('SIGINT');
  await eventually(() => watching.exitCode !== null, 60_000);
  world.berth('down', '-t', '0');
  world.close();
});

function sh(script: string, index = 1, service = 'app'): string {
  return world.berth('exec', '-T', '--index', `${index}`, service, 'sh', '-c', script).stdout.trim();
}

/** What the script says in both replicas, once it is that. */
async function everywhere(script: string, answer: string): Promise<void> {
  for (const index of [1, 2]) await eventually(() => sh(script, index) === answer, 60_000);
}

function events(action: string): HistoryEvent[] {
  const lines = world.berth('events', '--json', '--since', '1h').stdout.split('\n');
  const all = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as HistoryEvent);
  return all.filter((event) => (event.type as string) === 'watch' && event.action === action);
}

test('initial_sync brings all there is, owned by the user, without what is ignored', async () => {
  await everywhere('cat /app/src/a.txt /app/src/deep/down/b.txt', 'first\nb');

  expect(sh('stat -c "%u:%g %a" /app/src/a.txt /app/src/deep/down; ls /app/src')).toBe(
    '1000:1000 644\n1000:1000 755\na.txt\ndeep',
  );
});

test('changes, removals, links and hundreds of new files reach every replica as one action', async () => {
  const before = events('synced').length;
  rmSync(join(world.folder, 'src/deep'), { recursive: true });
  world.write('src/a.txt', 'second\n');
  symlinkSync('a.txt', join(world.folder, 'src/link'));
  sh('echo own > /app/src/of-the-container');
  for (let i = 0; i < 300; i++) world.write(`src/many/${i % 20}/${i}`, `${i}`);

  for (const index of [1, 2]) await eventually(() => sh('find /app/src/many -type f | wc -l', index) === '300', 60_000);

  expect(sh('cat /app/src/link; readlink /app/src/link; ls -d /app/src/deep; cat /app/src/many/7/287')).toBe(
    'second\na.txt\n287',
  );
  expect(sh('cat /app/src/of-the-container')).toBe('own');
  expect(events('synced').length).toBeGreaterThan(before);
});

test('saves that come as fast as they are synced are no loop', async () => {
  for (let i = 0; i < 10; i++) {
    world.write('src/fast', `${i}`);
    await eventually(() => sh('cat /app/src/fast') === `${i}`, 60_000);
  }
  rmSync(join(world.folder, 'src/fast'));
  await eventually(() => sh('ls /app/src/fast') === '', 60_000);

  expect(said).not.toContain('no longer watched');
});

test('a new replica has all of it before its program runs, one that was stopped what it has missed', async () => {
  world.berth('container', 'stop', '-t', '0', 'watchsync-app-2');
  world.write('src/a.txt', 'third\n');
  rmSync(join(world.folder, 'src/many'), { recursive: true });
  await eventually(() => sh('cat /app/src/a.txt; ls /app/src') === 'third\na.txt\nlink\nof-the-container', 60_000);

  world.berth('container', 'start', 'watchsync-app-2');
  world.berth('scale', 'app=3');

  await eventually(() => said.includes('watchsync-app-2 does not run: it gets the files at its start'), 60_000);
  expect(sh('ls /app/src', 2)).toBe('a.txt\nlink');
  expect(sh('ls /app/src', 3)).toBe('a.txt\nlink');
  expect(world.berth('logs', '--no-log-prefix', '--index', '3', 'app').stdout).toContain('third');
});

test('sync+restart brings a single file under its name and starts the service again', async () => {
  const before = world
    .ps()
    .filter((row) => row.Service === 'app')
    .map((row) => row.Pid);

  world.write('dev.json', '{"new": true}\n');
  await eventually(() => said.includes('app synced, restarted in'), 60_000);

  expect(sh('cat /app/config.json')).toBe('{"new": true}');
  expect(world.ps().filter((row) => row.Service === 'app' && before.includes(row.Pid))).toEqual([]);
  expect(world.berth('logs', '--no-log-prefix', 'app').stdout).toContain('{"new": true}');
});

test('in mounts files belong to whom the mount says, and one that is a mount itself stays one', async () => {
  const owned = join(world.folder, 'owned/in/a.txt');
  await eventually(() => sh('stat -c %u:%g /owned/in/a.txt', 1, 'owned') === '500:500', 60_000);
  world.write('dev.json', '{"shorter": 1}\n');

  await eventually(() => readFileSync(join(world.folder, 'single'), 'utf8') === '{"shorter": 1}\n', 60_000);
  expect([statSync(owned).uid, statSync(owned).gid]).toEqual([1234, 1234]);
  expect(sh('cat /single; grep -c " /single " /proc/self/mountinfo', 1, 'owned')).toBe('{"shorter": 1}\n1');
});

test('sync+exec shows what the command says, and how it failed with its exit code', async () => {
  world.write('tasks/name', 'one');
  await eventually(() => said.includes('berth ran one as 0 in /app/tasks'), 60_000);
  world.write('tasks/code', '7');
  await eventually(() => said.includes('exec failed'), 60_000);

  expect(said).toMatch(
    /app: sync\+exec failed: tasks\/code changed; watchsync-app-1: `sh -c .*` ended with exit code 7/,
  );
  expect(events('exec ended').map(({ attributes }) => attributes.exitCode)).toContain('7');
  expect(events('exec ended').at(-1)!.attributes.output).toBe('berth ran one as 0 in /app/tasks');
});

test('an engine that is killed in the middle of a sync is followed by one that finishes it', async () => {
  for (let i = 0; i < 300; i++) world.write(`src/again/${i % 20}/${i}`, 'x'.repeat(10_000));
  await eventually(() => sh('ls /app/src/again | wc -l') !== '0', 60_000);

  process.kill(world.enginePid(), 'SIGKILL');

  const script = 'find /app/src/again -type f -size 10000c | wc -l; find /app/src -name "*~" | wc -l';
  for (const index of [1, 2, 3]) await eventually(() => sh(script, index) === '300\n0', 60_000);
});

test('a root that is read-only is told with what to do, and the other services get their files', async () => {
  mkdirSync(join(world.folder, 'src/more'));
  world.write('src/more/c', 'c');
  await everywhere('cat /app/src/more/c', 'c');

  await eventually(() => said.includes('fixed: sync failed'), 60_000);
  expect(said).toMatch(/fixed: sync failed: .*Read-only file system/);
});
