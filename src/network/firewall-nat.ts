/**
 * Published ports as maps of nftables: where a packet to a host address and port goes.
 *
 * Pure. Each version of IP has maps of its own and leads to the container's
 * address of that version. What has no such address, and what the kernel does
 * not route ([::1], link-local addresses), is left to the bound sockets.
 * Version 6 is there only when a port has use for it.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { map } from './firewall-text.ts';
import type { PublishSpec } from './network.ts';

/** `published`: by one host address; `published_everywhere`: by each of this machine's; those of version 6 end in 6. */
export function publishedMaps(publishes: readonly PublishSpec[]): string[] {
  const version4 = elementsOf(publishes.flatMap(placesOf4));
  const version6 = elementsOf(publishes.flatMap(placesOf6));
  return [
    ...map('published', 'ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service', version4.single),
    ...map('published_everywhere', 'inet_proto . inet_service : ipv4_addr . inet_service', version4.everywhere),
    ...(isEmpty(version6) ? [] : maps6(version6)),
  ];
}

function maps6({ single, everywhere }: Elements): string[] {
  return [
    ...map('published6', 'ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service', single),
    ...map('published_everywhere6', 'inet_proto . inet_service : ipv6_addr . inet_service', everywhere),
  ];
}

/** Packets from outside to 127/8 never get this far; the rule does not rely on it. */
export function natRules(hook: 'prerouting' | 'output', publishes: readonly PublishSpec[]): string[] {
  const notLocal = hook === 'prerouting' ? 'ip daddr != 127.0.0.0/8 ' : '';
  return [
    `${notLocal}dnat ip to ip daddr . meta l4proto . th dport map @published`,
    `${notLocal}fib daddr type local dnat ip to meta l4proto . th dport map @published_everywhere`,
    ...(isEmpty(elementsOf(publishes.flatMap(placesOf6))) ? [] : natRules6()),
  ];
}

/** A sender that the kernel does not route (::1, link-local) would get no answer from a container: the bound sockets answer it. */
function natRules6(): string[] {
  const routed = 'ip6 saddr != { ::1, fe80::/10 } ip6 daddr != { ::1, fe80::/10 }';
  return [
    `${routed} dnat ip6 to ip6 daddr . meta l4proto . th dport map @published6`,
    `${routed} fib daddr type local dnat ip6 to meta l4proto . th dport map @published_everywhere6`,
  ];
}

/** `to`: null when the place is left to the bound socket. */
type Place = { readonly everywhere: boolean; readonly key: string; readonly to: string | null };

function placesOf4(publish: PublishSpec): Place[] {
  const { containerIp, containerPort, hostIps } = publish;
  const to = isIPv4(containerIp) ? `${containerIp} . ${containerPort}` : null;
  return hostIps.filter(isIPv4).map((hostIp) => ({ ...placeOf(publish, hostIp), to }));
}

function placesOf6(publish: PublishSpec): Place[] {
  const { containerIp6, containerPort, hostIps } = publish;
  const to = containerIp6 === undefined ? null : `${containerIp6} . ${containerPort}`;
  return hostIps.filter(isRouted6).map((hostIp) => ({ ...placeOf(publish, hostIp), to }));
}

function isRouted6(hostIp: string): boolean {
  return isIPv6(hostIp) && hostIp !== '::1' && !/^fe[89ab]/i.test(hostIp);
}

function placeOf({ protocol, hostPort }: PublishSpec, hostIp: string) {
  const everywhere = hostIp === '0.0.0.0' || hostIp === '::';
  const key = `${protocol} . ${hostPort}`;
  return { everywhere, key: everywhere ? key : `${hostIp} . ${key}` };
}

type Elements = { readonly single: readonly string[]; readonly everywhere: readonly string[] };

function elementsOf(places: readonly Place[]): Elements {
  return {
    single: firstOfEach(places.filter((place) => !place.everywhere)),
    everywhere: firstOfEach(places.filter((place) => place.everywhere)),
  };
}

function isEmpty({ single, everywhere }: Elements): boolean {
  return single.length === 0 && everywhere.length === 0;
}

/**
 * Two containers of one service have the same port while one replaces the other: the first one counts, as with the
 * bound sockets, also when it is one that they serve.
 */
function firstOfEach(places: readonly Place[]): string[] {
  const byKey = new Map<string, string | null>();
  for (const { key, to } of places) if (!byKey.has(key)) byKey.set(key, to);
  return [...byKey].flatMap(([key, to]) => (to === null ? [] : [`${key} : ${to}`]));
}
