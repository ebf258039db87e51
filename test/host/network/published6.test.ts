/** Ports published by version 6: who gets through, and whose address the container sees. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PublishSpec } from '../../../src/network/network.ts';
import { bridge, end, publish, stateOf } from '../../unit/network/network-builders.ts';
import { eventually } from '../runtime/eventually.ts';
import { type NetworkWorld, networkWorld, type Place, TAG } from './network-world.ts';
import { HTTP_SERVER, UDP_CLIENT, UDP_SERVER, UDP_TALKER } from './programs.ts';
import type { DriverProcess } from './spawn-driver.ts';

const MACHINE6 = '2001:db8::1';
const SECOND6 = '2001:db8::9';
const NEIGHBOUR6 = '2001:db8::2';
const SUBNET6 = 'fd00:67::/64';
const WEB = '172.31.255.2';
const WEB6 = 'fd00:67::2';
const GATEWAY6 = 'fd00:67::1';

const FRONT = bridge(`bt${TAG}front`, '172.31.255.0/24');
const BOTH = { ...FRONT, subnets: [...FRONT.subnets, { subnet: SUBNET6, gateway: GATEWAY6 }] };
const ENDS = [end(BOTH, WEB, { addresses: [WEB, WEB6] })];

const server6 = (text: string) => text.replace("'0.0.0.0'", "'::'");
const UDP6 = UDP_SERVER.replace("createSocket('udp4')", "createSocket('udp6')");

let world: NetworkWorld;
let driver: DriverProcess;
let web: Place;

beforeAll(async () => {
  world = networkWorld('six');
  for (const address of [MACHINE6, SECOND6]) addAddress(world.machine, address);
  addAddress(world.neighbour, NEIGHBOUR6);
  driver = world.startDriver();
  await driver.apply(stateOf({ bridges: [BOTH], ends: ENDS }));
  web = world.addContainer(BOTH, WEB);
  web.run('ip', 'addr', 'add', `${WEB6}/64`, 'dev', 'eth0', 'nodad');
  web.run('ip', '-6', 'route', 'add', 'default', 'via', GATEWAY6);
  await Promise.all([web.serve(server6(HTTP_SERVER), 'web', '80'), web.serve(UDP6, 'web', '53')]);
  /* Link-local addresses are not used before nobody has claimed them for a second. */
  for (const place of [world.machine, world.neighbour, web])
    await eventually(() => place.run('ip', '-6', 'addr', 'show', 'tentative').stdout === '');
});
afterAll(() => world.close());

function addAddress(place: Place, address: string): void {
  const { code, stderr } = place.run('ip', 'addr', 'add', `${address}/64`, 'dev', 'up0', 'nodad');
  if (code !== 0) throw new Error(stderr);
}

const publishing = (...publishes: Partial<PublishSpec>[]) =>
  driver.apply(
    stateOf({
      bridges: [BOTH],
      ends: ENDS,
      publishes: publishes.map((p) => publish({ bridge: FRONT.bridge, containerIp: WEB, containerIp6: WEB6, ...p })),
    }),
  );

/** Body of the answer, or `nothing`. */
function get(from: Place, address: string): string {
  const { stdout } = from.run('curl', '-s', '-g', '-m', '1', `http://${address}/`);
  return stdout === '' ? 'nothing' : stdout;
}

test.each([['::'], [MACHINE6]])('a port on %s shows the container the address of its client', async (hostIp) => {
  await publishing({ hostIps: [hostIp] });

  const answers = [world.neighbour, world.machine].map((place) => get(place, `[${MACHINE6}]:8080`));

  expect(answers).toEqual([`web sees ${NEIGHBOUR6}`, `web sees ${MACHINE6}`]);
});

