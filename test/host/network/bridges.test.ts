/** Bridges, rules and settings of the machine: what apply() makes and removeAll() takes away. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bridge, publish, stateOf } from '../../unit/network/network-builders.ts';
import { NEIGHBOUR, type NetworkWorld, networkWorld, TAG } from './network-world.ts';
import type { DriverProcess } from './spawn-driver.ts';

const FRONT = bridge(`bt${TAG}front`, '172.31.255.0/24', { mtu: 1400 });
const BACK = bridge(`bt${TAG}back`, '172.31.254.0/24', { internal: true });

let world: NetworkWorld;
let driver: DriverProcess;

beforeEach(async () => {
  world = networkWorld('bridges');
  driver = world.startDriver();
  await driver.open();
});
afterEach(() => world.close());

const ipJson = (...args: string[]) => JSON.parse(world.machine.run('ip', '-j', ...args).stdout || '[]');
const tables = () => world.machine.run('nft', 'list', 'tables').stdout.trim().split('\n');
const setting = (path: string) => world.machine.run('cat', `/proc/sys/net/ipv4/${path}`).stdout.trim();

test('a bridge is made with its address, size, title and settings, in one ip and one nft; other firewalls are looked at once', async () => {
  await driver.apply(stateOf({ bridges: [FRONT] }));

  const [link] = ipJson('-d', 'addr', 'show', 'dev', FRONT.bridge);
  expect(link).toMatchObject({ mtu: 1400, ifalias: 'shop_default', address: '02:42:ac:1f:ff:01' });
  expect(link.flags).toContain('UP');
  expect(link.addr_info).toMatchObject([{ family: 'inet', local: '172.31.255.1', prefixlen: 24 }]);
  expect(setting(`conf/${FRONT.bridge}/route_localnet`)).toBe('1');
  expect(tables()).toEqual([`table inet berth_${TAG}`, `table bridge berth_${TAG}`]);
  expect(world.programsRun().sort()).toEqual(['ip -batch -', 'nft -f -', 'nft -j list chains']);
});

test('the same state again runs no program, and neither do other names', async () => {
  const state = stateOf({ bridges: [FRONT], publishes: [publish({ bridge: FRONT.bridge })] });
  await driver.apply(state);
  world.programsRun();

  await driver.apply(state);
  await driver.apply({ ...state, names: [{ bridge: FRONT.bridge, name: 'web', address: '172.31.255.2' }] });

  expect(world.programsRun()).toEqual([]);
});

test('a kernel without tables for bridges gets the other one, and the log says what is missing', async () => {
  world.replaceProgram(
    'nft',
    'input=$(cat); case "$input" in *"table bridge"*) exit 1;; esac; echo "$input" | $PROGRAM "$@"',
  );

  await driver.apply(stateOf({ bridges: [FRONT] }));
  const during = tables();
  await driver.removeAll();

  expect(during).toEqual([`table inet berth_${TAG}`]);
  expect(tables()).toEqual(['']);
  expect(driver.log()).toContain('no nftables for bridges');
});

test('another published port costs one nft', async () => {
  await driver.apply(stateOf({ bridges: [FRONT] }));
  world.programsRun();

  await driver.apply(stateOf({ bridges: [FRONT], publishes: [publish({ bridge: FRONT.bridge })] }));

  expect(world.programsRun()).toEqual(['nft -f -']);
});

test('removeAll leaves the machine as it was found', async () => {
  const before = world.kernelState();
  await driver.apply(stateOf({ bridges: [FRONT, BACK], publishes: [publish({ bridge: FRONT.bridge })] }));
  const during = world.kernelState();

  await driver.removeAll();

  expect(during).not.toBe(before);
  expect(world.kernelState()).toBe(before);
});

test('a state without bridges does the same as removeAll', async () => {
  const before = world.kernelState();
  await driver.apply(stateOf({ bridges: [FRONT] }));

  await driver.apply(stateOf({}));

  expect(world.kernelState()).toBe(before);
});

test('forwarding is switched on, and off again only when it was off', async () => {
  await driver.apply(stateOf({ bridges: [FRONT] }));
  const on = setting('ip_forward');
  await driver.removeAll();
  const off = setting('ip_forward');

  world.machine.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
  await driver.apply(stateOf({ bridges: [FRONT] }));
  await driver.removeAll();

  expect([on, off, setting('ip_forward')]).toEqual(['1', '0', '1']);
});

test('an internal network alone needs no forwarding', async () => {
  await driver.apply(stateOf({ bridges: [BACK] }));

  expect(setting('ip_forward')).toBe('0');
});

test('an engine that comes after a killed one goes over what it finds and restores what that one changed', async () => {
  const before = world.kernelState();
  await driver.apply(stateOf({ bridges: [FRONT, BACK] }));
  driver.kill('SIGKILL');
  world.machine.run('ip', 'addr', 'flush', 'dev', FRONT.bridge);
  const next = world.startDriver();

  await next.apply(stateOf({ bridges: [FRONT] }));
  const found = ipJson('addr', 'show', 'dev', FRONT.bridge)[0];
  await next.removeAll();

  expect(found.addr_info).toMatchObject([{ local: '172.31.255.1' }]);
  expect(world.kernelState()).toBe(before);
});

test('a bridge that somebody removed is made again', async () => {
  await driver.apply(stateOf({ bridges: [FRONT] }));
  world.machine.run('ip', 'link', 'del', FRONT.bridge);

  await driver.apply(stateOf({ bridges: [FRONT] }));

  expect(ipJson('link', 'show', 'dev', FRONT.bridge)).toHaveLength(1);
});

test('two engines with different tags leave each other alone', async () => {
  const other = world.startDriver('beef');
  const theirs = bridge('btbeeffront', '172.31.253.0/24');
  await driver.apply(stateOf({ bridges: [FRONT] }));
  await other.apply(stateOf({ bridges: [theirs] }));

  await driver.removeAll();

  expect(ipJson('link', 'show', 'dev', theirs.bridge)).toHaveLength(1);
  expect(tables()).toEqual(['table inet berth_beef', 'table bridge berth_beef']);
});

test('a network that can not be made is an error with the program text, and the next apply repairs', async () => {
  const wrong = { ...FRONT, mtu: 1 };

  await expect(driver.apply(stateOf({ bridges: [wrong] }))).rejects.toMatchObject({ code: 'NETWORK_FAILED' });
  await driver.apply(stateOf({ bridges: [FRONT] }));

  expect(ipJson('addr', 'show', 'dev', FRONT.bridge)[0].addr_info).toMatchObject([{ local: '172.31.255.1' }]);
});

test('a new subnet must not overlap routes and addresses, but half the internet by a tunnel is no obstacle', async () => {
  world.machine.run('ip', 'route', 'add', '10.20.0.0/16', 'via', NEIGHBOUR);
  world.machine.run('ip', 'route', 'add', '0.0.0.0/1', 'via', NEIGHBOUR);
  world.machine.run('ip', 'route', 'add', '128.0.0.0/1', 'via', NEIGHBOUR);

  const occupied = await driver.occupiedSubnets();

  expect(occupied).toEqual(expect.arrayContaining(['10.20.0.0/16', '198.51.100.0/24', '198.51.100.1']));
  expect(occupied.filter((cidr) => cidr.endsWith('/1'))).toEqual([]);
});
