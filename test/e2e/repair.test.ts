/** Somebody takes a running stack's network away: it is back soon, and no container was started anew. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('repair');
});
beforeEach(() => {
  world.write('stack.yaml', STACK);
  expect(world.berth('up', '-d', '--wait').code).toBe(0);
});
afterEach(() => {
  expect(world.berth('down', '-v').code).toBe(0);
  expect(world.leaks()).toEqual([]);
});
afterAll(() => world.close());

const SERVE = "require('node:http').createServer((q,s)=>s.end('ok')).listen(80)";
const STACK = `services:
  web:
    image: host
    command: ["node", "-e", "${SERVE}"]
    ports: ["18082:80"]
    networks: [front, back]
    healthcheck: {test: ["CMD", "curl", "-sf", "http://127.0.0.1/"], interval: 1s}
  other:
    image: host
    command: ["sleep", "inf"]
    networks: [front]
networks: {front: {}, back: {}}
`;

/** What a repair must not change: processes, addresses, routes. */
const identity = () => world.ps().map(({ Service, Pid }) => [Service, Pid, insideOf(Service)]);
const insideOf = (service: string) =>
  world.berth('exec', service, 'sh', '-c', 'ip -br addr; ip route').stdout.replace(/@if\d+ */g, ' ');
const curl = (...args: string[]) => world.berth('exec', 'other', 'curl', '-s', '-m', '1', ...args).stdout;
const works = () => world.get('http://127.0.0.1:18082/').body === 'ok' && curl('http://web/') === 'ok';
const links = (prefix: string) =>
  world
    .inside('ip', '-j', 'link')
    .stdout.match(new RegExp(`"ifname":"${prefix}[^"]*"`, 'g'))!
    .map((text) => text.slice(10, -1));

test.each([
  ['all bridges', () => links('bt').map((name) => `ip link del ${name}`)],
  ['all containers’ ends', () => links('v').map((name) => `ip link del ${name}`)],
  ['the ends’ bridges', () => links('v').map((name) => `ip link set ${name} nomaster`)],
  ['all rules', () => ['nft flush ruleset']],
])('%s taken away: the same containers have the same addresses again', (_what, commands) => {
  const before = identity();

  for (const command of commands()) world.inside('sh', '-c', command);

  return eventually(works, 5_000).then(() => expect(identity()).toEqual(before));
});

test('a bridge deleted while no engine runs is repaired by the next engine', async () => {
  const before = identity();
  world.berth('engine', 'stop');

  for (const name of links('bt')) world.inside('ip', 'link', 'del', name);
  world.berth('ps');

  await eventually(works, 5_000);
  expect(identity()).toEqual(before);
});

test('without its bridges a stack can still be taken down', () => {
  for (const name of [...links('v'), ...links('bt')]) world.inside('ip', 'link', 'del', name);

  expect(world.berth('down').code).toBe(0);
});
