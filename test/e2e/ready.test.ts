import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('ready');
  /* Two commands that start an engine at once: the loser's launcher gives up a while later. */
  world.berth('ls');
});
afterEach(() => {
  world.berth('down', '-v');
  expect(world.leaks()).toEqual([]);
});
afterAll(() => world.close());

/** Listens when told to by a file, so that a test decides what comes when. */
const SERVER = `
const { existsSync } = require('node:fs');
const server = require('node:http').createServer((q, s) => { s.statusCode = existsSync('/gate/well') ? 200 : 503; s.end(); });
const timer = setInterval(() => {
  if (!existsSync('/gate/open')) return;
  clearInterval(timer);
  server.listen(8080, process.env.ADDRESS, () => console.log('open for business'));
}, 5);`;

function stack(ready: string, more = ''): string {
  world.write('server.js', SERVER);
  world.write('gate/readme', '');
  return `services:
  api:
    image: host
    command: node /server.js
    volumes: ["./server.js:/server.js:ro", "./gate:/gate"]
${more}    x-berth: {ready: ${ready}}
  web:
    image: host
    command: sleep 1000
    depends_on: {api: {condition: service_healthy}}
`;
}

const healthOf = (service: string) => world.ps().find((row) => row.Service === service)?.Health;
const stateOf = (service: string) => world.ps().find((row) => row.Service === service)?.State;

function open(well = true): void {
  if (well) world.write('gate/well', '');
  world.write('gate/open', '');
}

function close(): void {
  world.inside('rm', '-f', 'gate/well', 'gate/open');
}

test.each([
  ['listen', '{listen: 8080}', ''],
  ['listen, on its own 127.0.0.1', '{listen: 8080}', '    environment: {ADDRESS: 127.0.0.1}\n'],
  ['listen, without any network', '{listen: 8080}', '    network_mode: none\n'],
  ['tcp', '{tcp: 8080}', ''],
  ['http', '{http: 8080/health}', ''],
  ['log', '{log: "open for b.s"}', ''],
  ['all at once', '{log: business, http: "http://localhost:8080", tcp: [8080]}', ''],
])('a dependant waits until %s is seen from outside, and starts then', async (_, ready, more) => {
  close();
  world.write('stack.yaml', stack(ready, more));
  const up = world.spawn(['up', '-d']);
  const ended = new Promise<number | null>((resolve) => up.once('exit', resolve));
  await eventually(() => stateOf('api') === 'running');
  const early = [healthOf('api'), stateOf('web')];

  open();
  const code = await ended;

  expect(early).toEqual(['starting', 'created']);
  expect(code).toBe(0);
  expect([healthOf('api'), stateOf('web')]).toEqual(['healthy', 'running']);
});

test('an answer that is not well is asked for again, and time that runs out names what is missing', async () => {
  close();
  open(false);
  world.write('stack.yaml', stack('{http: 8080/, timeout: 1s}'));

  const up = world.berth('up', '-d');
  const late = healthOf('api');
  world.write('gate/well', '');

  expect(up.code).toBe(1);
  expect(up.stderr).toContain('service api is unhealthy');
  expect(up.stderr).toContain('GET / on port 8080 is answered with 503');
  expect(late).toBe('unhealthy');
  await eventually(() => healthOf('api') === 'healthy');
});

test('what was seen to be ready is ready for the next engine, whatever its log says by then', async () => {
  close();
  open();
  world.write('stack.yaml', stack('{log: business}'));
  world.berth('up', '-d', '--wait');

  process.kill(world.enginePid(), 'SIGKILL');
  await eventually(() => world.berth('ps').code === 0);

  expect(healthOf('api')).toBe('healthy');
});

test('restart: on-unhealthy starts it again, and those that follow it; others keep their process', async () => {
  close();
  world.write('gate/well', '');
  world.write(
    'stack.yaml',
    `services:
  api:
    image: host
    command: sleep 1000
    volumes: ["./gate:/gate"]
    restart: on-unhealthy
    healthcheck: {test: "test -e /gate/well", interval: 100ms, retries: 2}
  follower: {image: host, command: sleep 1000, depends_on: {api: {condition: service_healthy, restart: true}}}
  other: {image: host, command: sleep 1000, depends_on: [api]}
`,
  );
  world.berth('up', '-d', '--wait');
  const before = new Map(world.ps().map((row) => [row.Service, row.Pid]));
  const isNew = (service: string) => {
    const row = world.ps().find((r) => r.Service === service);
    return row?.State === 'running' && row.Pid !== before.get(service);
  };

  close();
  await eventually(() => isNew('api'));
  world.write('gate/well', '');
  await eventually(() => isNew('follower'));

  expect(isNew('other')).toBe(false);
  expect(world.ps().find((r) => r.Service === 'api')?.Restarts).toBeGreaterThan(0);
  expect(world.berth('why', 'api').stdout).toContain('unhealthy');
});
