/**
 * Published ports as maps of nftables: where a packet to a host address and port goes.
 *
 * Pure. Addresses of version 4 only: what [::1] and other addresses of version
 * 6 get is forwarded by the bound sockets, unless the container has one too.
 */
import { isIPv4 } from 'node:net';
import { map } from './firewall-text.ts';
import type { PublishSpec } from './network.ts';

const ALL_ADDRESSES = '0.0.0.0';

/** `published`: by one host address; `published_everywhere`: by each of this machine's. */
export function publishedMaps(publishes: readonly PublishSpec[]): string[] {
  const elements = publishes
    .filter((publish) => isIPv4(publish.containerIp))
    .flatMap((publish) => publish.hostIps.filter(isIPv4).map((hostIp) => elementOf(publish, hostIp)));
  const [everywhere, single] = [elements.filter((e) => e.everywhere), elements.filter((e) => !e.everywhere)];
  return [
    ...map('published', 'ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service', firstOfEach(single)),
    ...map('published_everywhere', 'inet_proto . inet_service : ipv4_addr . inet_service', firstOfEach(everywhere)),
  ];
}

/** Packets from outside to 127/8 never get this far; the rule does not rely on it. */
export function natRules(hook: 'prerouting' | 'output'): string[] {
  const notLocal = hook === 'prerouting' ? 'ip daddr != 127.0.0.0/8 ' : '';
  return [
    `${notLocal}dnat ip to ip daddr . meta l4proto . th dport map @published`,
    `${notLocal}fib daddr type local dnat ip to meta l4proto . th dport map @published_everywhere`,
  ];
}

type Element = { readonly everywhere: boolean; readonly key: string; readonly to: string };

function elementOf({ protocol, hostPort, containerIp, containerPort }: PublishSpec, hostIp: string): Element {
  const everywhere = hostIp === ALL_ADDRESSES;
  const key = `${protocol} . ${hostPort}`;
  return { everywhere, key: everywhere ? key : `${hostIp} . ${key}`, to: `${containerIp} . ${containerPort}` };
}

/** Two containers of one service have the same port while one replaces the other: the first one counts. */
function firstOfEach(elements: readonly Element[]): string[] {
  const byKey = new Map<string, string>();
  for (const { key, to } of elements) if (!byKey.has(key)) byKey.set(key, to);
  return [...byKey].map(([key, to]) => `${key} : ${to}`);
}
