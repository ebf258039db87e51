/**
 * The desired state -> the text of our one nftables table.
 *
 * Pure. The whole table is rendered each time and swapped in one transaction;
 * no other table is ever named. nft(8).
 */
import { isIPv4 } from 'node:net';
import type { ServerPorts } from './name-servers.ts';
import type { BridgeSpec, NetworkState, PublishSpec } from './network.ts';

export function tableName(tag: string): string {
  return `berth_${tag}`;
}

/**
 * Input of `nft -f`: makes the table what `state` asks for, or removes it when there is nothing to do.
 * `serverPorts`: name servers that are not on port 53.
 */
export function firewallText(tag: string, state: NetworkState, serverPorts: ServerPorts = new Map()): string {
  const table = `inet ${tableName(tag)}`;
  const fresh = [`table ${table}`, `delete table ${table}`];
  if (state.bridges.length === 0) return `${fresh.join('\n')}\n`;
  const chains = [
    rawChain(),
    natChain('prerouting', state, nameRules(state, serverPorts)),
    natChain('output', state),
    sourceChain(state),
    forwardChain(state),
  ];
  return `${[...fresh, `table ${table} {`, ...chains.flat().map((line) => `  ${line}`), '}'].join('\n')}\n`;
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
function nameRules({ bridges }: NetworkState, serverPorts: ServerPorts): string[] {
  return bridges.flatMap(({ bridge, gateway }) => {
    const port = serverPorts.get(bridge);
    if (port === undefined) return [];
    const match = `iifname "${bridge}" ip daddr ${gateway}`;
    return ['udp', 'tcp'].map((protocol) => `${match} ${protocol} dport 53 redirect to :${port}`);
  });
}

function natChain(hook: 'prerouting' | 'output', { publishes }: NetworkState, first: readonly string[] = []): string[] {
  const priority = hook === 'prerouting' ? 'dstnat' : '-100';
  const rules = publishes.flatMap((publish) => publish.hostIps.filter(isIPv4).flatMap((ip) => dnat(publish, ip, hook)));
  return chain(`nat_${hook}`, `nat hook ${hook} priority ${priority}`, [...first, ...rules]);
}

function dnat({ protocol, hostPort, containerIp, containerPort }: PublishSpec, hostIp: string, hook: string): string[] {
  if (hook === 'prerouting' && hostIp.startsWith('127.')) return [];
  const match = hostIp === '0.0.0.0' ? 'fib daddr type local' : `ip daddr ${hostIp}`;
  return [`${match} ${protocol} dport ${hostPort} dnat ip to ${containerIp}:${containerPort}`];
}

function sourceChain({ bridges }: NetworkState): string[] {
  return chain('nat_postrouting', 'nat hook postrouting priority srcnat', [
    ...bridges.flatMap(({ bridge, subnet, internal }) => [
      `oifname "${bridge}" ip saddr 127.0.0.0/8 masquerade`,
      /* A container that reaches itself or a neighbour by a published port: the answer must come back through us. */
      `oifname "${bridge}" ip saddr ${subnet} ct status dnat masquerade`,
      ...(internal ? [] : [`oifname != "${bridge}" ip saddr ${subnet} masquerade`]),
    ]),
  ]);
}

/** Into a bridge: from itself, answers, and what was published. Out of an internal one: nothing. */
function forwardChain({ bridges }: NetworkState): string[] {
  return chain('forward', 'filter hook forward priority filter', [
    'ct state established,related accept',
    ...bridges.map(({ bridge }) => `iifname "${bridge}" oifname "${bridge}" accept`),
    ...bridges.filter((b) => b.internal).flatMap(sealed),
    ...bridges.map(({ bridge }) => `oifname "${bridge}" ct status dnat accept`),
    ...bridges.map(({ bridge }) => `oifname "${bridge}" drop`),
  ]);
}

function sealed({ bridge }: BridgeSpec): string[] {
  return [`iifname "${bridge}" drop`, `oifname "${bridge}" drop`];
}

function chain(name: string, hook: string, rules: readonly string[]): string[] {
  return [`chain ${name} {`, `  type ${hook}; policy accept;`, ...rules.map((rule) => `  ${rule}`), '}'];
}
