/** Who holds a port: clashes are seen, named, and cost nothing. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bridge, publish, stateOf } from '../../unit/network/network-builders.ts';
import { MACHINE, type NetworkWorld, networkWorld, TAG } from './network-world.ts';
import { PORT_HOLDER } from './programs.ts';
import type { DriverProcess } from './spawn-driver.ts';

const FRONT = bridge(`bt${TAG}front`, '172.31.255.0/24');

let world: NetworkWorld;
let driver: DriverProcess;

beforeEach(async () => {
  world = networkWorld('ports');
  driver = world.startDriver();
  await driver.open();
});
afterEach(() => world.close());

const state = (...publishes: Parameters<typeof publish>[0][]) =>
  stateOf({ bridges: [FRONT], publishes: publishes.map((p) => publish({ bridge: FRONT.bridge, ...p })) });

/** `tcp 127.0.0.1:8080` of all sockets of the driver. */
function bound(): string[] {
  const lines = world.machine.run('ss', '-Htuln').stdout.trim().split('\n').filter(Boolean);
  return lines
    .map((line) => line.split(/\s+/))
    .map(([protocol, , , , local]) => `${protocol} ${local}`)
    .filter((text) => !text.endsWith(':53'))
    .sort();
}

test.each([
  ['tcp', '127.0.0.1', '127.0.0.1'],
  ['tcp', '0.0.0.0', '127.0.0.1'],
  ['tcp', '127.0.0.1', '0.0.0.0'],
  ['udp', '127.0.0.1', '127.0.0.1'],
] as const)(
  'a %s port held on %s can not be published on %s: program and pid are named, nothing is changed',
  async (protocol, theirs, hostIp) => {
    const pid = await world.machine.serve(PORT_HOLDER, protocol, theirs, '8080');
    const before = world.kernelState();
    const sockets = bound();

    const applying = driver.apply(state({ hostPort: 8090 }, { protocol, hostIps: [hostIp] }));

    await expect(applying).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: `port ${hostIp}:8080/${protocol} wanted by shop/web is taken by node (pid ${pid})`,
    });
    expect(world.kernelState()).toBe(before);
    expect(bound()).toEqual(sockets);
    expect(world.programsRun()).toEqual([]);
  },
);

test('an address that the machine does not have is said to be none of its', async () => {
  const applying = driver.apply(state({ hostIps: ['192.0.2.99'] }));

  await expect(applying).rejects.toThrow('192.0.2.99 is no address of this machine');
});

test('clashes are found without binding anything: with programs, with others of ours, among each other', async () => {
  const pid = await world.machine.serve(PORT_HOLDER, 'tcp', MACHINE, '7000');
  await driver.apply(state({ hostPort: 7001 }));
  const before = bound();
  const wanted = [
    publish({ hostIps: ['127.0.0.1'], hostPort: 7000, holder: 'blog/free' }),
    publish({ hostIps: [MACHINE], hostPort: 7000, holder: 'blog/taken' }),
    publish({ hostIps: ['0.0.0.0'], hostPort: 7001, holder: 'blog/wide' }),
    publish({ hostPort: 7001, holder: 'shop/web' }),
    publish({ hostPort: 7002, holder: 'blog/first' }),
    publish({ hostPort: 7002, holder: 'blog/second' }),
  ];

  const clashes = await driver.portClashes(wanted);

  const lines = clashes.map((c) => `${c.protocol} ${c.hostIp}:${c.hostPort} ${c.wantedBy} <> ${c.holder}`);
  expect(lines).toEqual([
    `tcp ${MACHINE}:7000 blog/taken <> node (pid ${pid})`,
    'tcp 0.0.0.0:7001 blog/wide <> shop/web',
    'tcp 127.0.0.1:7001 shop/web <> blog/wide',
    'tcp 127.0.0.1:7002 blog/second <> blog/first',
  ]);
  expect(bound()).toEqual(before);
});

test('a service that goes from one address to all of them, and back, is not in its own way', async () => {
  const narrow = { hostIps: ['127.0.0.1'] };
  const wide = { hostIps: ['0.0.0.0'], containerIp: '172.31.255.3' };
  await driver.apply(state(narrow));

  await driver.apply(state(narrow, wide));
  const both = bound();
  await driver.apply(state(wide));
  await driver.apply(state(wide, narrow));
  await driver.apply(state(narrow));

  expect(both).toEqual(['tcp 0.0.0.0:8080']);
  expect(bound()).toEqual(['tcp 127.0.0.1:8080']);
});

test('when the wider address can not be had, the narrow one stays', async () => {
  await driver.apply(state({ hostIps: ['127.0.0.1'] }));
  await world.machine.serve(PORT_HOLDER, 'tcp', MACHINE, '8080');

  const widening = driver.apply(state({ hostIps: ['0.0.0.0'] }));

  await expect(widening).rejects.toMatchObject({ code: 'PORT_TAKEN' });
  expect(bound()).toContain('tcp 127.0.0.1:8080');
});

test('without version 6 a port is published by version 4 alone, and ::1 by itself is refused', async () => {
  world.machine.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6');

  const clashes = await driver.portClashes([publish({ hostIps: ['127.0.0.1', '::1'] })]);
  await driver.apply(state({ hostIps: ['127.0.0.1', '::1'] }));
  const reserved = await driver.reservePort('tcp', ['127.0.0.1', '::1']);
  const alone = driver.apply(state({ hostIps: ['::1'], hostPort: 8081 }));

  await expect(alone).rejects.toThrow('::1 is no address of this machine');
  expect(clashes).toEqual([]);
  expect(bound()).toEqual(['tcp 127.0.0.1:8080', `tcp 127.0.0.1:${reserved}`].sort());
});

test('a reserved port is held on all its addresses, until an apply uses it or lets it go', async () => {
  const hostPort = await driver.reservePort('tcp', ['127.0.0.1', '::1']);
  const reserved = bound();
  await driver.apply(state({ hostIps: ['127.0.0.1', '::1'], hostPort }));
  const used = bound();
  await driver.apply(state());

  expect(reserved).toEqual([`tcp 127.0.0.1:${hostPort}`, `tcp [::1]:${hostPort}`]);
  expect(used).toEqual(reserved);
  expect(bound()).toEqual([]);
});

test('two reservations are two ports', async () => {
  const ports = await Promise.all([driver.reservePort('udp', ['0.0.0.0']), driver.reservePort('udp', ['0.0.0.0'])]);

  expect(new Set(ports).size).toBe(2);
});

test('close lets go of every socket', async () => {
  await driver.apply(state({ hostIps: ['127.0.0.1', '::1'] }, { protocol: 'udp' }));

  await driver.close();

  expect(world.machine.run('ss', '-Htuln').stdout).toBe('');
});
