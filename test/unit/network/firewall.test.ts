import { expect, test } from 'vitest';
import { firewallText } from '../../../src/network/firewall.ts';
import type { BridgeSpec, NetworkState, PublishSpec } from '../../../src/network/network.ts';

const bridge = (changes: Partial<BridgeSpec> = {}): BridgeSpec => ({
  bridge: 'bt0001a',
  title: 'shop_front',
  subnet: '172.31.255.0/24',
  gateway: '172.31.255.1',
  internal: false,
  mtu: 1500,
  ...changes,
});

const publish = (changes: Partial<PublishSpec> = {}): PublishSpec => ({
  protocol: 'tcp',
  hostIps: ['127.0.0.1', '::1'],
  hostPort: 8080,
  bridge: 'bt0001a',
  containerIp: '172.31.255.2',
  containerPort: 80,
  holder: 'shop/web',
  ...changes,
});

const state = (changes: Partial<NetworkState>): NetworkState => ({
  bridges: [],
  publishes: [],
  names: [],
  clients: [],
  ...changes,
});

test('without a network the table is removed, in one transaction that also works when there is none', () => {
  expect(firewallText('0001', state({}))).toBe('table inet berth_0001\ndelete table inet berth_0001\n');
});

test('one bridge with a port on loopback: the whole table', () => {
  expect(firewallText('0001', state({ bridges: [bridge()], publishes: [publish()] }))).toMatchInlineSnapshot(`
    "table inet berth_0001
    delete table inet berth_0001
    table inet berth_0001 {
      chain raw_prerouting {
        type filter hook prerouting priority raw; policy accept;
        iifname != "lo" ip saddr 127.0.0.0/8 drop
        iifname != "lo" ip daddr 127.0.0.0/8 drop
      }
      chain nat_prerouting {
        type nat hook prerouting priority dstnat; policy accept;
      }
      chain nat_output {
        type nat hook output priority -100; policy accept;
        ip daddr 127.0.0.1 tcp dport 8080 dnat ip to 172.31.255.2:80
      }
      chain nat_postrouting {
        type nat hook postrouting priority srcnat; policy accept;
        oifname "bt0001a" ip saddr 127.0.0.0/8 masquerade
        oifname "bt0001a" ip saddr 172.31.255.0/24 ct status dnat masquerade
        oifname != "bt0001a" ip saddr 172.31.255.0/24 masquerade
      }
      chain forward {
        type filter hook forward priority filter; policy accept;
        ct state established,related accept
        iifname "bt0001a" oifname "bt0001a" accept
        oifname "bt0001a" ct status dnat accept
        oifname "bt0001a" drop
      }
    }
    "
  `);
});

test('a port on all addresses is reachable from outside, one on loopback is not', () => {
  const everywhere = firewallText(
    '0001',
    state({ bridges: [bridge()], publishes: [publish({ hostIps: ['0.0.0.0', '::'] })] }),
  );
  const chain = everywhere.slice(everywhere.indexOf('nat_prerouting'), everywhere.indexOf('nat_output'));

  expect(chain).toContain('fib daddr type local tcp dport 8080 dnat ip to 172.31.255.2:80');
});

test('an internal network has no way out and no way in', () => {
  const text = firewallText('0001', state({ bridges: [bridge({ internal: true })] }));

  expect(text).toContain('iifname "bt0001a" drop');
  expect(text).toContain('oifname "bt0001a" drop');
  expect(text).not.toContain('oifname != "bt0001a" ip saddr');
});
