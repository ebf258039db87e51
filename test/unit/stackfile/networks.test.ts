import { expect, test } from 'vitest';
import { faultsOf, load } from './stack-files.ts';

const networkOf = async (text: string) => {
  const { stack } = await load(`services: {a: {image: host, networks: [n]}}\nnetworks: {n: ${text}}`);
  return stack.networks[0]!;
};
const faults = (network: string, end = '{}') =>
  faultsOf(`services: {a: {image: host, networks: {n: ${end}}}}\nnetworks: {n: ${network}}`);

test('subnets of both versions, with ranges and addresses of others, in canonical form', async () => {
  const network = await networkOf(
    '{ipam: {config: [{subnet: 10.1.0.0/16, ip_range: 10.1.8.0/24, gateway: 10.1.0.9, aux_addresses: {tv: 10.1.8.1}}, {subnet: "FD00:0:0::/64"}]}}',
  );

  expect(network).toMatchObject({ enableIPv4: true, enableIPv6: true });
  expect(network.subnets).toEqual([
    { subnet: '10.1.0.0/16', gateway: '10.1.0.9', ipRange: '10.1.8.0/24', auxAddresses: { tv: '10.1.8.1' } },
    { subnet: 'fd00::/64', gateway: null, ipRange: null, auxAddresses: {} },
  ]);
});

test('options of the drivers', async () => {
  const bridge = await networkOf(
    '{driver_opts: {com.docker.network.driver.mtu: 1400, com.docker.network.bridge.enable_icc: "false", com.docker.network.bridge.enable_ip_masquerade: "0", com.docker.network.bridge.host_binding_ipv4: 10.0.0.1, com.docker.network.bridge.name: br0}}',
  );
  const macvlan = await networkOf('{driver: macvlan, driver_opts: {parent: eth0.5, macvlan_mode: private}}');

  expect(bridge.options).toMatchObject({
    mtu: 1400,
    icc: false,
    masquerade: false,
    hostBinding: '10.0.0.1',
    bridgeName: 'br0',
  });
  expect([macvlan.driver, macvlan.options.parent, macvlan.options.macvlanMode]).toEqual([
    'macvlan',
    'eth0.5',
    'private',
  ]);
});

test('the end of a service: addresses, hardware address of the first network, settings, links, servers', async () => {
  const { stack } = await load(`
services:
  db: {image: host}
  web:
    image: host
    mac_address: 02-42-00-00-00-0A
    links: ["db:sql", db]
    external_links: ["other-1:cache"]
    dns: [9.9.9.9, "2620:fe::fe"]
    networks:
      x: {ipv6_address: "FD00::0A"}
      y:
        priority: 1
        link_local_ips: [169.254.1.2]
        driver_opts: {com.docker.network.endpoint.sysctls: "net.ipv4.conf.IFNAME.log_martians=1"}
networks: {x: {ipam: {config: [{subnet: "fd00::/64"}]}}, y: {}}
`);
  const web = stack.services.find((s) => s.name === 'web')!;
  const [x, y] = ['x', 'y'].map((name) => web.networks.find((n) => n.network === name)!);

  expect([x!.ipv6Address, x!.macAddress]).toEqual(['fd00::a', null]);
  expect(y).toMatchObject({
    macAddress: '02:42:00:00:00:0a',
    linkLocalIps: ['169.254.1.2'],
    sysctls: { 'net.ipv4.conf.IFNAME.log_martians': '1' },
  });
  expect([web.links, web.externalLinks, web.dns]).toEqual([
    [
      { target: 'db', alias: 'sql' },
      { target: 'db', alias: 'db' },
    ],
    [{ target: 'other-1', alias: 'cache' }],
    ['9.9.9.9', '2620:fe::fe'],
  ]);
  expect(web.dependsOn).toMatchObject([{ service: 'db', condition: 'service_started', restart: true }]);
});

test('the networks of the machine are modes', async () => {
  const { stack } = await load(`
services:
  a: {image: host, networks: [outside]}
  b: {image: host, networks: [nothing]}
networks: {outside: {external: true, name: host}, nothing: {driver: none}}
`);

  expect(stack.services.map((s) => s.networkMode.kind)).toEqual(['host', 'none']);
  expect(stack.networks).toEqual([]);
});

