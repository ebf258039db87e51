/**
 * Beside ufw and firewalld, the real ones: each in a mount namespace of its own over a copy of its settings.
 */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bridge, end, publish, stateOf } from '../../unit/network/network-builders.ts';
import { eventually } from '../runtime/eventually.ts';
import { MACHINE, NEIGHBOUR, type NetworkWorld, networkWorld, portName, TAG } from './network-world.ts';
import { HTTP_SERVER, RESOLVE } from './programs.ts';
import type { DriverProcess } from './spawn-driver.ts';

const FRONT = bridge(`bt${TAG}front`, '172.31.255.0/24');
const WEB = '172.31.255.2';
const STATE = stateOf({
  bridges: [FRONT],
  ends: [end(FRONT, WEB), end(FRONT, '172.31.255.3')],
  publishes: [publish({ bridge: FRONT.bridge, hostIps: ['127.0.0.1', MACHINE], containerIp: WEB })],
  names: [{ bridge: FRONT.bridge, name: 'web', address: WEB }],
});

let world: NetworkWorld;
let driver: DriverProcess;

beforeEach(() => {
  world = networkWorld('others');
  driver = world.startDriver();
});
afterEach(() => world.close());

/** Everything a container and its clients count on. */
async function expectAllWorks() {
  const [web, other] = [WEB, '172.31.255.3'].map((ip) => world.addContainer(FRONT, ip));
  await web!.serve(HTTP_SERVER, 'web', '80');
  await world.neighbour.serve(HTTP_SERVER, 'neighbour', '80');
  const get = (from: typeof web, url: string) => from!.run('curl', '-s', '-m', '1', `http://${url}/`).stdout;

  const answers = {
    outward: get(web, NEIGHBOUR),
    loopback: get(world.machine, '127.0.0.1:8080'),
    outside: get(world.neighbour, `${MACHINE}:8080`),
    hairpin: get(web, `${MACHINE}:8080`),
    neighbour: get(other, WEB),
    name: other!.node(RESOLVE, FRONT.gateway, 'web'),
  };

  expect(answers).toEqual({
    outward: `neighbour sees ${MACHINE}`,
    loopback: 'web sees 172.31.255.1',
    outside: `web sees ${NEIGHBOUR}`,
    hairpin: 'web sees 172.31.255.1',
    neighbour: 'web sees 172.31.255.3',
    name: WEB,
  });
}

/** `$1` is the folder whose settings are copied; then what is to be run. */
const WITH_COPY =
  'mount -t tmpfs none /run && mkdir /run/copy && cp -a "$1"/. /run/copy && mount --bind /run/copy "$1" && shift && exec "$@"';
const ufw = (...args: string[]) =>
  world.machine.run('unshare', '--mount', 'sh', '-c', WITH_COPY, 'sh', '/etc/ufw', 'ufw', '--force', ...args);

test('containers work beside ufw, and its rules are as they were afterwards', async () => {
  expect(ufw('enable').stdout).toContain('enabled');
  const before = world.kernelState();

  await driver.apply(STATE);
  await expectAllWorks();
  for (const index of [0, 1]) world.machine.run('ip', 'link', 'del', portName(index));
  await driver.removeAll();

  expect(world.kernelState()).toBe(before);
});

test('a ufw that is switched on later is noticed', async () => {
  await driver.apply(STATE);

  ufw('enable');
  await eventually(() => world.machine.run('iptables', '-S', 'FORWARD').stdout.includes(`-j BERTH-bt${TAG}`));

  await expectAllWorks();
});

const FIREWALLD = `mkdir /run/dbus && dbus-daemon --system --fork --nopidfile --nosyslog --print-pid=3 3>/run/dbus.pid
firewalld --nofork --nopid --log-file=/run/firewalld.log & daemon=$!
trap 'kill $daemon $(cat /run/dbus.pid)' EXIT
until firewall-cmd --state >/dev/null 2>&1; do sleep 0.1; done
echo ready; cat >/dev/null`;

test('containers work beside firewalld, also after it has loaded its rules anew, and its rules are as they were afterwards', async () => {
  const daemon = await world.machine.keep(
    'unshare',
    '--mount',
    'sh',
    '-c',
    WITH_COPY,
    'sh',
    '/etc/firewalld',
    'sh',
    '-c',
    FIREWALLD,
  );
  const inDaemon = (...args: string[]) => `nsenter -t ${daemon} -m ${args.join(' ')}`;
  world.replaceProgram('firewall-cmd', `exec ${inDaemon('/usr/bin/firewall-cmd', '"$@"')}`);
  const zone = () => world.machine.run('nft', 'list', 'table', 'inet', 'firewalld').stdout.includes(`"bt${TAG}*"`);
  const rules = () => world.machine.run('nft', '-s', 'list', 'table', 'inet', 'firewalld').stdout;
  /* A zone's chains are made when it is used first. */
  for (const change of ['--change-interface=x0', '--remove-interface=x0'])
    world.machine.run('sh', '-c', inDaemon('firewall-cmd', '--zone=trusted', change));
  const before = rules();

  await driver.apply(STATE);
  world.machine.run('sh', '-c', inDaemon('firewall-cmd', '--reload'));
  await eventually(zone);
  await expectAllWorks();
  await driver.removeAll();

  expect(rules()).toBe(before);
});

test('a firewall that nobody can be asked to change is named in the log', async () => {
  world.machine.run(
    'nft',
    'table inet filter { chain forward { type filter hook forward priority 0; policy drop; }; }',
  );

  await driver.apply(STATE);

  await eventually(() => driver.log().includes('the chain inet filter forward drops what it does not know'));
});
