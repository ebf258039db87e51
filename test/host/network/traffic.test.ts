/** What gets through and what does not: real connections between containers, the machine and its neighbour. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { NetworkState, PublishSpec } from '../../../src/network/network.ts';
import { bridge, end, publish, stateOf } from '../../unit/network/network-builders.ts';
import { MACHINE, NEIGHBOUR, type NetworkWorld, networkWorld, type Place, TAG } from './network-world.ts';
import { BULK_CLIENT, BULK_SERVER, HTTP_SERVER, UDP_CLIENT, UDP_SERVER, UDP_TALKER } from './programs.ts';
import type { DriverProcess } from './spawn-driver.ts';

const FRONT = bridge(`bt${TAG}front`, '172.31.255.0/24');
const BACK = bridge(`bt${TAG}back`, '172.31.254.0/24');
const SEALED = bridge(`bt${TAG}sealed`, '172.31.253.0/24', { internal: true });
const BRIDGES = [FRONT, BACK, SEALED];
const WEB = '172.31.255.2';
const ENDS = [end(FRONT, WEB), end(FRONT, '172.31.255.3'), end(BACK, '172.31.254.2'), end(SEALED, '172.31.253.2')];

let world: NetworkWorld;
let driver: DriverProcess;
let web: Place;
let other: Place;
let back: Place;
let sealed: Place;

beforeAll(async () => {
  world = networkWorld('traffic');
  driver = world.startDriver();
  await driver.apply(stateOf({ bridges: BRIDGES, ends: ENDS }));
  web = world.addContainer(FRONT, WEB);
  other = world.addContainer(FRONT, '172.31.255.3');
  back = world.addContainer(BACK, '172.31.254.2');
  sealed = world.addContainer(SEALED, '172.31.253.2');
  await Promise.all([
    web.serve(HTTP_SERVER, 'web', '80'),
    web.serve(UDP_SERVER, 'web', '53'),
    web.serve(BULK_SERVER, '90'),
    sealed.serve(HTTP_SERVER, 'sealed', '80'),
    world.neighbour.serve(HTTP_SERVER, 'neighbour', '80'),
  ]);
});
afterEach(async () => {
  await driver.apply(stateOf({ bridges: BRIDGES, ends: ENDS }));
});
afterAll(() => world.close());

const publishing = (...publishes: Partial<PublishSpec>[]): NetworkState =>
  stateOf({
    bridges: BRIDGES,
    ends: ENDS,
    publishes: publishes.map((p) => publish({ bridge: FRONT.bridge, containerIp: WEB, ...p })),
  });

/** Body of the answer, or `nothing`. */
function get(from: Place, address: string): string {
  const { stdout } = from.run('curl', '-s', '-m', '0.5', `http://${address}/`);
  return stdout === '' ? 'nothing' : stdout;
}

test('a port on 127.0.0.1 leads into the container, and nobody outside can use it', async () => {
  await driver.apply(publishing({ hostIps: ['127.0.0.1'] }));

  const answers = [get(world.machine, '127.0.0.1:8080'), get(world.neighbour, `${MACHINE}:8080`)];

  expect(answers).toEqual(['web sees 172.31.255.1', 'nothing']);
});

test('a port on ::1 is forwarded by the engine', async () => {
  await driver.apply(publishing({ hostIps: ['127.0.0.1', '::1'] }));

  const answer = get(world.machine, '[::1]:8080');

  expect(answer).toBe('web sees 172.31.255.1');
});

test('a port on all addresses serves the machine and its neighbours, whose addresses the container sees', async () => {
  await driver.apply(publishing({ hostIps: ['0.0.0.0', '::'] }));

  const answers = ['127.0.0.1', '127.0.0.9', '[::1]', MACHINE].map((ip) => get(world.machine, `${ip}:8080`));

  expect(answers).toEqual([...Array(3).fill('web sees 172.31.255.1'), `web sees ${MACHINE}`]);
  expect(get(world.neighbour, `${MACHINE}:8080`)).toBe(`web sees ${NEIGHBOUR}`);
});

test('a port on one address of the machine is on no other', async () => {
  await driver.apply(publishing({ hostIps: [MACHINE] }));

  const answers = [get(world.neighbour, `${MACHINE}:8080`), get(world.machine, '127.0.0.1:8080')];

  expect(answers).toEqual([`web sees ${NEIGHBOUR}`, 'nothing']);
});

test('a port is gone with its publish', async () => {
  await driver.apply(publishing({ hostIps: ['0.0.0.0'] }));
  await driver.apply(publishing());

  const answers = [get(world.machine, '127.0.0.1:8080'), get(world.neighbour, `${MACHINE}:8080`)];

  expect(answers).toEqual(['nothing', 'nothing']);
});

test('containers reach published ports by the address of the machine: themselves, neighbours and other networks', async () => {
  await driver.apply(publishing({ hostIps: ['0.0.0.0'] }));

  const answers = [web, other, back].map((place) => get(place, `${MACHINE}:8080`));

  expect(answers).toEqual(['web sees 172.31.255.1', 'web sees 172.31.255.1', 'web sees 172.31.255.1']);
});

test('containers of one network reach each other, those of another network do not', async () => {
  const answers = [get(other, `${WEB}:80`), get(back, `${WEB}:80`)];

  expect(answers).toEqual(['web sees 172.31.255.3', 'nothing']);
});

test('what containers send out has the address of the machine', () => {
  const answers = [get(web, `${NEIGHBOUR}:80`), get(back, `${NEIGHBOUR}:80`)];

  expect(answers).toEqual([`neighbour sees ${MACHINE}`, `neighbour sees ${MACHINE}`]);
});

