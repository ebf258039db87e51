/** Beside a Docker: its firewall drops what it does not know, and it counts on settings that we share. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bridge, end, stateOf } from '../../unit/network/network-builders.ts';
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
  for (const rule of ['-P FORWARD DROP', '-N DOCKER-USER', '-A DOCKER-USER -j RETURN', '-I FORWARD -j DOCKER-USER'])
    world.machine.run('iptables', ...rule.split(' '));
  world.machine.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
}

const dockerUser = () => world.machine.run('iptables', '-S', 'DOCKER-USER').stdout.trim().split('\n').slice(1);
const OURS = [
  `-A DOCKER-USER -o bt${TAG}+ -m comment --comment "berth bt${TAG}" -j ACCEPT`,
  `-A DOCKER-USER -i bt${TAG}+ -m comment --comment "berth bt${TAG}" -j ACCEPT`,
];

test('containers get through Docker’s firewall, by two rules that carry our name and go with the last network', async () => {
  startDocker();
  const before = world.kernelState();
  await world.neighbour.serve(HTTP_SERVER, 'neighbour', '80');

  await driver.apply(STATE);
  const during = dockerUser();
  const web = world.addContainer(FRONT, '172.31.255.2');
  const body = web.run('curl', '-s', '-m', '1', `http://${NEIGHBOUR}/`).stdout;
  world.machine.run('ip', 'link', 'del', portName(0));
  await driver.removeAll();

  expect(during).toEqual([...OURS, '-A DOCKER-USER -j RETURN']);
  expect(body).toContain('neighbour sees');
  expect(world.kernelState()).toBe(before);
});

test('a Docker that comes later is met by the next apply, once', async () => {
  await driver.apply(STATE);
  startDocker();

  await driver.apply(STATE);
  world.programsRun();
  await driver.apply(STATE);

  expect(dockerUser()).toEqual([...OURS, '-A DOCKER-USER -j RETURN']);
  expect(world.programsRun()).toEqual([]);
});

test('an engine that comes after a killed one adds no rule twice, and takes them away', async () => {
  startDocker();
  await driver.apply(STATE);
  driver.kill('SIGKILL');
  const next = world.startDriver();

  await next.apply(STATE);
  const during = dockerUser();
  await next.removeAll();

  expect(during).toEqual([...OURS, '-A DOCKER-USER -j RETURN']);
  expect(dockerUser()).toEqual(['-A DOCKER-USER -j RETURN']);
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
