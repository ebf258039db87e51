/** Others take away what is ours: it is noticed and put back, and what is theirs stays as it was. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PluggedEnd } from '../../../src/network/network.ts';
import { bridge, end, publish, stateOf } from '../../unit/network/network-builders.ts';
import { eventually } from '../runtime/eventually.ts';
import { MACHINE, NEIGHBOUR, type NetworkWorld, networkWorld, type Place, portName, TAG } from './network-world.ts';
import { HTTP_SERVER, RESOLVE } from './programs.ts';
import type { DriverProcess } from './spawn-driver.ts';

const FRONT = bridge(`bt${TAG}front`, '172.31.255.0/24');
const WEB = '172.31.255.2';
const STATE = stateOf({
  bridges: [FRONT],
  ends: [end(FRONT, WEB)],
  publishes: [publish({ bridge: FRONT.bridge, hostIps: ['127.0.0.1', MACHINE], containerIp: WEB })],
  names: [{ bridge: FRONT.bridge, name: 'web', address: WEB }],
});

let world: NetworkWorld;
let driver: DriverProcess;
let web: Place;
let plugged: PluggedEnd[];

beforeEach(async () => {
  world = networkWorld('repair');
  driver = world.startDriver();
  await driver.apply(STATE);
  web = world.addContainer(FRONT, WEB);
  const pid = await web.serve(HTTP_SERVER, 'web', '80');
  plugged = [{ netnsPath: `/proc/${pid}/ns/net`, interfaceName: 'eth0', bridge: FRONT.bridge }];
});
afterEach(() => world.close());

const sh = (script: string) => world.machine.run('sh', '-c', script);
const ask = (from: Place, address: string) => from.run('curl', '-s', '-m', '0.3', `http://${address}:8080/`).stdout;
/** Published ports by loopback and from the neighbour, and names. */
const works = () =>
  ask(world.machine, '127.0.0.1') === 'web sees 172.31.255.1' &&
  ask(world.neighbour, MACHINE) === `web sees ${NEIGHBOUR}` &&
  web.node(RESOLVE, FRONT.gateway, 'web') === WEB;

test.each([
  ['flush ruleset', 'nft flush ruleset'],
  ['a deleted table', `nft delete table inet berth_${TAG}`],
  ['a deleted table of the bridge family', `nft delete table bridge berth_${TAG}`],
  ['an emptied chain', `nft flush chain inet berth_${TAG} nat_output`],
  ['a rule of others in our table', `nft insert rule inet berth_${TAG} forward drop`],
  ['ip_forward switched off', 'echo 0 > /proc/sys/net/ipv4/ip_forward'],
  ['route_localnet switched off', `echo 0 > /proc/sys/net/ipv4/conf/${FRONT.bridge}/route_localnet`],
  ['a bridge that is down', `ip link set ${FRONT.bridge} down`],
  ['a bridge without its address', `ip addr flush dev ${FRONT.bridge}`],
])('%s is put back', async (_what, script) => {
  const before = world.kernelState();
  expect(works()).toBe(true);

  sh(script);
  await eventually(() => driver.log().includes('somebody'));

  await eventually(() => world.kernelState() === before);
  await eventually(works);
});

test('a deleted bridge is made again, and it is said that ends are loose', async () => {
  sh(`ip link del ${FRONT.bridge}`);

  await eventually(() => driver.log().includes('ends may be loose'));
  const loose = await driver.findLooseEnds(plugged);
  world.reconnect(0);
  const afterwards = await driver.findLooseEnds(plugged);

  expect([loose, afterwards]).toEqual([plugged, []]);
  await eventually(works);
});

test.each([
  ['deleted', `ip link del ${portName(0)}`],
  ['taken off its bridge', `ip link set ${portName(0)} nomaster`],
  ['moved elsewhere', `ip link set ${portName(0)} netns ELSEWHERE`],
])('an end that was %s is found to be loose', async (_what, script) => {
  const before = await driver.findLooseEnds(plugged);

  sh(script.replace('ELSEWHERE', world.neighbour.netns));
  await eventually(() => driver.log().includes('ends may be loose'));

  expect([before, await driver.findLooseEnds(plugged)]).toEqual([[], plugged]);
});

test('our own changes are not taken for those of others', async () => {
  for (let port = 8081; port < 8089; port++)
    await driver.apply({ ...STATE, publishes: [publish({ bridge: FRONT.bridge, hostPort: port, containerIp: WEB })] });
  await driver.apply(STATE);
  world.programsRun();

  sh('nft add table inet others');
  await driver.apply(STATE);

  expect(world.programsRun()).toEqual([]);
  expect(driver.log()).not.toContain('somebody');
});

test('what is not ours stays as it was, byte for byte, whatever was repaired', async () => {
  const theirs = () => sh('nft -s -a list table inet others; nft -s -a list table ip filter').stdout;
  sh(`nft 'table inet others { set a { type ipv4_addr; elements = { 192.0.2.1 } }
    chain c { type filter hook forward priority 5; policy accept; ip saddr @a counter drop; }; }'
    iptables -N MINE; iptables -A FORWARD -j MINE; iptables -A MINE -s 192.0.2.0/24 -j DROP`);
  const before = theirs();

  sh(`nft delete table inet berth_${TAG}`);
  await eventually(works);

  expect(before).toContain('192.0.2.0/24');
  expect(before).toContain('ip saddr @a');
  expect(theirs()).toBe(before);
  await driver.removeAll();
  expect(theirs()).toBe(before);
});

test('a watcher that was killed is started again, and what happened meanwhile is put right', async () => {
  const first = await watcherThere();

  process.kill(first, 'SIGSTOP');
  sh(`nft delete table inet berth_${TAG}`);
  process.kill(first, 'SIGKILL');

  await eventually(works);
  await eventually(() => ![undefined, first].includes(watcherOf(driver.pid)));
});

test('the watcher ends with the driver', async () => {
  const pid = await watcherThere();

  driver.kill('SIGKILL');

  await eventually(() => !isAlive(pid));
});

/** Child of the driver. */
function watcherOf(driver: number): number | undefined {
  const found = sh(`pgrep -P ${driver} -f berth-watcher`).stdout.trim();
  return found === '' ? undefined : Number(found);
}

/** Never process 0, which stands for ourselves and all around us. */
async function watcherThere(): Promise<number> {
  return eventually(() => watcherOf(driver.pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
