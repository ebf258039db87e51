import { expect, test } from 'vitest';
import { firewallText } from '../../../src/network/firewall.ts';
import { bridge, publish, stateOf as state } from './network-builders.ts';

const A = bridge('bt0001a', '172.31.255.0/24');
const PORT = publish({ bridge: A.bridge, hostIps: ['127.0.0.1', '::1'] });

test('without a network the table is removed, in one transaction that also works when there is none', () => {
  expect(firewallText('0001', state({}))).toBe(
    'table inet berth_0001\ndelete table inet berth_0001\ntable bridge berth_0001\ndelete table bridge berth_0001\n',
  );
});

test('one bridge with a port on loopback: the whole table', () => {
  expect(firewallText('0001', state({ bridges: [A], publishes: [PORT] }))).toMatchInlineSnapshot(`
    "table inet berth_0001
    delete table inet berth_0001
    table bridge berth_0001
    delete table bridge berth_0001
    table inet berth_0001 {
      set bridges {
        type ifname;
        elements = { "bt0001a" }
      }
      set sealed {
        type ifname;
      }
      set within {
        type ifname . ifname;
        elements = { "bt0001a" . "bt0001a" }
      }
      set subnets {
        type ipv4_addr; flags interval;
        elements = { 172.31.255.0/24 }
      }
      set hidden {
        type ipv4_addr; flags interval;
        elements = { 172.31.255.0/24 }
      }
      set gateways {
        type ipv4_addr;
        elements = { 172.31.255.1 }
      }
      set own_gateway {
        type ifname . ipv4_addr;
        elements = { "bt0001a" . 172.31.255.1 }
      }
      map published {
        type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service;
        elements = { 127.0.0.1 . tcp . 8080 : 172.31.255.2 . 80 }
      }
      map published_everywhere {
        type inet_proto . inet_service : ipv4_addr . inet_service;
      }
      chain raw_prerouting {
        type filter hook prerouting priority raw; policy accept;
        iifname != "lo" ip saddr 127.0.0.0/8 drop
        iifname != "lo" ip daddr 127.0.0.0/8 drop
      }
      chain nat_prerouting {
        type nat hook prerouting priority dstnat; policy accept;
        ip daddr != 127.0.0.0/8 dnat ip to ip daddr . meta l4proto . th dport map @published
        ip daddr != 127.0.0.0/8 fib daddr type local dnat ip to meta l4proto . th dport map @published_everywhere
      }
      chain nat_output {
        type nat hook output priority -100; policy accept;
        dnat ip to ip daddr . meta l4proto . th dport map @published
        fib daddr type local dnat ip to meta l4proto . th dport map @published_everywhere
      }
      chain nat_postrouting {
        type nat hook postrouting priority srcnat; policy accept;
        oifname @bridges ip saddr 127.0.0.0/8 masquerade
        ip saddr @hidden oifname != @bridges masquerade
        ip saddr @subnets ct status dnat masquerade
      }
      chain input {
        type filter hook input priority filter; policy accept;
        ct state established,related accept
        iifname @bridges ip daddr @gateways iifname . ip daddr != @own_gateway drop
        iifname @sealed meta nfproto ipv4 iifname . ip daddr != @own_gateway drop
      }
      chain forward {
        type filter hook forward priority filter; policy accept;
        ct state established,related accept
        iifname . oifname @within accept
        iifname @sealed drop
        oifname @sealed drop
        oifname @bridges ct status dnat accept
        oifname @bridges drop
      }
    }
    table bridge berth_0001 {
      set senders {
        type ether_addr . ipv4_addr;
      }
      set senders6 {
        type ether_addr . ipv6_addr;
      }
      set answerers {
        type ether_addr . ether_addr . ipv4_addr;
      }
      set forwarders {
        type ether_addr;
      }
      chain neighbours {
        icmpv6 type { nd-router-advert, nd-redirect } drop
        icmpv6 type nd-neighbor-advert drop
        ip6 saddr :: icmpv6 type { nd-neighbor-solicit, nd-router-solicit, mld2-listener-report, mld-listener-report } accept
      }
      chain sent {
        ether type ip ether saddr . ip saddr @senders accept
        ether type arp ether saddr . arp saddr ether . arp saddr ip @answerers accept
        ether type ip6 meta l4proto ipv6-icmp jump neighbours
        ether type ip6 ether saddr . ip6 saddr @senders6 accept
        ether type { ip, ip6 } ether saddr @forwarders accept
        drop
      }
      chain guard {
        type filter hook prerouting priority -300; policy accept;
        iifname "v0001*" jump sent
      }
    }
    "
  `);
});

