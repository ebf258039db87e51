/** Logs of services: they outlive their containers, join what comes later, and go when they are to. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;
beforeAll(() => {
  world = testWorld('logs');
});
afterEach(() => {
  world.berth('down', '-v', '-t', '0');
  expect(world.leaks()).toEqual([]);
});
afterAll(() => world.close());

const say = (text: string, more = '') =>
  `  web:\n    image: host\n    command: ["sh", "-c", "echo ${text}; exec sleep 1000"]\n${more}`;
const logs = (...args: string[]) => world.berth('logs', ...args).stdout;
const plain = (...args: string[]) =>
  logs('--no-log-prefix', ...args)
    .split('\n')
    .filter(Boolean);
const folders = () => {
  const folder = join(world.dataRoot, 'logs', 'logs');
  return existsSync(folder) ? readdirSync(folder) : [];
};

test('logs go on over recreations, down and up, and are there when the stack is not', async () => {
  const db = '  db:\n    image: host\n    command: ["sh", "-c", "echo db is up; exec sleep 1000"]\n';
  for (const text of ['first', 'second']) {
    world.write('stack.yaml', `services:\n${say(text, '    scale: 2\n')}${db}`);
    world.berth('up', '-d');
    await eventually(() => plain('web').filter((line) => line === text).length === 2);
  }
  world.berth('down', '-t', '0');
  const afterDown = plain();
  world.write('stack.yaml', `services:\n${say('third')}`);
  world.berth('up', '-d');
  await eventually(() => plain('web').includes('third'));

  expect(afterDown.toSorted()).toEqual(['db is up', 'first', 'first', 'second', 'second']);
  expect(plain('web')).toEqual(['first', 'first', 'second', 'second', 'third']);
  expect(logs('--index', '1', 'web')).toBe('web-1 | first\nweb-1 | second\nweb-1 | third\n');
  expect(plain('--index', '1', '-n', '2', 'web')).toEqual(['second', 'third']);
  expect(plain('--index', '2', 'web')).toEqual(['first', 'second']);
  /* The service is not in the file any more, and what it wrote is still there. */
  expect(plain('db')).toEqual(['db is up']);
  expect(world.berth('logs', 'dbb')).toMatchObject({ code: 1, stdout: '' });

  world.berth('container', 'rename', 'logs-web-1', 'other');
  const usage = JSON.parse(world.berth('system', 'df', '--json').stdout) as { logs: unknown };
  expect(usage.logs).toMatchObject({ total: 6, active: 1 });
  const pruned = world.berth('logs', '--prune', 'web');

  expect(pruned.stdout).toMatch(/^removed the logs of 4 containers, \d+ B\n$/);
  expect(plain()).toEqual(['db is up', 'third']);
  expect(plain('web')).toEqual(['third']);
});

test('one-off runs leave their log with the service', async () => {
  world.write('stack.yaml', `services:\n${say('replica')}`);
  world.berth('up', '-d');
  world.berth('run', '--rm', '-T', '--name', 'migration', 'web', 'echo', 'migrated');
  await eventually(() => plain('web').length === 1);

  expect(plain('web')).toEqual(['replica']);
  expect(logs('--one-off', 'web').split('\n').toSorted()).toEqual(['', 'migration | migrated', 'web-1     | replica']);
  expect(world.ps()).toHaveLength(1);
});

test('limits of x-berth.logs.keep hold when a container goes', async () => {
  for (const n of [1, 2, 3, 4]) {
    world.write('stack.yaml', `services:\n${say(`run ${n}`, '    x-berth: {logs: {keep: {count: 2}}}\n')}`);
    world.berth('up', '-d', '-t', '0');
    await eventually(() => plain().at(-1) === `run ${n}`);
  }

  expect(plain()).toEqual(['run 2', 'run 3', 'run 4']);
  expect(folders()).toHaveLength(3);
});

