/* Row SIG: whatever becomes of the command or its terminal, the engine finishes, and the services are as they should be. */
import type { ChildProcess } from 'node:child_process';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('signals');
});
afterEach(() => {
  world.berth('down', '-v', '-t', '0');
  expect(world.leaks()).toEqual([]);
});
afterAll(() => world.close());

const STACK = `services:
  db: {image: host, command: sleep 1000, healthcheck: {test: "test -e /tmp/go", interval: 100ms, retries: 1000}}
  web:
    image: host
    command: ["sh", "-c", "while echo still here; do sleep 0.1; done"]
    depends_on: {db: {condition: service_healthy}}
`;
const states = () => Object.fromEntries(world.ps().map((row) => [row.Service, row.State]));
const letGo = () => world.berth('exec', '-T', 'db', 'touch', '/tmp/go');
const bothRun = () => states().db === 'running' && states().web === 'running';
const ended = (child: ChildProcess) => new Promise((resolve) => child.once('exit', resolve));

test('a terminal that goes away (SIGHUP) ends the attached command, and the services run on', async () => {
  world.write('stack.yaml', STACK);
  const up = world.spawn(['up']);
  const end = ended(up);
  let shown = '';
  up.stdout!.on('data', (chunk) => (shown += chunk));
  await eventually(() => states().db === 'running');
  letGo();
  await eventually(() => shown.includes('still here'));

  up.kill('SIGHUP');
  await end;

  expect(states()).toEqual({ db: 'running', web: 'running' });
});

test('SIGHUP in the middle of up -d: nothing is half done, and the next up goes on', async () => {
  world.write('stack.yaml', STACK);
  const up = world.spawn(['up', '-d']);
  const end = ended(up);
  await eventually(() => states().db === 'running');

  up.kill('SIGHUP');
  await end;
  letGo();
  const again = world.berth('up', '-d');

  expect(again.code).toBe(0);
  expect(states()).toEqual({ db: 'running', web: 'running' });
});

test('a command that is stopped (SIGSTOP) holds up nothing: the stack comes up, and it ends well when it goes on', async () => {
  world.write('stack.yaml', STACK);
  const up = world.spawn(['up', '-d']);
  const end = ended(up);
  await eventually(() => states().db === 'running');

  up.kill('SIGSTOP');
  letGo();
  await eventually(bothRun);
  const second = world.berth('up', '-d');
  up.kill('SIGCONT');

  expect(second.stdout).toContain('nothing to do');
  expect(await end).toBe(0);
});

test('output that nobody reads any more ends the command and not the services, and the next up goes on', async () => {
  world.write('stack.yaml', STACK);
  const up = world.spawn(['up', '-d']);
  const upEnd = ended(up);
  up.stdout!.destroy();
  up.stderr!.destroy();
  await eventually(() => states().db === 'running');
  await upEnd;
  letGo();
  world.berth('up', '-d');
  const attached = world.spawn(['up']);
  const attachedEnd = ended(attached);
  attached.stdout!.once('data', () => attached.stdout!.destroy());
  const logs = world.spawn(['logs', '-f']);
  const logsEnd = ended(logs);
  logs.stdout!.once('data', () => logs.stdout!.destroy());

  await Promise.all([attachedEnd, logsEnd]);

  expect(states()).toEqual({ db: 'running', web: 'running' });
});
