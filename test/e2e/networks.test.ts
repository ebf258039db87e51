/** Networks as a person meets them: several a service, both versions, by hand, and hanging on a link of the machine. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('networks');
  world.write('stack.yaml', STACK);
});
afterAll(() => world.close());

const SLEEP = '[sleep, "1000"]';
const STACK = `
name: nets
services:
  db:
    image: host
    command: ${SLEEP}
    networks:
      back: {ipv4_address: 10.77.0.9, ipv6_address: "fd00:77::9", aliases: [store]}
  web:
    image: host
    command: ${SLEEP}
    links: ["db:database"]
    mac_address: 02:42:00:00:00:99
    ports: ["[::]:18098:98"]
    extra_hosts: ["machine=host-gateway"]
    networks:
      front:
        gw_priority: 1
        priority: 5
        interface_name: outside
        link_local_ips: ["169.254.8.8"]
        driver_opts: {com.docker.network.endpoint.sysctls: "net.ipv4.conf.IFNAME.log_martians=1"}
      back: {}
  lone:
    image: host
    dns_search: [nets_back, example.test]
    dns_opt: [timeout:1]
    dns: [198.51.100.7]
    ports: ["18099:99"]
    command: ${SLEEP}
    networks: [apart]
  lonely:
    image: host
    command: ${SLEEP}
    networks: [apart]
networks:
  front:
    enable_ipv6: true
    driver_opts: {com.docker.network.driver.mtu: 1400, com.docker.network.bridge.name: br-nets}
  back:
    internal: true
    ipam:
      config:
        - {subnet: 10.77.0.0/24, ip_range: 10.77.0.128/25, gateway: 10.77.0.254, aux_addresses: {printer: 10.77.0.128}}
        - {subnet: "fd00:77::/64"}
  apart:
    driver_opts: {com.docker.network.bridge.enable_icc: "false", com.docker.network.bridge.host_binding_ipv4: 127.0.0.5}
`;

type Link = {
  readonly ifname: string;
  readonly mtu: number;
  readonly address: string;
  readonly addr_info: readonly { readonly local: string; readonly prefixlen: number; readonly scope: string }[];
};

const inContainer = (service: string, ...command: string[]) => world.berth('exec', '-T', service, ...command).stdout;
const linksOf = (service: string) => JSON.parse(inContainer(service, 'ip', '-j', 'addr')) as Link[];
const linkOf = (service: string, name: string) => linksOf(service).find((link) => link.ifname === name);
const routesOf = (service: string, version: '-4' | '-6') =>
  (
    JSON.parse(inContainer(service, 'ip', version, '-j', 'route', 'show', 'default')) as {
      gateway: string;
      dev: string;
    }[]
  ).map(({ gateway, dev }) => `${gateway} ${dev}`);
const addressesOf = (service: string, name: string) =>
  linkOf(service, name)
    ?.addr_info.filter((a) => !a.local.startsWith('fe80'))
    .map((a) => `${a.local}/${a.prefixlen}`);
const lookUp = (service: string, name: string) =>
  [
    ...new Set(
      inContainer(service, 'getent', 'ahosts', name)
        .split('\n')
        .flatMap((line) => line.split(' ')[0] || []),
    ),
  ].sort();
const inspect = (name: string) =>
  JSON.parse(world.berth('network', 'inspect', '--json', name).stdout)[0] as {
    readonly Interface: string;
    readonly IPAM: { readonly Config: readonly { readonly Subnet: string; readonly Gateway: string }[] };
    readonly Containers: Readonly<Record<string, { readonly Name: string }>>;
  };

test('services on several networks have the addresses, names and routes that the file says', () => {
  const up = world.berth('up', '-d');

  expect(up.stderr + up.code).toMatch(/0$/);
  expect(addressesOf('db', 'eth0')).toEqual(['10.77.0.9/24', 'fd00:77::9/64']);
  expect(addressesOf('web', 'eth0')).toEqual(['10.77.0.129/24', 'fd00:77::2/64']);
  expect(linkOf('web', 'outside')).toMatchObject({ mtu: 1400, address: '02:42:00:00:00:99' });
  expect(addressesOf('web', 'outside')).toContain('169.254.8.8/16');
  expect(inContainer('web', 'cat', '/proc/sys/net/ipv4/conf/outside/log_martians').trim()).toBe('1');
  const [v4, v6] = inspect('nets_front').IPAM.Config.map((c) => c.Gateway);
  expect([routesOf('web', '-4'), routesOf('web', '-6')]).toEqual([[`${v4} outside`], [`${v6} outside`]]);
  expect([routesOf('db', '-4'), routesOf('db', '-6')]).toEqual([[], []]);
  expect(inspect('nets_front').IPAM.Config[1]?.Subnet).toMatch(/^fd[0-9a-f:]+::\/64$/);
  expect(world.inside('ip', '-j', 'link', 'show', 'br-nets').stdout).toContain(inspect('nets_front').Interface);
});

test('names: services, aliases, networks, links, backwards, the machine', () => {
  const both = ['10.77.0.9', 'fd00:77::9'];

  expect(lookUp('web', 'db')).toEqual(both);
  expect(lookUp('web', 'store.nets_back')).toEqual(both);
  expect(lookUp('web', 'database')).toEqual(both);
  expect(lookUp('db', 'database')).toEqual([]);
  expect(lookUp('lone', 'db')).toEqual([]);
  expect(inContainer('web', 'getent', 'hosts', '10.77.0.9')).toContain('db');
  expect(inContainer('web', 'getent', 'hosts', 'fd00:77::9')).toContain('db');
  const gateways = inspect('nets_front').IPAM.Config.map((c) => c.Gateway);
  expect(lookUp('web', 'host.docker.internal')).toEqual([...gateways].sort());
  expect(inContainer('web', 'getent', 'ahostsv4', 'machine')).toContain(gateways[0]!);
});

test('a one-off run beside its service has addresses of its own', () => {
  const runs = ['db', 'web'].map((service) => world.berth('run', '--rm', '-T', service, 'ip', '-j', 'addr'));

  expect(runs.map((run) => run.code)).toEqual([0, 0]);
  expect(runs[0]!.stdout).not.toContain('"10.77.0.9"');
  expect(runs[1]!.stdout).not.toContain('02:42:00:00:00:99');
});

test('search domains and options are in resolv.conf, ports are on the address that the network says', () => {
  const lines = inContainer('lone', 'cat', '/etc/resolv.conf').trim().split('\n');

  expect(lines.slice(1)).toEqual(['search nets_back example.test', 'options ndots:0 timeout:1']);
  expect(world.ps('lone')[0]!.Publishers.map((p) => p.URL)).toEqual(['127.0.0.5']);
});

test('a port on addresses of version 6 leads straight to the address that the container has on its way out', () => {
  const outside = linksOf('web').find((link) => link.ifname === 'outside');
  const address = outside?.addr_info.find(({ local, scope }) => local.includes(':') && scope === 'global')?.local;

  const rules = execFileSync('nsenter', [`--net=/run/netns/${world.netns}`, 'nft', 'list', 'ruleset']).toString();

  expect(address).toBeDefined();
  expect(rules).toContain(`tcp . 18098 : ${address} . 98`);
});

test('a stopped container is connected too: it has its new end when it starts', () => {
  world.berth('network', 'create', 'later');
  world.berth('stop', 'lone');

  const connected = world.berth('network', 'connect', 'later', 'nets-lone-1');
  world.berth('start', 'lone');

  expect(connected.code).toBe(0);
  expect(linksOf('lone').map((link) => link.ifname)).toEqual(['lo', 'eth0', 'eth1']);
  world.berth('network', 'disconnect', 'later', 'nets-lone-1');
  expect(world.berth('network', 'rm', 'later').code).toBe(0);
});

const REACH = `
const [host, port] = process.argv.slice(1);
const socket = require('node:net').connect({ host, port: Number(port), timeout: 1500 });
const tell = (word) => { console.log(word); process.exit(0); };
socket.once('connect', () => tell('connected')).once('timeout', () => tell('timeout')).once('error', (e) => tell(e.code));
`;

test('traffic of both versions goes where it may: a neighbour refuses, one that is kept apart is not even reached', () => {
  const reach = (from: string, host: string) => inContainer(from, process.execPath, '-e', REACH, host, '99').trim();

  expect([reach('web', '10.77.0.9'), reach('web', 'fd00:77::9')]).toEqual(['ECONNREFUSED', 'ECONNREFUSED']);
  const other = addressesOf('lonely', 'eth0')![0]!.split('/')[0]!;
  expect(['EHOSTUNREACH', 'timeout']).toContain(reach('lone', other));
});

test('a container that is stopped has no name within a second, and is not asked for elsewhere', async () => {
  world.berth('stop', 'db');

  await eventually(() => lookUp('web', 'db').length === 0, 1000);
  world.berth('start', 'db');

  expect(lookUp('web', 'db')).toEqual(['10.77.0.9', 'fd00:77::9']);
});

test('connect and disconnect act on a running container, and outlive the engine', async () => {
  const pid = world.ps('db')[0]!.Pid;
  world.berth('network', 'create', '--ipv6', '--subnet', '10.78.0.0/24', '--label', 'team=a', 'shared');

  const connected = world.berth('network', 'connect', '--ip', '10.78.0.7', '--alias', 'api', 'shared', 'nets-db-1');
  world.berth('network', 'connect', 'shared', 'nets-web-1');

  expect(connected.code).toBe(0);
  expect(addressesOf('db', 'eth1')?.[0]).toBe('10.78.0.7/24');
  expect(routesOf('db', '-4')).toEqual(['10.78.0.1 eth1']);
  expect(lookUp('web', 'api')[0]).toBe('10.78.0.7');
  world.berth('engine', 'stop');
  expect(world.ps('db')[0]!.Pid).toBe(pid);
  expect(addressesOf('db', 'eth1')?.[0]).toBe('10.78.0.7/24');
  expect(world.berth('plan').stdout).toContain('nothing to do');
  expect(world.berth('network', 'rm', 'shared').stderr).toContain('is used by');
  world.berth('restart', 'db');
  expect(addressesOf('db', 'eth1')?.[0]).toBe('10.78.0.7/24');

  const left = ['db', 'web'].map((service) => world.berth('network', 'disconnect', 'shared', `nets-${service}-1`).code);

  expect(left).toEqual([0, 0]);
  expect([linkOf('db', 'eth1'), routesOf('db', '-4')]).toEqual([undefined, []]);
  expect(lookUp('web', 'api')).toEqual([]);
  await eventually(() => world.berth('network', 'prune', '--filter', 'label=team=a').stdout.includes('shared'));
});

test('a container that was taken off its stack’s network is made anew by up', () => {
  world.berth('network', 'disconnect', 'nets_back', 'nets-web-1');
  expect(lookUp('web', 'db')).toEqual([]);
  expect(world.berth('plan').stdout).toContain('taken off network nets_back');

  world.berth('up', '-d');

  expect(lookUp('web', 'db')).toEqual(['10.77.0.9', 'fd00:77::9']);
});

test('what can not be is said with its place or its reason, and nothing is left of it', () => {
  const faults = [
    ['network', 'create', '--subnet', '10.77.0.0/25', 'again'],
    ['network', 'create', '-d', 'overlay', 'far'],
    ['network', 'create', '-o', 'com.example.x=1', 'odd'],
    ['network', 'create', 'nets_back'],
    ['network', 'connect', 'nets_front', 'nets-web-1'],
    ['network', 'connect', '--ip', '10.77.0.9', 'nets_back', 'nets-lone-1'],
    ['network', 'connect', '--ip', '10.9.0.9', 'nets_back', 'nets-lone-1'],
    ['network', 'disconnect', 'nets_back', 'nets-lone-1'],
    ['network', 'rm', 'nets_bakc'],
  ].map((command) => world.berth(...command));

  expect(faults.map(({ stderr }) => stderr.split('\n')[0])).toMatchInlineSnapshot(`
    [
      "error: subnet 10.77.0.0/25 is taken by network nets_back",
      "error: there is no network driver overlay",
      "error: the option com.example.x is not supported by berth",
      "error: network nets_back belongs to stack nets",
      "error: nets-web-1 is on network nets_front already",
      "error: nets-lone-1: address 10.77.0.9 is taken by nets-db-1",
      "error: nets-lone-1: address 10.9.0.9 is none of nets_back",
      "error: nets-lone-1 is not on network nets_back",
      "error: there is no network nets_bakc",
    ]
  `);
  expect(world.berth('network', 'ls', '--format', '{{.Name}}').stdout.split('\n').filter(Boolean)).toEqual([
    'nets_apart',
    'nets_back',
    'nets_front',
  ]);
});

test('a macvlan network hangs on a link of the machine', () => {
  world.inside('ip', 'link', 'add', 'up0', 'type', 'veth', 'peer', 'name', 'up1');
  world.inside('ip', 'link', 'set', 'up0', 'up', 'mtu', '1450');
  world.inside('ip', 'link', 'set', 'up1', 'up');
  world.write(
    'lan.yaml',
    `
name: lan
services:
  a: {image: host, command: ${SLEEP}, networks: {lan: {ipv4_address: 192.168.77.10}}}
  b: {image: host, command: ${SLEEP}, networks: [lan, default]}
networks:
  lan: {driver: macvlan, driver_opts: {parent: up0}, ipam: {config: [{subnet: 192.168.77.0/24}]}}
`,
  );
  const inA = (...command: string[]) => world.berth('-f', 'lan.yaml', 'exec', '-T', 'a', ...command).stdout;

  const up = world.berth('-f', 'lan.yaml', 'up', '-d');

  expect(up.code).toBe(0);
  const link = (
    JSON.parse(inA('ip', '-d', '-j', 'addr', 'show', 'eth0')) as (Link & { linkinfo: { info_kind: string } })[]
  )[0]!;
  expect([link.linkinfo.info_kind, link.mtu, link.addr_info[0]?.local]).toEqual(['macvlan', 1450, '192.168.77.10']);
  expect(inA('ip', '-j', 'route', 'show', 'default')).toContain('"gateway":"192.168.77.1"');
  expect(inA(process.execPath, '-e', REACH, '192.168.77.2', '99').trim()).toBe('ECONNREFUSED');
  expect(world.berth('-f', 'lan.yaml', 'exec', '-T', 'b', 'getent', 'ahostsv4', 'a').stdout).toContain('192.168.77.10');
  world.berth('-f', 'lan.yaml', 'down');
  world.inside('ip', 'link', 'del', 'up0');
  expect(world.berth('-f', 'lan.yaml', 'up', '-d').stderr).toContain('this machine has no interface up0');
  world.berth('-f', 'lan.yaml', 'down');
});

test('down leaves the machine as it was', async () => {
  world.berth('down');

  expect(world.inside('ip', '-j', 'link').stdout).not.toContain('bt');
  expect(world.inside('cat', '/proc/sys/net/ipv6/conf/all/forwarding').stdout.trim()).toBe('0');
  await eventually(() => world.leaks().length === 0);
});
