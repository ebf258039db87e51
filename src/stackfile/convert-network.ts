/**
 * One network of the stack file -> the model's network.
 */
import { isIP } from 'node:net';
import { canonicalAddress, cidrText, familyOf, holds, parseAddress, parseCidr } from '../model/cidr.ts';
import { readNetworkOptions } from '../model/network-options.ts';
import type { NetworkSubnet, StackNetwork } from '../model/stack.ts';
import { booleanOr, type Conversion, itemsOf, labelsOf, mappingOf, type Raw, rawOf, textOr } from './conversion.ts';

/** Prefix lengths of a subnet that containers can live in. */
const PREFIXES = { 4: { least: 8, most: 30 }, 6: { least: 16, most: 126 } } as const;

export function convertNetwork(conversion: Conversion, key: string, raw: Raw): StackNetwork {
  const external = raw.external !== undefined && raw.external !== false && raw.external !== 'false';
  const oldName = typeof raw.external === 'object' ? textOr(rawOf(raw.external).name, null) : null;
  const driver = raw.driver === 'macvlan' ? 'macvlan' : 'bridge';
  const subnets = subnetsOf(conversion, key, raw);
  return {
    key,
    name: textOr(raw.name, oldName ?? (external ? key : `${conversion.stackName}_${key}`)),
    external,
    driver,
    internal: booleanOr(raw.internal, false),
    attachable: booleanOr(raw.attachable, false),
    ...versionsOf(conversion, key, { raw, subnets }),
    subnets,
    options: readNetworkOptions(driver, optionsOf(raw.driver_opts)).options,
    labels: labelsOf(raw.labels),
  };
}

/** Options as text, as drivers take them. */
export function optionsOf(written: unknown): Record<string, string> {
  return Object.fromEntries(mappingOf(written).map(([name, value]) => [name, value ?? '']));
}

type Versions = { readonly raw: Raw; readonly subnets: readonly NetworkSubnet[] };

/** A subnet of version 6 says that there is version 6, unless the file says no. */
function versionsOf({ report }: Conversion, key: string, { raw, subnets }: Versions) {
  const has = (family: 4 | 6) => subnets.some((s) => familyOf(s.subnet) === family);
  const enableIPv4 = booleanOr(raw.enable_ipv4, true);
  const enableIPv6 = booleanOr(raw.enable_ipv6, has(6));
  const place = `networks.${key}`;
  if (!enableIPv4 && !enableIPv6)
    report.error(`${place}.enable_ipv4`, `network ${key} has neither IPv4 nor IPv6`, 'switch one on');
  if (!enableIPv4 && has(4))
    report.error(`${place}.enable_ipv4`, `network ${key} has an IPv4 subnet, but no IPv4`, 'remove one of them');
  if (!enableIPv6 && has(6))
    report.error(`${place}.enable_ipv6`, `network ${key} has an IPv6 subnet, but no IPv6`, 'remove one of them');
  return { enableIPv4, enableIPv6 };
}

function subnetsOf(conversion: Conversion, key: string, raw: Raw): NetworkSubnet[] {
  const place = `networks.${key}.ipam.config`;
  const subnets = itemsOf(rawOf(raw.ipam).config).flatMap(([index, item]) => {
    const subnet = subnetOf(conversion, rawOf(item), `${place}[${index}]`);
    return subnet ? [subnet] : [];
  });
  for (const [index, { subnet }] of subnets.entries()) {
    const other = subnets.slice(0, index).find((before) => meets(before.subnet, subnet));
    if (other)
      conversion.report.error(place, `the subnets ${other.subnet} and ${subnet} overlap`, 'remove one of them');
  }
  return subnets;
}

function meets(one: string, other: string): boolean {
  const [a, b] = [parseCidr(one)!, parseCidr(other)!];
  return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

function subnetOf({ report }: Conversion, raw: Raw, place: string): NetworkSubnet | undefined {
  const written = textOr(raw.subnet, null);
  if (written === null) {
    report.error(place, 'an address range needs `subnet`', 'write it as 172.28.0.0/24');
    return undefined;
  }
  const cidr = /\/\d/.test(written) ? parseCidr(written) : undefined;
  const range = cidr && PREFIXES[cidr.family];
  if (!cidr || !range || cidr.prefix < range.least || cidr.prefix > range.most) {
    report.error(
      `${place}.subnet`,
      `"${written}" is no subnet for a network`,
      'write it as 172.28.0.0/24 or fd00:1::/64',
    );
    return undefined;
  }
  const subnet = cidrText(cidr);
  if (parseAddress(written.split('/')[0]!) !== cidr.first) {
    report.error(`${place}.subnet`, `"${written}" is an address, not a subnet`, `write it as ${subnet}`);
    return undefined;
  }
  const addressIn = (value: string, at: string): string => {
    if (isIP(value) !== 0 && holds(cidr, value)) return canonicalAddress(value);
    report.error(at, `"${value}" is no address of ${subnet}`);
    return value;
  };
  const gateway = textOr(raw.gateway, null);
  return {
    subnet,
    gateway: gateway === null ? null : addressIn(gateway, `${place}.gateway`),
    ipRange: rangeOf(report, { written: textOr(raw.ip_range, null), subnet, place }),
    auxAddresses: Object.fromEntries(
      mappingOf(raw.aux_addresses).map(([name, value]) => [
        name,
        addressIn(value ?? '', `${place}.aux_addresses.${name}`),
      ]),
    ),
  };
}

type RangeOf = { readonly written: string | null; readonly subnet: string; readonly place: string };

function rangeOf(report: Conversion['report'], { written, subnet, place }: RangeOf): string | null {
  if (written === null) return null;
  const [range, whole] = [parseCidr(written), parseCidr(subnet)!];
  if (range && range.family === whole.family && whole.first <= range.first && range.last <= whole.last)
    return cidrText(range);
  report.error(`${place}.ip_range`, `"${written}" is no part of ${subnet}`, 'write it as 172.28.0.128/25');
  return null;
}
