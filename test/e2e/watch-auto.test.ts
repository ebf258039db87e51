/**
 * `x-berth.watch: auto`: what a service has opened in its bind mounts starts it again when it changes, and nothing else.
 */
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;
let watching: ReturnType<TestWorld['spawn']>;
let said = '';

const STACK = `
services:
  web:
    image: host
    command: node /app/main.mjs
    stop_grace_period: 0s
    volumes: [./app:/app]
    x-berth: {watch: auto}
`;

/* Reads two modules, a package and its own state; writes a log, and its state by renaming. */
const MAIN = `
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { greeting } from './lib/used.mjs';
import { name } from './node_modules/pack/index.mjs';
const state = JSON.parse(readFileSync('/app/state.json', 'utf8'));
const said = greeting + ' ' + name + ' ' + state.starts;
console.log(said);
setInterval(() => {
  appendFileSync('/app/log', said + '\\n');
  writeFileSync('/app/state.tmp', JSON.stringify({ starts: state.starts + 1 }));
  renameSync('/app/state.tmp', '/app/state.json');
}, 20);
`;

beforeAll(async () => {
  world = testWorld('watchauto');
  world.write('stack.yaml', STACK);
  world.write('app/main.mjs', MAIN);
  world.write('app/lib/used.mjs', "export const greeting = 'one';\n");
  world.write('app/lib/unused.mjs', 'export const nothing = 0;\n');
  world.write('app/node_modules/pack/index.mjs', "export const name = 'pack';\n");
  world.write('app/node_modules/.package-lock.json', '{}\n');
  world.write('app/state.json', '{"starts": 0}');
  watching = world.spawn(['watch']);
  watching.stderr?.on('data', (data: Buffer) => (said += data.toString()));
  await eventually(() => said.includes('watching for web'), 60_000);
  await eventually(() => logs().includes('one pack'), 60_000);
});

afterAll(async () => {
  watching.kill('SIGINT');
  await eventually(() => watching.exitCode !== null, 60_000);
  world.berth('down', '-t', '0');
  world.close();
});

const logs = () => world.berth('logs', '--no-log-prefix', 'web').stdout;
const startsOf = () => world.berth('logs', '--no-log-prefix', 'web').stdout.trim().split('\n').length;
const pid = () => world.ps().find((row) => row.Service === 'web')?.Pid ?? 0;
/** The service has written so much since that its own writes would have been acted on by now. */
async function aWhileOfWrites(): Promise<void> {
  const size = () => Number(world.inside('stat', '-c', '%s', join(world.folder, 'app/log')).stdout);
  const before = size();
  await eventually(() => size() > before + 400, 60_000);
}

test('a module that was imported restarts the service, also one that an editor replaces; its own writes do not', async () => {
  await aWhileOfWrites();
  const before = pid();
  expect(startsOf()).toBe(1);

  world.write('app/lib/used.mjs', "export const greeting = 'two';\n");
  await eventually(() => logs().includes('two pack'), 60_000);
  const second = pid();
  await aWhileOfWrites();
  renameSync(
    world.write('app/lib/.used.mjs.new', "export const greeting = 'three';\n"),
    join(world.folder, 'app/lib/used.mjs'),
  );
  await eventually(() => logs().includes('three pack'), 60_000);
  await aWhileOfWrites();

  expect(before).not.toBe(second);
  expect(startsOf()).toBe(3);
  expect(said).toMatch(/web restarted in [\d.]+ m?s: app\/lib\/used\.mjs changed/);
  expect(said).not.toMatch(/log changed|state|no longer watched/);
});

test('what it has never opened leaves it alone; packages count when they are installed', async () => {
  const before = startsOf();

  world.write('app/lib/unused.mjs', 'export const nothing = 1;\n');
  world.write('app/lib/new.mjs', '');
  world.write('app/node_modules/pack/index.mjs', "export const name = 'edited';\n");
  await aWhileOfWrites();
  expect(startsOf()).toBe(before);
  world.write('app/node_modules/.package-lock.json', '{"changed": true}\n');
  await eventually(() => logs().includes('three edited'), 60_000);

  expect(startsOf()).toBe(before + 1);
});

test('an engine that was killed knows what was opened, and catches up', async () => {
  await aWhileOfWrites();
  const before = startsOf();

  process.kill(world.enginePid(), 'SIGKILL');
  world.write('app/lib/used.mjs', "export const greeting = 'four';\n");
  await eventually(() => logs().includes('four edited'), 60_000);
  world.write('app/main.mjs', MAIN.replace("' ' + name", "' main ' + name"));
  await eventually(() => logs().includes('four main edited'), 60_000);

  expect(startsOf()).toBe(before + 2);
});
