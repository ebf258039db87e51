/**
 * The desired state -> the text of our nftables tables.
 *
 * Pure. Both tables (`inet` for routed packets, `bridge` for what containers
 * send) are rendered whole each time and swapped in one transaction; no other
 * table is ever named. What grows with the number of networks, ports and
 * containers is in sets and maps, so that a packet costs the same with one
 * network and with a thousand. nft(8).
 */
import { guardTable } from './firewall-guard.ts';
import { natRules, publishedMaps } from './firewall-nat.ts';
import { gatewayRules, serverMaps, serverRules, sourceRules, subnetSets } from './firewall-subnets.ts';
import { chain, quoted, set } from './firewall-text.ts';
import type { ServerPorts } from './name-servers.ts';
import type { BridgeSpec, NetworkState } from './network.ts';

export function tableName(tag: string): string {
  return `berth_${tag}`;
}

export type FirewallOptions = {
  /** Name servers that are not on port 53. */
  readonly serverPorts?: ServerPorts;
  /** Whether the kernel has tables of the bridge family. Default true. */
  readonly guards?: boolean;
};

/** Input of `nft -f`: makes the tables what `state` asks for, or removes them when there is nothing to do. */
export function firewallText(tag: string, state: NetworkState, options: FirewallOptions = {}): string {
  const guards = options.guards ?? true;
  const families = guards ? ['inet', 'bridge'] : ['inet'];
  const fresh = families
    .map((family) => `${family} ${tableName(tag)}`)
    .flatMap((table) => [`table ${table}`, `delete table ${table}`]);
  if (state.bridges.length === 0) return `${fresh.join('\n')}\n`;
  const tables = [
    ...tableOf(`inet ${tableName(tag)}`, routedTable(state, options.serverPorts ?? new Map())),
    ...(guards ? tableOf(`bridge ${tableName(tag)}`, guardTable(tag, state.ends)) : []),
  ];
  return `${[...fresh, ...tables].join('\n')}\n`;
}

function tableOf(name: string, lines: readonly string[]): string[] {
  return [`table ${name} {`, ...lines.map((line) => `  ${line}`), '}'];
}

function routedTable(state: NetworkState, serverPorts: ServerPorts): string[] {
  const { bridges, publishes } = state;
  return [
    ...set(
      'bridges',
      'ifname',
      bridges.map((b) => quoted(b.bridge)),
    ),
    ...set(
      'sealed',
      'ifname',
      bridges.filter((b) => b.internal).map((b) => quoted(b.bridge)),
    ),
    ...set(
      'within',
      'ifname . ifname',
      bridges.map((b) => `${quoted(b.bridge)} . ${quoted(b.bridge)}`),
    ),
    ...subnetSets(bridges),
    ...publishedMaps(publishes),
    ...(serverPorts.size > 0 ? serverMaps(bridges, serverPorts) : []),
    ...rawChain(),
    ...chain('nat_prerouting', 'nat hook prerouting priority dstnat', [
      ...(serverPorts.size > 0 ? serverRules(bridges) : []),
      ...natRules('prerouting', publishes),
    ]),
    ...chain('nat_output', 'nat hook output priority -100', natRules('output', publishes)),
    ...sourceChain(bridges),
    ...inputChain(bridges),
    ...forwardChain(),
  ];
}

/**
 * route_localnet on our bridges lets 127/8 be routed there; nothing of it may come in or go out by a wire
 * (CVE-2020-8558).
 */
function rawChain(): string[] {
  return chain('raw_prerouting', 'filter hook prerouting priority raw', [
    'iifname != "lo" ip saddr 127.0.0.0/8 drop',
    'iifname != "lo" ip daddr 127.0.0.0/8 drop',
  ]);
}

function sourceChain(bridges: readonly BridgeSpec[]): string[] {
  return chain('nat_postrouting', 'nat hook postrouting priority srcnat', [
    'oifname @bridges ip saddr 127.0.0.0/8 masquerade',
    ...sourceRules(bridges),
  ]);
}

function inputChain(bridges: readonly BridgeSpec[]): string[] {
  return chain('input', 'filter hook input priority filter', [
    'ct state established,related accept',
    ...gatewayRules(bridges),
  ]);
}

/** Into a bridge: from itself, answers, and what was published. Out of an internal one: nothing. */
function forwardChain(): string[] {
  return chain('forward', 'filter hook forward priority filter', [
    'ct state established,related accept',
    'iifname . oifname @within accept',
    'iifname @sealed drop',
    'oifname @sealed drop',
    'oifname @bridges ct status dnat accept',
    'oifname @bridges drop',
  ]);
}