test('of two containers with one port the first one counts', () => {
  const next = { ...PORT, containerIp: '172.31.255.3' };

  const text = firewallText('0001', state({ bridges: [A], publishes: [PORT, next] }));

  expect(text).toContain('elements = { 127.0.0.1 . tcp . 8080 : 172.31.255.2 . 80 }');
});

test('a port on all addresses is in a map of its own', () => {
  const text = firewallText('0001', state({ bridges: [A], publishes: [{ ...PORT, hostIps: ['0.0.0.0', '::'] }] }));

  expect(text).toContain('elements = { tcp . 8080 : 172.31.255.2 . 80 }');
});

test('an internal network is sealed', () => {
  const text = firewallText('0001', state({ bridges: [{ ...A, internal: true }] }));

  expect(text).toContain('set sealed {\n    type ifname;\n    elements = { "bt0001a" }');
});

test('a container may send from its own addresses; one that forwards from any, but answers for none but its own', () => {
  const ends = [
    { bridge: A.bridge, mac: '02:42:ac:1f:ff:02', addresses: ['172.31.255.2', 'fd00::2'], forwards: false },
    { bridge: A.bridge, mac: '02:42:ac:1f:ff:03', addresses: ['172.31.255.3'], forwards: true },
  ];

  const text = firewallText('0001', state({ bridges: [A], ends }));

  expect(text.slice(text.indexOf('table bridge berth_0001 {'))).toMatchInlineSnapshot(`
    "table bridge berth_0001 {
      set senders {
        type ether_addr . ipv4_addr;
        elements = { 02:42:ac:1f:ff:02 . 172.31.255.2 }
      }
      set senders6 {
        type ether_addr . ipv6_addr;
        elements = { 02:42:ac:1f:ff:02 . fd00::2, 02:42:ac:1f:ff:02 . fe80::42:acff:fe1f:ff02 }
      }
      set answerers {
        type ether_addr . ether_addr . ipv4_addr;
        elements = { 02:42:ac:1f:ff:02 . 02:42:ac:1f:ff:02 . 0.0.0.0, 02:42:ac:1f:ff:02 . 02:42:ac:1f:ff:02 . 172.31.255.2, 02:42:ac:1f:ff:03 . 02:42:ac:1f:ff:03 . 0.0.0.0, 02:42:ac:1f:ff:03 . 02:42:ac:1f:ff:03 . 172.31.255.3 }
      }
      set forwarders {
        type ether_addr;
        elements = { 02:42:ac:1f:ff:03 }
      }
      chain neighbours {
        icmpv6 type { nd-router-advert, nd-redirect } drop
        icmpv6 type nd-neighbor-advert ether saddr 02:42:ac:1f:ff:02 @th,64,128 { 0xfe800000000000000042acfffe1fff02, 0xfd000000000000000000000000000002 } accept
        icmpv6 type nd-neighbor-advert ether saddr 02:42:ac:1f:ff:03 @th,64,128 { 0xfe800000000000000042acfffe1fff03 } accept
        icmpv6 type nd-neighbor-advert drop
        ip6 saddr :: icmpv6 type { nd-neighbor-solicit, nd-router-solicit, mld2-listener-report, mld-listener-report } accept
      }
      chain sent {
        ether type ip ether saddr . ip saddr @senders accept
        ether type arp ether saddr . arp saddr ether . arp saddr ip @answerers accept
        ether type ip6 meta l4proto ipv6-icmp jump neighbours
        ether type ip6 ether saddr . ip6 saddr @senders6 accept
        ether type { ip, ip6 } ether saddr @forwarders accept
        drop
      }
      chain guard {
        type filter hook prerouting priority -300; policy accept;
        iifname "v0001*" jump sent
      }
    }
    "
  `);
});

test('a kernel without tables for bridges gets none', () => {
  const text = firewallText('0001', state({ bridges: [A] }), { guards: false });

  expect(text).not.toContain('table bridge');
});