test('a neighbour that routes to our subnet gets nothing by it', () => {
  world.neighbour.run('ip', 'route', 'add', FRONT.subnet, 'via', MACHINE);

  const answer = get(world.neighbour, `${WEB}:80`);

  world.neighbour.run('ip', 'route', 'del', FRONT.subnet);
  expect(answer).toBe('nothing');
});

test('an internal network has no way out, and nobody else a way in, published or not', async () => {
  await driver.apply(
    publishing({ hostIps: ['0.0.0.0'] }, { hostIps: ['0.0.0.0'], hostPort: 8081, containerIp: '172.31.253.2' }),
  );

  const outward = [NEIGHBOUR, `${MACHINE}:8080`, `${WEB}:80`].map((address) => get(sealed, address));
  const inward = [get(world.neighbour, `${MACHINE}:8081`), get(web, '172.31.253.2:80'), get(web, `${MACHINE}:8081`)];

  expect([...outward, ...inward]).toEqual(Array(6).fill('nothing'));
  expect(get(world.machine, '172.31.253.2:80')).toBe('sealed sees 172.31.253.1');
});

test('packets for 127/8 that come by a wire are dropped, also where the kernel would take them', async () => {
  const server = HTTP_SERVER.replace("'0.0.0.0'", "'127.0.0.1'");
  await world.machine.serve(server, 'private', '9999');
  world.machine.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/conf/up0/route_localnet');
  const attack = () =>
    world.neighbour.run(
      'sh',
      '-c',
      `echo 1 > /proc/sys/net/ipv4/conf/up0/route_localnet
       ip addr flush dev lo; ip route add 127.0.0.1 via ${MACHINE} src ${NEIGHBOUR}
       curl -s -m 0.5 http://127.0.0.1:9999/; ip route del 127.0.0.1; ip addr add 127.0.0.1/8 dev lo`,
    ).stdout;

  const withRules = attack();
  await driver.removeAll();
  const withoutRules = attack();

  await driver.apply(stateOf({ bridges: BRIDGES, ends: ENDS }));
  reconnect();
  expect([withRules, withoutRules]).toEqual(['', `private sees ${NEIGHBOUR}`]);
});

/** The bridges are new: put the containers' ends back. */
function reconnect() {
  for (const index of [0, 1, 2, 3]) world.reconnect(index);
}

test('datagrams go both ways, by version 4 and by ::1', async () => {
  await driver.apply(publishing({ protocol: 'udp', hostIps: ['0.0.0.0', '::1'], hostPort: 5353, containerPort: 53 }));

  const answers = [
    world.machine.node(UDP_CLIENT, '127.0.0.1', '5353', 'a'),
    world.neighbour.node(UDP_CLIENT, MACHINE, '5353', 'b'),
    world.machine.node(UDP_CLIENT, '::1', '5353', 'c'),
  ];

  expect(answers).toEqual(['web got a', 'web got b', 'web got c']);
});

test('a client that goes on sending datagrams from one port follows the port to another container, and to none', async () => {
  await other.serve(UDP_SERVER, 'other', '53');
  const port: Partial<PublishSpec> = { protocol: 'udp', hostIps: ['0.0.0.0'], hostPort: 5353, containerPort: 53 };
  const says = world.neighbour.talk(UDP_TALKER, MACHINE, '5353');
  await driver.apply(publishing(port));
  const first = await says('b');
  await driver.apply(publishing({ ...port, containerIp: '172.31.255.3' }));
  const second = await says('c');

  await driver.apply(publishing());
  const after = await says('d');

  expect([first, second, after]).toEqual(['web got b', 'other got c', 'silence']);
});

test('a client that has said all and reads slowly gets every byte by the forwarder', async () => {
  /* Small buffers in the kernel, so that the last bytes wait in the forwarder. */
  for (const buffers of ['tcp_rmem', 'tcp_wmem'])
    world.machine.run('sh', '-c', `echo 4096 16384 16384 > /proc/sys/net/ipv4/${buffers}`);
  await driver.apply(publishing({ hostIps: ['127.0.0.1', '::1'], hostPort: 9090, containerPort: 90 }));

  const bytes = world.machine.node(BULK_CLIENT, '::1', '9090', '3000000');

  expect(bytes).toBe('3000000');
});

test('a port that goes over to another container leads there from then on', async () => {
  await other.serve(HTTP_SERVER, 'other', '80');
  await driver.apply(publishing({ hostIps: ['127.0.0.1', '::1'] }));

  await driver.apply(publishing({ hostIps: ['127.0.0.1', '::1'], containerIp: '172.31.255.3' }));

  const answers = [get(world.machine, '127.0.0.1:8080'), get(world.machine, '[::1]:8080')];
  expect(answers).toEqual(['other sees 172.31.255.1', 'other sees 172.31.255.1']);
});

test('a gateway keeps its hardware address when containers come', () => {
  const address = () => JSON.parse(world.machine.run('ip', '-j', 'link', 'show', FRONT.bridge).stdout)[0].address;
  const before = address();

  world.machine.run('ip', 'link', 'add', 'lowest', 'address', '02:00:00:00:00:01', 'type', 'dummy');
  world.machine.run('ip', 'link', 'set', 'lowest', 'master', FRONT.bridge);

  expect([before, address()]).toEqual(['02:42:ac:1f:ff:01', '02:42:ac:1f:ff:01']);
});

test('published ports work on without the engine', async () => {
  await driver.apply(publishing({ hostIps: ['0.0.0.0'] }));

  await driver.close();

  expect(get(world.neighbour, `${MACHINE}:8080`)).toBe(`web sees ${NEIGHBOUR}`);
});