test('who follows is given the past, what is recreated and what comes later, and is told when it is over', async () => {
  world.write('stack.yaml', `services:\n${say('first')}`);
  world.berth('up', '-d');
  await eventually(() => plain().length === 1);
  let seen = '';
  const follower = world.spawn(['logs', '-f', '--no-log-prefix']);
  follower.stdout!.on('data', (data: Buffer) => {
    seen += data.toString();
  });
  const over = new Promise<number | null>((resolve) => follower.once('exit', resolve));

  await eventually(() => seen === 'first\n');
  world.write('stack.yaml', `services:\n${say('second')}`);
  world.berth('up', '-d', '-t', '0');
  await eventually(() => seen === 'first\nsecond\n');
  const late = '  late:\n    image: host\n    command: ["sh", "-c", "echo late; exec sleep 1000"]\n';
  world.write('stack.yaml', `services:\n${say('second')}${late}`);
  world.berth('up', '-d');
  await eventually(() => seen === 'first\nsecond\nlate\n');
  world.berth('down', '-t', '0');

  expect(await over).toBe(0);
  expect(seen).toBe('first\nsecond\nlate\n');
});

test('logging: its limits hold, and driver none keeps nothing and says so', async () => {
  world.write(
    'stack.yaml',
    `services:
  big:
    image: host
    logging: {options: {max-size: 20k, max-file: 2}}
    command: ["sh", "-c", "seq 3000; exec sleep 1000"]
  quiet:
    image: host
    logging: {driver: none}
    command: ["sh", "-c", "echo unheard; exec sleep 1000"]
`,
  );
  world.berth('up', '-d');
  await eventually(() => plain('big').at(-1) === '3000');

  const kept = plain('big').map(Number);
  expect(kept.length).toBeLessThan(900);
  expect(kept.findIndex((n, i) => n !== kept[0]! + i)).toBe(-1);
  expect(plain('quiet')).toEqual(['[berth: quiet keeps no log: its logging driver is none]']);
});

test('forwarded lines arrive though the engine is killed and the target was away', async () => {
  const socket = join(world.folder, 'syslog.sock');
  let received = '';
  const texts = () => new Set([...received.matchAll(/ - - (\d+)(?!\d)/g)].map(([, n]) => n)).size;
  const server = createServer((connection) => {
    connection.on('error', () => {});
    connection.on('data', (data) => {
      received += data.toString();
    });
  });
  const command = 'for i in $$(seq 200); do echo $$i; sleep 0.01; done; exec sleep 1000';
  const forward = `x-berth: {logs: {forward: "unix://${socket}"}}`;
  world.write(
    'stack.yaml',
    `${forward}\nservices:\n  web:\n    image: host\n    command: ["sh", "-c", ${JSON.stringify(command)}]\n`,
  );
  world.berth('up', '-d');
  await eventually(() => plain().length > 20);
  process.kill(world.enginePid(), 'SIGKILL');
  server.listen(socket);
  await eventually(() => plain().length === 200, 30_000);

  await eventually(() => texts() === 200, 60_000);
  server.close();
  rmSync(socket, { force: true });
});

test('ten containers at once are followed without loss, and a slow reader holds none of them up', async () => {
  const command = 'i=0; while [ $$i -lt 3000 ]; do i=$$((i+1)); echo "$$HOSTNAME $$i"; done; exec sleep 1000';
  world.write(
    'stack.yaml',
    `services:
  web:
    image: host
    scale: 10
    logging: {options: {max-size: 40k, max-file: 20}}
    command: ["bash", "-c", ${JSON.stringify(command)}]
`,
  );
  const slow = world.spawn(['up']);
  slow.stdout!.pause();
  await eventually(() => plain('-n', '1').filter((line) => line.endsWith(' 3000')).length === 10, 60_000);
  let text = '';
  slow.stdout!.on('data', (data: Buffer) => {
    text += data.toString();
  });
  slow.stdout!.resume();
  const numbers = () => {
    const of = new Map<string, number[]>();
    for (const [, name, n] of text.matchAll(/^(web-\d+) +\| \S+ (\d+)$/gm))
      of.set(name!, [...(of.get(name!) ?? []), Number(n)]);
    return of;
  };
  await eventually(() => text.split('\n').length > 30_000, 60_000);
  slow.kill('SIGTERM');

  const found = numbers();
  expect(found.size).toBe(10);
  for (const [name, list] of found)
    expect([name, list.findIndex((n, i) => n !== i + 1), list.length]).toEqual([name, -1, 3000]);
});