test('version 6 has sets and rules of its own, and a network that shows its addresses is not hidden', () => {
  const both = {
    ...A,
    masquerade: false,
    subnets: [...A.subnets, { subnet: 'fd00:1::/64', gateway: 'fd00:1::1' }],
  };

  const lines = firewallText('0001', state({ bridges: [both] })).split('\n');

  expect(lines.slice(lines.indexOf('  set subnets6 {'), lines.indexOf('  set subnets6 {') + 4)).toEqual([
    '  set subnets6 {',
    '    type ipv6_addr; flags interval;',
    '    elements = { fd00:1::/64 }',
    '  }',
  ]);
  expect(lines.slice(lines.indexOf('  set hidden6 {'), lines.indexOf('  set hidden6 {') + 3)).toEqual([
    '  set hidden6 {',
    '    type ipv6_addr; flags interval;',
    '  }',
  ]);
  expect(
    lines.filter(
      (line) =>
        line.includes('ip6 saddr @hidden6') ||
        line.includes('ip6 saddr @subnets6') ||
        line.includes('own_gateway6 drop'),
    ),
  ).toEqual([
    '    ip6 saddr @hidden6 oifname != @bridges masquerade',
    '    ip6 saddr @subnets6 ct status dnat masquerade',
    '    iifname @bridges ip6 daddr @gateways6 iifname . ip6 daddr != @own_gateway6 drop',
    '    iifname @sealed meta nfproto ipv6 ip6 daddr != { fe80::/10, ff00::/8 } iifname . ip6 daddr != @own_gateway6 drop',
  ]);
});

const six = (more: Parameters<typeof publish>[0]) =>
  firewallText('0001', state({ bridges: [A], publishes: [publish({ ...more })] }));
const elements6 = (text: string) =>
  ['published6', 'published_everywhere6'].map(
    (name) => new RegExp(`map ${name} \\{\\n.*\\n {4}elements = \\{ (.*) \\}`).exec(text)?.[1] ?? 'none',
  );

test('version 6 goes straight to the container by maps of its own, but not what the kernel does not route', () => {
  const hostIps = ['0.0.0.0', '::', '2001:db8::1', '::1', 'fe80::1%eth0'];

  const text = six({ hostIps, containerIp6: 'fd00:1::2' });

  expect(elements6(text)).toEqual(['2001:db8::1 . tcp . 8080 : fd00:1::2 . 80', 'tcp . 8080 : fd00:1::2 . 80']);
  expect(text.split('\n').filter((line) => line.includes('dnat ip6'))).toEqual(
    Array(2)
      .fill([
        '    ip6 saddr != { ::1, fe80::/10 } ip6 daddr != { ::1, fe80::/10 } dnat ip6 to ip6 daddr . meta l4proto . th dport map @published6',
        '    ip6 saddr != { ::1, fe80::/10 } ip6 daddr != { ::1, fe80::/10 } fib daddr type local dnat ip6 to meta l4proto . th dport map @published_everywhere6',
      ])
      .flat(),
  );
});

test('a port of ::1, or of a container without version 6, needs no rules of version 6', () => {
  const texts = [six({ hostIps: ['::1'], containerIp6: 'fd00:1::2' }), six({ hostIps: ['::'] })];

  expect(texts.map((text) => /published\w*6/.test(text))).toEqual([false, false]);
});

test('a container of version 6 alone gets nothing by the maps of version 4', () => {
  const text = six({ hostIps: ['0.0.0.0', '::'], containerIp: 'fd00:1::2', containerIp6: 'fd00:1::2' });

  expect(text).toContain(
    'map published_everywhere {\n    type inet_proto . inet_service : ipv4_addr . inet_service;\n  }',
  );
  expect(elements6(text)).toEqual(['none', 'tcp . 8080 : fd00:1::2 . 80']);
});

test('when the first of two containers with one port has no version 6, the sockets serve it and not the second one', () => {
  const hostIps = ['::', '2001:db8::1'];
  const publishes = [
    publish({ hostIps }),
    publish({ hostIps, containerIp: '172.31.255.3', containerIp6: 'fd00:1::3' }),
  ];

  expect(firewallText('0001', state({ bridges: [A], publishes }))).not.toContain('published6');
});
