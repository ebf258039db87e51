/**
 * Flags of `network create` -> what is asked of the network.
 */
import { BerthError } from '../../base/errors.ts';
import { type Cidr, canonicalAddress, cidrText, familyOf, holds, parseAddress, parseCidr } from '../../model/cidr.ts';
import { readNetworkOptions } from '../../model/network-options.ts';
import type { NetworkDefinition, NetworkSubnet } from '../../model/stack.ts';

export type NetworkFlags = {
  readonly driver: string;
  readonly opt?: readonly string[];
  readonly subnet?: readonly string[];
  readonly gateway?: readonly string[];
  readonly 'ip-range'?: readonly string[];
  readonly 'aux-address'?: readonly string[];
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly label?: readonly string[];
};

/** USAGE for what does not fit. */
export function networkDefinition(flags: NetworkFlags): NetworkDefinition {
  const driver = driverOf(flags.driver);
  const { options, faults } = readNetworkOptions(driver, Object.fromEntries((flags.opt ?? []).map(pairOf)));
  const [fault] = faults;
  if (fault) throw new BerthError('USAGE', fault.message, { hint: fault.hint });
  if (driver === 'macvlan' && options.parent === null)
    throw new BerthError('USAGE', 'a macvlan network needs a link of this machine', {
      hint: 'name it: -o parent=eth0',
    });
  const subnets = subnetsOf(flags);
  const has6 = subnets.some((s) => familyOf(s.subnet) === 6);
  if (!flags.ipv4 && !flags.ipv6 && !has6)
    throw new BerthError('USAGE', 'a network needs IPv4 or IPv6', { hint: 'add --ipv6' });
  if (!flags.ipv4 && subnets.some((s) => familyOf(s.subnet) === 4))
    throw new BerthError('USAGE', 'an IPv4 subnet needs IPv4', { hint: 'remove --no-ipv4' });
  return {
    driver,
    internal: flags.internal,
    attachable: flags.attachable,
    enableIPv4: flags.ipv4,
    enableIPv6: flags.ipv6 || has6,
    subnets,
    options,
    labels: Object.fromEntries((flags.label ?? []).map(pairOf)),
  };
}

function driverOf(driver: string): 'bridge' | 'macvlan' {
  if (driver === 'bridge' || driver === 'macvlan') return driver;
  throw new BerthError('USAGE', `there is no network driver ${driver}`, { hint: 'use bridge or macvlan' });
}

function pairOf(text: string): [string, string] {
  const [key = '', value = ''] = text.split(/=(.*)/s);
  return [key, value];
}

type Draft = { -readonly [Key in keyof NetworkSubnet]: NetworkSubnet[Key] } & { readonly cidr: Cidr };

/** Each of the other flags belongs to the subnet that holds it. */
function subnetsOf(flags: NetworkFlags): NetworkSubnet[] {
  const drafts = (flags.subnet ?? []).map(draftOf);
  for (const [index, { cidr, subnet }] of drafts.entries()) {
    const other = drafts
      .slice(0, index)
      .find((d) => d.cidr.family === cidr.family && d.cidr.first <= cidr.last && cidr.first <= d.cidr.last);
    if (other) throw new BerthError('USAGE', `the subnets ${other.subnet} and ${subnet} overlap`);
  }
  const find = (flag: string, text: string, address: string): Draft => {
    const draft = drafts.find((d) => parseAddress(address) !== undefined && holds(d.cidr, address));
    if (draft) return draft;
    throw new BerthError('USAGE', `--${flag} ${text} is in no subnet of the network`, { hint: 'add --subnet' });
  };
  for (const gateway of flags.gateway ?? []) find('gateway', gateway, gateway).gateway = canonicalAddress(gateway);
  for (const range of flags['ip-range'] ?? []) {
    const cidr = parseCidr(range);
    const draft = find('ip-range', range, range.split('/')[0]!);
    if (!cidr || cidr.first < draft.cidr.first || cidr.last > draft.cidr.last)
      throw new BerthError('USAGE', `--ip-range ${range} is no part of ${draft.subnet}`);
    draft.ipRange = cidrText(cidr);
  }
  for (const [name, address] of (flags['aux-address'] ?? []).map(pairOf)) {
    const draft = find('aux-address', `${name}=${address}`, address);
    draft.auxAddresses = { ...draft.auxAddresses, [name]: canonicalAddress(address) };
  }
  return drafts.map(({ cidr: _, ...subnet }) => subnet);
}

function draftOf(text: string): Draft {
  const cidr = text.includes('/') ? parseCidr(text) : undefined;
  if (cidr && cidr.prefix >= 8 && cidr.prefix <= (cidr.family === 4 ? 30 : 126)) {
    return { subnet: cidrText(cidr), gateway: null, ipRange: null, auxAddresses: {}, cidr };
  }
  throw new BerthError('USAGE', `--subnet ${text} is no subnet for a network`, {
    hint: 'write it as 172.28.0.0/24 or fd00:1::/64',
  });
}
