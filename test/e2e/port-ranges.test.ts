/** A range of host ports: each replica has the first that is free, and who is in the way is named. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type PsRow, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('ranges');
});
afterEach(() => {
  for (const name of ['shop', 'blog']) world.berth('-p', name, 'down', '-t', '0');
});
afterAll(() => world.close());

const service = (name: string, ports: string, more = '') =>
  `  ${name}: {image: host, command: [sleep, "1000"], ports: ["${ports}"]${more}}\n`;

function up(stack: string, services: string) {
  world.write(`${stack}.yaml`, `name: ${stack}\nservices:\n${services}`);
  return world.berth('-f', `${stack}.yaml`, 'up', '-d');
}

/** `web-1 18001`, a container each. */
function portsOf(stack: string): string[] {
  const rows = JSON.parse(world.berth('-p', stack, 'ps', '--json').stdout) as PsRow[];
  return rows.map((row) => `${row.Name.slice(stack.length + 1)} ${row.Publishers[0]?.PublishedPort}`).sort();
}

test('replicas share a range with a stack that has one port of it, and keep theirs when they are made anew', () => {
  up('blog', service('web', '18001:80'));

  const first = up('shop', service('web', '18000-18003:80', ', deploy: {replicas: 3}'));
  const before = portsOf('shop');
  up('shop', service('web', '18000-18003:80', ', environment: {A: b}, deploy: {replicas: 3}'));

  expect(first.code).toBe(0);
  expect(before.map((text) => text.split(' ')[1]).sort()).toEqual(['18000', '18002', '18003']);
  expect(portsOf('shop')).toEqual(before);
});

test('a port that another service of the stack names is left to it', () => {
  const made = up('shop', service('api', '18000-18001:80') + service('web', '18000:80'));

  expect(made.code).toBe(0);
  expect(portsOf('shop')).toEqual(['api-1 18001', 'web-1 18000']);
});

test('a range that is too small is refused before anything is started, and each holder is named', () => {
  up('blog', service('web', '18000:80') + service('api', '18001:80'));

  const refused = up('shop', service('web', '18000-18002:80', ', deploy: {replicas: 2}'));

  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain(
    'service web: host ports 18000-18002 are too few for 2 replicas: 18000 is taken by blog-web-1, 18001 is taken by blog-api-1',
  );
  expect(refused.stderr).toContain('shop.yaml:3');
  expect(portsOf('shop')).toEqual([]);
});

test('a port that a program holds is left out, and the program is named when there is no other', async () => {
  const listen = "require('node:net').createServer().listen(18000, '127.0.0.1', () => console.log('ready'))";
  const inNetwork = [`--net=/run/netns/${world.netns}`, process.execPath, '-e', listen];
  const program = spawn('nsenter', inNetwork, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(program.stdout, 'data');

  const passed = up('shop', service('web', '18000-18001:80'));
  const ports = portsOf('shop');
  const refused = up('shop', service('web', '18000-18001:80', ', deploy: {replicas: 2}'));
  program.kill('SIGKILL');

  expect([passed.code, ports]).toEqual([0, ['web-1 18001']]);
  expect(refused.stderr).toContain(`are too few for 2 replicas: 18000 is taken by node (pid ${program.pid})`);
});
