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
import { chain, map, quoted, set } from './firewall-text.ts';
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
    ...set(
      'subnets',
      'ipv4_addr; flags interval',
      bridges.map((b) => b.subnet),
    ),
    ...set(
      'gateways',
      'ipv4_addr',
      bridges.map((b) => b.gateway),
    ),
    ...set(
      'own_gateway',
      'ifname . ipv4_addr',
      bridges.map((b) => `${quoted(b.bridge)} . ${b.gateway}`),
    ),
    ...publishedMaps(publishes),
    ...serverMap(bridges, serverPorts),
    ...rawChain(),
    ...chain('nat_prerouting', 'nat hook prerouting priority dstnat', [
      ...(serverPorts.size > 0 ? SERVER_RULES : []),
      ...natRules('prerouting'),
    ]),
    ...chain('nat_output', 'nat hook output priority -100', natRules('output')),
    ...sourceChain(),
    ...inputChain(),
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

/** Where port 53 is somebody else's: what containers ask of their gateway goes to the port that our server has. */
const SERVER_RULES = ['udp', 'tcp'].map(
  (protocol) => `${protocol} dport 53 redirect to iifname . ip daddr map @servers`,
);

function serverMap(bridges: readonly BridgeSpec[], serverPorts: ServerPorts): string[] {
  const elements = bridges.flatMap(({ bridge, gateway }) => {
    const port = serverPorts.get(bridge);
    return port === undefined ? [] : [`${quoted(bridge)} . ${gateway} : ${port}`];
  });
  return elements.length === 0 ? [] : map('servers', 'ifname . ipv4_addr : inet_service', elements);
}

function sourceChain(): string[] {
  return chain('nat_postrouting', 'nat hook postrouting priority srcnat', [
    'oifname @bridges ip saddr 127.0.0.0/8 masquerade',
    'ip saddr @subnets oifname != @bridges masquerade',
    /* A container that reaches itself or a neighbour by a published port: the answer must come back through us. */
    'ip saddr @subnets ct status dnat masquerade',
  ]);
}

/** A container has business with its own networks' gateways only; one without a way out not with our other addresses either. */
function inputChain(): string[] {
  return chain('input', 'filter hook input priority filter', [
    'ct state established,related accept',
    'iifname @bridges ip daddr @gateways iifname . ip daddr != @own_gateway drop',
    'iifname @sealed meta nfproto ipv4 iifname . ip daddr != @own_gateway drop',
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
