/** Beside a Docker: its firewall drops what it does not know, and it counts on settings that we share. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bridge, end, stateOf } from '../../unit/network/network-builders.ts';
import { eventually } from '../runtime/eventually.ts';
import { NEIGHBOUR, type NetworkWorld, networkWorld, portName, TAG } from './network-world.ts';
import { HTTP_SERVER } from './programs.ts';
import type { DriverProcess } from './spawn-driver.ts';

const FRONT = bridge(`bt${TAG}front`, '172.31.255.0/24');
const STATE = stateOf({ bridges: [FRONT], ends: [end(FRONT, '172.31.255.2')] });

let world: NetworkWorld;
let driver: DriverProcess;

beforeEach(() => {
  world = networkWorld('docker');
  driver = world.startDriver();
});
afterEach(() => world.close());

/** What dockerd leaves in the kernel, as far as it matters here. */
function startDocker() {
  world.machine.run('ip', 'link', 'add', 'docker0', 'type', 'bridge');
  for (const rule of [
    '-P FORWARD DROP',
    '-N DOCKER',
    '-A FORWARD -o docker0 -j DOCKER',
    '-A FORWARD -i docker0 ! -o docker0 -j ACCEPT',
    '-N DOCKER-USER',
    '-A DOCKER-USER -j RETURN',
    '-I FORWARD -j DOCKER-USER',
  ])
    world.machine.run('iptables', ...rule.split(' '));
  world.machine.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
}

const rules = (chain: string) =>
  world.machine
    .run('iptables', '-S', chain)
    .stdout.trim()
    .split('\n')
    .slice(1)
    .map((line) => line.replace(`-A ${chain} `, ''));
const CHAIN = `BERTH-bt${TAG}`;
const THROUGH = [`-i bt${TAG}+ -j ACCEPT`, `-o bt${TAG}+ -j ACCEPT`];

test('containers get through Docker’s firewall, by a chain that carries our name and goes with the last network', async () => {
  startDocker();
  const before = world.kernelState();
  await world.neighbour.serve(HTTP_SERVER, 'neighbour', '80');

  await driver.apply(STATE);
  const during = [rules('DOCKER-USER'), rules(CHAIN)];
  const web = world.addContainer(FRONT, '172.31.255.2');
  const body = web.run('curl', '-s', '-m', '1', `http://${NEIGHBOUR}/`).stdout;
  world.machine.run('ip', 'link', 'del', portName(0));
  await driver.removeAll();

  expect(during).toEqual([
    [`-j ${CHAIN}`, '-j RETURN'],
    [`-i bt${TAG}+ -o docker0 -j RETURN`, ...THROUGH],
  ]);
  expect(body).toContain('neighbour sees');
  expect(world.kernelState()).toBe(before);
});

test('a Docker that comes later is noticed, once, and one that loses its rules gets ours again', async () => {
  await driver.apply(STATE);
  startDocker();
  await eventually(() => rules('DOCKER-USER').includes(`-j ${CHAIN}`));

  await driver.apply(STATE);
  world.machine.run('iptables', '-F', 'DOCKER-USER');
  await eventually(() => rules('DOCKER-USER').length === 1);

  expect(rules('DOCKER-USER')).toEqual([`-j ${CHAIN}`]);
});

test('our containers get into Docker’s networks by what Docker lets through only', async () => {
  startDocker();
  world.machine.run('ip', 'addr', 'add', '172.17.0.1/16', 'dev', 'docker0');
  world.machine.run('ip', 'link', 'set', 'docker0', 'up');
  const docker = bridge('docker0', '172.17.0.0/16');
  /* The test's ports have our names, so it must be known what they may send. */
  await driver.apply({ ...STATE, ends: [...STATE.ends, end(docker, '172.17.0.2')] });
  const theirs = world.addContainer(docker, '172.17.0.2');
  const ours = world.addContainer(FRONT, '172.31.255.2');
  await theirs.serve(HTTP_SERVER, 'theirs', '80');
  await eventually(() => rules(CHAIN).length === 3);
  const get = () => ours.run('curl', '-s', '-m', '0.5', 'http://172.17.0.2/').stdout;

  const closed = get();
  world.machine.run(
    'iptables',
    '-A',
    'DOCKER',
    '-d',
    '172.17.0.2',
    '!',
    '-i',
    'docker0',
    '-o',
    'docker0',
    '-j',
    'ACCEPT',
  );
  const published = get();

  expect([closed, published]).toEqual(['', 'theirs sees 172.17.0.1']);
});

test('an engine that comes after a killed one adds no rule twice, and takes them away', async () => {
  startDocker();
  await driver.apply(STATE);
  driver.kill('SIGKILL');
  const next = world.startDriver();

  await next.apply(STATE);
  const during = [rules('DOCKER-USER'), rules(CHAIN)];
  await next.removeAll();

  expect(during).toEqual([
    [`-j ${CHAIN}`, '-j RETURN'],
    [`-i bt${TAG}+ -o docker0 -j RETURN`, ...THROUGH],
  ]);
  expect(rules('DOCKER-USER')).toEqual(['-j RETURN']);
  expect(rules('FORWARD')).toHaveLength(3);
});

test('forwarding stays on for a Docker that came after us', async () => {
  await driver.apply(STATE);
  startDocker();

  await driver.removeAll();

  expect(world.machine.run('cat', '/proc/sys/net/ipv4/ip_forward').stdout).toBe('1\n');
});

test('a bridge named docker0 without Docker’s chains is no obstacle', async () => {
  world.machine.run('ip', 'link', 'add', 'docker0', 'type', 'bridge');

  await driver.apply(STATE);

  expect(world.machine.run('ip', 'link', 'show', FRONT.bridge).code).toBe(0);
});