test('what is not published is not reached: other ports, other addresses, the container itself by a route', async () => {
  await publishing({ hostIps: [MACHINE6] });
  world.neighbour.run('ip', '-6', 'route', 'add', SUBNET6, 'via', MACHINE6);

  const answers = [`[${MACHINE6}]:80`, `[${SECOND6}]:8080`, `[${WEB6}]:80`].map((at) => get(world.neighbour, at));

  world.neighbour.run('ip', '-6', 'route', 'del', SUBNET6);
  expect(answers).toEqual(['nothing', 'nothing', 'nothing']);
  expect(get(world.neighbour, `[${MACHINE6}]:8080`)).toBe(`web sees ${NEIGHBOUR6}`);
});

test('a port on ::1 is for the machine alone, by the forwarder', async () => {
  await publishing({ hostIps: ['::1'] });

  const answers = [get(world.machine, '[::1]:8080'), get(world.neighbour, `[${MACHINE6}]:8080`)];

  expect(answers).toEqual(['web sees 172.31.255.1', 'nothing']);
});

test('a port on all addresses serves ::1 and link-local clients too', async () => {
  await publishing({ hostIps: ['0.0.0.0', '::'] });
  const text = world.machine.run('ip', '-o', '-6', 'addr', 'show', 'up0', 'scope', 'link').stdout;
  const linkLocal = /inet6 (fe80:\S+)\/64/.exec(text)?.[1];

  const answers = [get(world.machine, '[::1]:8080'), get(world.neighbour, `[${linkLocal}%25up0]:8080`)];

  expect(answers).toEqual(Array(2).fill('web sees 172.31.255.1'));
});

test('the container reaches itself by its published port', async () => {
  await publishing({ hostIps: ['::'] });

  expect(get(web, `[${MACHINE6}]:8080`)).toBe(`web sees ${GATEWAY6}`);
});

test('a container without version 6 is served by the forwarder', async () => {
  const { containerIp6: _none, ...plain } = publish({ bridge: FRONT.bridge, containerIp: WEB, hostIps: ['::'] });
  await driver.apply(stateOf({ bridges: [BOTH], ends: ENDS, publishes: [plain] }));

  expect(get(world.neighbour, `[${MACHINE6}]:8080`)).toBe('web sees 172.31.255.1');
});

test('a container of version 6 alone is reached straight by 6, and by 4 through the forwarder', async () => {
  const only6 = { containerIp: WEB6, hostIps: ['0.0.0.0', '::'] };
  await publishing(only6, { ...only6, protocol: 'udp', hostPort: 5353, containerPort: 53 });

  const answers = [
    get(world.neighbour, `[${MACHINE6}]:8080`),
    get(world.machine, '127.0.0.1:8080'),
    world.neighbour.node(UDP_CLIENT, MACHINE6, '5353', 'a'),
    world.machine.node(UDP_CLIENT, '127.0.0.1', '5353', 'b'),
  ];

  expect(answers).toEqual([`web sees ${NEIGHBOUR6}`, `web sees ${GATEWAY6}`, 'web got a', 'web got b']);
});

test('a client of UDP that goes on sending meets nobody when the port is gone', async () => {
  await publishing({ protocol: 'udp', hostIps: ['::'], hostPort: 5353, containerPort: 53 });
  const says = world.neighbour.talk(UDP_TALKER.replace("'udp4'", "'udp6'"), MACHINE6, '5353');
  const before = await says('a');

  await publishing();

  expect([before, await says('b')]).toEqual(['web got a', 'silence']);
});

test('a way is opened through the rules of ip6tables, and closed with the last network', async () => {
  await publishing({ hostIps: ['::'] });
  const chain = `BERTH-bt${TAG}`;
  const rules = () => world.machine.run('ip6tables', '-S').stdout;

  world.machine.run('ip6tables', '-P', 'FORWARD', 'DROP');
  await eventually(() => rules().includes(`-A FORWARD -j ${chain}`));
  const answer = get(world.neighbour, `[${MACHINE6}]:8080`);
  await driver.removeAll();

  expect(answer).toBe(`web sees ${NEIGHBOUR6}`);
  expect(rules()).toBe('-P INPUT ACCEPT\n-P FORWARD DROP\n-P OUTPUT ACCEPT\n');
});