const FAULTS = [
  ['{enable_ipv4: false}', '{}'],
  ['{enable_ipv6: false, ipam: {config: [{subnet: "fd00::/64"}]}}', '{}'],
  ['{ipam: {config: [{subnet: 10.0.0.0/8}, {subnet: 10.1.0.0/16}]}}', '{}'],
  ['{ipam: {config: [{subnet: 10.0.0.0/24, ip_range: 10.0.1.0/25}]}}', '{}'],
  ['{ipam: {config: [{subnet: 10.0.0.0/24, aux_addresses: {a: 10.0.1.1}}]}}', '{}'],
  ['{ipam: {config: [{gateway: 10.0.0.1}]}}', '{}'],
  ['{ipam: {config: [{subnet: 10.0.0.0/31}]}}', '{}'],
  ['{driver: overlay}', '{}'],
  ['{driver: ipvlan}', '{}'],
  ['{driver: macvlan}', '{}'],
  ['{driver: host, internal: true}', '{}'],
  ['{driver_opts: {com.docker.network.driver.mtu: big}}', '{}'],
  ['{driver_opts: {com.docker.network.bridge.inhibit_ipv4: "true"}}', '{}'],
  ['{}', '{ipv6_address: 10.0.0.1}'],
  ['{}', '{mac_address: "03:00:00:00:00:01"}'],
  ['{}', '{link_local_ips: [here]}'],
  ['{}', '{driver_opts: {com.docker.network.endpoint.sysctls: net.ipv4.ip_forward=1}}'],
  ['{}', '{driver_opts: {com.docker.network.endpoint.color: red}}'],
] as const;

test('what a network or an end can not be is a fault with its place', async () => {
  const told = await Promise.all(FAULTS.map(([network, end]) => faults(network, end)));

  expect(told.join('\n')).toMatchInlineSnapshot(`
    "stack.yaml:2:29 networks.n.enable_ipv4: network n has neither IPv4 nor IPv6 (switch one on)
    stack.yaml:2:29 networks.n.enable_ipv6: network n has an IPv6 subnet, but no IPv6 (remove one of them)
    stack.yaml:2:31 networks.n.ipam.config: the subnets 10.0.0.0/8 and 10.1.0.0/16 overlap (remove one of them)
    stack.yaml:2:64 networks.n.ipam.config[0].ip_range: "10.0.1.0/25" is no part of 10.0.0.0/24 (write it as 172.28.0.128/25)
    stack.yaml:2:73 networks.n.ipam.config[0].aux_addresses.a: "10.0.1.1" is no address of 10.0.0.0/24
    stack.yaml:2:32 networks.n.ipam.config[0]: an address range needs \`subnet\` (write it as 172.28.0.0/24)
    stack.yaml:2:41 networks.n.ipam.config[0].subnet: "10.0.0.0/31" is no subnet for a network (write it as 172.28.0.0/24 or fd00:1::/64)
    stack.yaml:2:16 networks.n.driver: networks.n.driver: overlay is not supported by berth (it is for a Swarm of machines: use bridge)
    stack.yaml:2:16 networks.n.driver: networks.n.driver: ipvlan is not supported by berth (use macvlan, which hangs on a link of this machine too)
    stack.yaml:2:15 networks.n: the macvlan network n needs a link of this machine (name it: driver_opts: {parent: eth0})
    stack.yaml:2:30 networks.n.internal: a network with the driver host has no internal (remove it)
    stack.yaml:2:30 networks.n.driver_opts.com.docker.network.driver.mtu: "big" does not fit com.docker.network.driver.mtu (use a number of bytes from 68 to 65535)
    stack.yaml:2:30 networks.n.driver_opts.com.docker.network.bridge.inhibit_ipv4: the option com.docker.network.bridge.inhibit_ipv4 is not supported by berth (a bridge network of berth has com.docker.network.driver.mtu, com.docker.network.mtu, mtu, com.docker.network.bridge.name, com.docker.network.bridge.enable_icc, com.docker.network.bridge.enable_ip_masquerade, com.docker.network.bridge.host_binding_ipv4: remove it)
    stack.yaml:1:58 services.a.networks.n.ipv6_address: "10.0.0.1" is no IPv6 address
    stack.yaml:1:57 services.a.networks.n.mac_address: "03:00:00:00:00:01" is the address of a group, not of an interface (make its first byte even)
    stack.yaml:1:61 services.a.networks.n.link_local_ips[0]: "here" is no address
    stack.yaml:1:95 services.a.networks.n.driver_opts.com.docker.network.endpoint.sysctls: "net.ipv4.ip_forward=1" is no setting of an interface (write it as net.ipv4.conf.IFNAME.log_martians=1)
    stack.yaml:1:58 services.a.networks.n.driver_opts.com.docker.network.endpoint.color: the option com.docker.network.endpoint.color is not supported by berth (there are com.docker.network.endpoint.sysctls and com.docker.network.endpoint.ifname: remove it)"
  `);
});
