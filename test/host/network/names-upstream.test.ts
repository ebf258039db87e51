/** Names that are not ours, when the machine's name servers are dead, slow, failing, lying, or hear TCP alone. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bridge, end, stateOf } from '../../unit/network/network-builders.ts';
import { NEIGHBOUR, type NetworkWorld, networkWorld, type Place, TAG } from './network-world.ts';
import { ASK_IN_BETWEEN, FAULTY_UPSTREAM, RESOLVE, UPSTREAM } from './programs.ts';
import type { DriverProcess } from './spawn-driver.ts';

const FRONT = bridge(`bt${TAG}front`, '172.31.255.0/24');
const WEB = '172.31.255.2';
const FAULTY = '198.51.100.3';
const NOBODY = '198.51.100.99';
const STATE = stateOf({
  bridges: [FRONT],
  ends: [end(FRONT, WEB)],
  names: [
    { bridge: FRONT.bridge, name: 'web', address: WEB },
    { bridge: FRONT.bridge, name: 'gone', address: null },
  ],
});

let world: NetworkWorld;
let driver: DriverProcess;
let web: Place;

beforeEach(async () => {
  world = networkWorld('upstream');
  world.neighbour.run('ip', 'addr', 'add', `${FAULTY}/24`, 'dev', 'up0');
  driver = world.startDriver();
  await driver.apply(STATE);
  web = world.addContainer(FRONT, WEB);
});
afterEach(() => world.close());

const PATIENT = RESOLVE.replace('timeout: 1500', 'timeout: 9000');
const resolve = (name: string, type = 'A') => web.node(PATIENT, FRONT.gateway, name, type);

test.each(['silent', 'failing', 'lying', 'closed'])('the second server answers when the first is %s', async (mode) => {
  await world.neighbour.serve(FAULTY_UPSTREAM, mode, FAULTY);
  await world.neighbour.serve(
    UPSTREAM.replace('udp.bind(53,', `udp.bind(53, '${NEIGHBOUR}',`).replace(
      '.listen(53,',
      `.listen(53, '${NEIGHBOUR}',`,
    ),
  );
  world.setNameServers(FAULTY, NEIGHBOUR);

  const answers = [resolve('example.org'), resolve('other.example.org')];

  const right = mode === 'lying' ? '203.0.113.9' : '203.0.113.7';
  expect(answers).toEqual([right, right]);
});

test.each([
  ['lying', '203.0.113.9'],
  ['closed', '203.0.113.9'],
  ['failing', 'ESERVFAIL'],
])('a single server that is %s: %s', async (mode, answer) => {
  await world.neighbour.serve(FAULTY_UPSTREAM, mode, FAULTY);
  world.setNameServers(FAULTY);

  expect(resolve('example.org')).toBe(answer);
});

test('a server that nobody is, and one that says nothing, end in a refusal', async () => {
  await world.neighbour.serve(FAULTY_UPSTREAM, 'silent', FAULTY);
  world.setNameServers(NOBODY, FAULTY);

  expect(resolve('example.org')).toBe('ESERVFAIL');
});

test('names of ours are answered while hundreds of others wait for a dead server', async () => {
  await world.neighbour.serve(FAULTY_UPSTREAM, 'silent', FAULTY);
  world.setNameServers(FAULTY);

  expect(web.node(ASK_IN_BETWEEN, FRONT.gateway, 'web')).toBe(`${WEB} after 0`);
});

test('what is known to be nobody’s is refused without asking anybody', async () => {
  await world.neighbour.serve(FAULTY_UPSTREAM, 'lying', FAULTY);
  world.setNameServers(FAULTY);

  const answers = [resolve('gone'), resolve('9.255.31.172.in-addr.arpa', 'PTR'), resolve('web', 'AAAA')];

  expect(answers).toEqual(['ENOTFOUND', 'ENOTFOUND', 'ENODATA']);
});

test('a container with name servers of its own has these asked, at once after a change', async () => {
  await world.neighbour.serve(FAULTY_UPSTREAM, 'lying', FAULTY);
  world.setNameServers(NOBODY);
  const clients = [{ addresses: [WEB], bridges: [FRONT.bridge], names: [], servers: [FAULTY] }];

  await driver.apply({ ...STATE, clients });

  expect(resolve('example.org')).toBe('203.0.113.9');
});

test('the longest name there can be is passed on', async () => {
  await world.neighbour.serve(FAULTY_UPSTREAM, 'lying', FAULTY);
  world.setNameServers(FAULTY);
  const longest = [63, 63, 63, 61].map((length) => 'a'.repeat(length)).join('.');

  expect(longest).toHaveLength(253);
  expect(resolve(longest)).toBe('203.0.113.9');
});

test('version 6: a network without version 4 has names, addresses backwards, and the machine', async () => {
  const six = {
    ...bridge(`bt${TAG}six`, '172.31.254.0/24'),
    subnets: [{ subnet: 'fd00:66::/64', gateway: 'fd00:66::1' }],
  };
  await driver.apply(
    stateOf({
      bridges: [six],
      ends: [end(six, 'fd00:66::2')],
      names: [{ bridge: six.bridge, name: 'web', address: 'fd00:66::2' }],
    }),
  );
  const place = world.addContainer(six, 'fd00:66::2');
  const ask = (name: string, type: string) => place.node(PATIENT, 'fd00:66::1', name, type);

  const answers = [
    ask('web', 'AAAA'),
    ask('web', 'A'),
    ask('host.docker.internal', 'AAAA'),
    ask(`2.${'0.'.repeat(23)}6.6.0.0.0.0.d.f.ip6.arpa`, 'PTR'),
  ];

  expect(answers).toEqual(['fd00:66::2', 'ENODATA', 'fd00:66::1', 'web']);
});
