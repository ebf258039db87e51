/**
 * What a container may send on its bridge: frames with its own addresses, and nothing that speaks for others.
 *
 * Pure. The bridge port lets only the container's hardware address in (it is
 * locked, see runtime/network-ops.ts); these rules tie that address to the
 * protocol addresses: of IPv4, ARP (RFC 826), IPv6 and neighbour discovery
 * (RFC 4861). Other protocols have no business here: a VLAN tag would hide the
 * rest from these rules.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { portPrefix } from './bridge-name.ts';
import { chain, set } from './firewall-text.ts';
import { linkLocalOf, rawAddress } from './link-local.ts';
import type { EndSpec } from './network.ts';

export function guardTable(tag: string, ends: readonly EndSpec[]): string[] {
  const checked = ends.filter((end) => !end.forwards);
  return [
    ...set('senders', 'ether_addr . ipv4_addr', pairsOf(checked, isIPv4)),
    ...set('senders6', 'ether_addr . ipv6_addr', pairsOf(checked.map(withLinkLocal), isIPv6)),
    ...set('answerers', 'ether_addr . ether_addr . ipv4_addr', answerers(ends)),
    /* A container that was made to forward sends what others have written, but speaks for no neighbour. */
    ...set('forwarders', 'ether_addr', unique(ends.filter((end) => end.forwards).map((end) => end.mac))),
    ...plainChain('neighbours', neighbourRules(ends)),
    ...plainChain('sent', [
      'ether type ip ether saddr . ip saddr @senders accept',
      'ether type arp ether saddr . arp saddr ether . arp saddr ip @answerers accept',
      'ether type ip6 meta l4proto ipv6-icmp jump neighbours',
      'ether type ip6 ether saddr . ip6 saddr @senders6 accept',
      'ether type { ip, ip6 } ether saddr @forwarders accept',
      'drop',
    ]),
    ...chain('guard', 'filter hook prerouting priority -300', [`iifname "${portPrefix(tag)}*" jump sent`]),
  ];
}

function plainChain(name: string, rules: readonly string[]): string[] {
  return [`chain ${name} {`, ...rules.map((rule) => `  ${rule}`), '}'];
}

/**
 * Only the machine is a router. An advertisement names the address it speaks for after eight bytes; before a container
 * has an address it asks from none (RFC 4862), and says which groups it is in (RFC 3810).
 */
function neighbourRules(ends: readonly EndSpec[]): string[] {
  const own = ends.map(({ mac, addresses }) => {
    const targets = [linkLocalOf(mac), ...addresses.filter(isIPv6)].map(rawAddress);
    return `icmpv6 type nd-neighbor-advert ether saddr ${mac} @th,64,128 { ${targets.join(', ')} } accept`;
  });
  return [
    'icmpv6 type { nd-router-advert, nd-redirect } drop',
    ...unique(own),
    'icmpv6 type nd-neighbor-advert drop',
    'ip6 saddr :: icmpv6 type { nd-neighbor-solicit, nd-router-solicit, mld2-listener-report, mld-listener-report } accept',
  ];
}

function withLinkLocal(end: EndSpec): EndSpec {
  return { ...end, addresses: [...end.addresses, linkLocalOf(end.mac)] };
}

function pairsOf(ends: readonly EndSpec[], isWanted: (address: string) => boolean): string[] {
  return unique(ends.flatMap(({ mac, addresses }) => addresses.filter(isWanted).map((ip) => `${mac} . ${ip}`)));
}

/** From no address too: that is how one asks whether an address is free (RFC 5227). */
function answerers(ends: readonly EndSpec[]): string[] {
  return unique(
    ends.flatMap(({ mac, addresses }) =>
      ['0.0.0.0', ...addresses.filter(isIPv4)].map((ip) => `${mac} . ${mac} . ${ip}`),
    ),
  );
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
