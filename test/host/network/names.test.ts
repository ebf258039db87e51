/** Names: asked by containers, as their resolvers ask. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NetworkState } from '../../../src/network/network.ts';
import { bridge, end, stateOf } from '../../unit/network/network-builders.ts';
import { type NetworkWorld, networkWorld, type Place, TAG } from './network-world.ts';
import { PORT_HOLDER, RESOLVE, UPSTREAM } from './programs.ts';
import type { DriverProcess } from './spawn-driver.ts';

const FRONT = bridge(`bt${TAG}front`, '172.31.255.0/24');
const SEALED = bridge(`bt${TAG}sealed`, '172.31.253.0/24', { internal: true });
const MANY = Array.from({ length: 60 }, (_, n) => `172.31.255.${n + 100}`);
const STATE: NetworkState = stateOf({
  bridges: [FRONT, SEALED],
  ends: [end(FRONT, '172.31.255.2'), end(SEALED, '172.31.253.2')],
  names: [
    { bridge: FRONT.bridge, name: 'web', address: '172.31.255.2' },
    { bridge: SEALED.bridge, name: 'vault', address: '172.31.253.2' },
    ...MANY.map((address) => ({ bridge: FRONT.bridge, name: 'many', address })),
  ],
});

let world: NetworkWorld;
let driver: DriverProcess;

beforeEach(async () => {
  world = networkWorld('names');
  driver = world.startDriver();
});
afterEach(() => world.close());

const resolve = (from: Place, server: string, name: string, type = 'A') => from.node(RESOLVE, server, name, type);

async function webContainer(): Promise<Place> {
  await driver.apply(STATE);
  return world.addContainer(FRONT, '172.31.255.2');
}

test('a container learns the names of its network, and no others', async () => {
  await world.neighbour.serve(UPSTREAM);
  const web = await webContainer();

  const answers = ['web', 'host.docker.internal', 'vault'].map((name) => resolve(web, FRONT.gateway, name));

  expect(answers).toEqual(['172.31.255.2', FRONT.gateway, 'ENOTFOUND']);
  expect(resolve(web, FRONT.gateway, '2.255.31.172.in-addr.arpa', 'PTR')).toBe('web');
});

test('more addresses than a datagram holds come all the same', async () => {
  const web = await webContainer();

  const answer = resolve(web, FRONT.gateway, 'many');

  expect(answer.split(' ')).toHaveLength(60);
});

test('other names are asked of the machine’s name server, by TCP when the answer is long', async () => {
  await world.neighbour.serve(UPSTREAM);
  const web = await webContainer();

  const answers = ['example.org', 'long.example.org'].map((name) => resolve(web, FRONT.gateway, name));

  expect(answers).toEqual(['203.0.113.7', '203.0.113.7']);
});

test('a name server that answers junk harms nobody', async () => {
  await world.neighbour.serve(UPSTREAM);
  const web = await webContainer();
  resolve(web, FRONT.gateway, 'junk.example.org');

  const answer = resolve(web, FRONT.gateway, 'web');

  expect(answer).toBe('172.31.255.2');
});

test('without a name server, or with none but ourselves, the refusal comes at once', async () => {
  world.setNameServers(FRONT.gateway);
  const web = await webContainer();

  const answers = ['example.org', 'nobody'].map((name) => resolve(web, FRONT.gateway, name));

  expect(answers).toEqual(['ESERVFAIL', 'ENOTFOUND']);
});

test('an internal network learns nothing of the world outside', async () => {
  await world.neighbour.serve(UPSTREAM);
  await driver.apply(STATE);
  const vault = world.addContainer(SEALED, '172.31.253.2');

  const answers = ['vault', 'example.org'].map((name) => resolve(vault, SEALED.gateway, name));

  expect(answers).toEqual(['172.31.253.2', 'ESERVFAIL']);
});

test('the name server of another network does not answer', async () => {
  const web = await webContainer();

  const answer = resolve(web, SEALED.gateway, 'vault');

  expect(answer).toBe('ETIMEOUT');
});

test('names that come and go are known and unknown with the next apply', async () => {
  await world.neighbour.serve(UPSTREAM);
  const web = await webContainer();
  await driver.apply({ ...STATE, names: [{ bridge: FRONT.bridge, name: 'late', address: '172.31.255.9' }] });

  const answers = ['late', 'web'].map((name) => resolve(web, FRONT.gateway, name));

  expect(answers).toEqual(['172.31.255.9', 'ENOTFOUND']);
});

test('names work beside a name server that holds port 53 on all addresses', async () => {
  await world.machine.serve(PORT_HOLDER, 'udp', '0.0.0.0', '53');
  const web = await webContainer();

  const answers = ['web', 'many'].map((name) => resolve(web, FRONT.gateway, name).split(' ').length);
  await driver.apply(STATE);

  expect(answers).toEqual([1, 60]);
  expect(world.programsRun().sort()).toEqual(['ip -batch -', 'nft -f -', 'nft -j list chains']);
});

test('a bridge that was made anew has its name server again, and one that is gone has none', async () => {
  await driver.apply(STATE);
  world.machine.run('ip', 'link', 'del', FRONT.bridge);
  const web = await webContainer();
  const again = resolve(web, FRONT.gateway, 'web');

  await driver.apply(stateOf({}));

  expect(again).toBe('172.31.255.2');
  expect(world.machine.run('ss', '-Htuln').stdout).toBe('');
});
