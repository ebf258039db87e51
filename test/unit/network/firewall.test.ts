import { expect, test } from 'vitest';
import { firewallText } from '../../../src/network/firewall.ts';
import { bridge, publish, stateOf } from './network-builders.ts';

const FRONT = bridge('bta1b2front', '172.31.255.0/24');

test('without a bridge the table goes', () => {
  const text = firewallText('a1b2', stateOf({}));

  expect(text).toMatchInlineSnapshot(`
    "table inet berth_a1b2
    delete table inet berth_a1b2
    "
  `);
});

test('the whole table of a state, swapped in one transaction', () => {
  const state = stateOf({
    bridges: [FRONT, bridge('bta1b2back', '172.31.254.0/24', { internal: true })],
    publishes: [
      publish({ hostIps: ['127.0.0.1', '::1'] }),
      publish({ hostIps: ['0.0.0.0', '::'], hostPort: 5300, containerPort: 53, protocol: 'udp' }),
      publish({ hostIps: ['192.0.2.7'], hostPort: 443, containerPort: 8443 }),
    ],
  });

  const text = firewallText('a1b2', state);

  expect(text).toMatchInlineSnapshot(`
    "table inet berth_a1b2
    delete table inet berth_a1b2
    table inet berth_a1b2 {
      chain raw_prerouting {
        type filter hook prerouting priority raw; policy accept;
        iifname != "lo" ip saddr 127.0.0.0/8 drop
        iifname != "lo" ip daddr 127.0.0.0/8 drop
      }
      chain nat_prerouting {
        type nat hook prerouting priority dstnat; policy accept;
        fib daddr type local udp dport 5300 dnat ip to 172.31.255.2:53
        ip daddr 192.0.2.7 tcp dport 443 dnat ip to 172.31.255.2:8443
      }
      chain nat_output {
        type nat hook output priority -100; policy accept;
        ip daddr 127.0.0.1 tcp dport 8080 dnat ip to 172.31.255.2:80
        fib daddr type local udp dport 5300 dnat ip to 172.31.255.2:53
        ip daddr 192.0.2.7 tcp dport 443 dnat ip to 172.31.255.2:8443
      }
      chain nat_postrouting {
        type nat hook postrouting priority srcnat; policy accept;
        oifname "bta1b2front" ip saddr 127.0.0.0/8 masquerade
        oifname "bta1b2front" ip saddr 172.31.255.0/24 ct status dnat masquerade
        oifname != "bta1b2front" ip saddr 172.31.255.0/24 masquerade
        oifname "bta1b2back" ip saddr 127.0.0.0/8 masquerade
        oifname "bta1b2back" ip saddr 172.31.254.0/24 ct status dnat masquerade
      }
      chain forward {
        type filter hook forward priority filter; policy accept;
        ct state established,related accept
        iifname "bta1b2front" oifname "bta1b2front" accept
        iifname "bta1b2back" oifname "bta1b2back" accept
        iifname "bta1b2back" drop
        oifname "bta1b2back" drop
        oifname "bta1b2front" ct status dnat accept
        oifname "bta1b2back" ct status dnat accept
        oifname "bta1b2front" drop
        oifname "bta1b2back" drop
      }
    }
    "
  `);
});

test('the same state gives the same text, and names change nothing', () => {
  const without = firewallText('a1b2', stateOf({ bridges: [FRONT] }));
  const names = [{ bridge: FRONT.bridge, name: 'web', address: '172.31.255.2' }];

  const withNames = firewallText('a1b2', stateOf({ bridges: [FRONT], names }));

  expect(withNames).toBe(without);
});

test('a name server beside port 53 is reached by a redirection of its own bridge only', () => {
  const ports = new Map([[FRONT.bridge, 40053]]);

  const text = firewallText('a1b2', stateOf({ bridges: [FRONT] }), ports);

  expect(text.split('\n').filter((line) => line.includes('redirect'))).toMatchInlineSnapshot(`
    [
      "    iifname "bta1b2front" ip daddr 172.31.255.1 udp dport 53 redirect to :40053",
      "    iifname "bta1b2front" ip daddr 172.31.255.1 tcp dport 53 redirect to :40053",
    ]
  `);
});
