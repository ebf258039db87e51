/**
 * Gives a new network its subnets: those it asks for, and one of our choice for each version that has none.
 *
 * Pure. Subnets of our networks never overlap; one of our choice does not
 * overlap a route of the machine either.
 */
import { BerthError, type SourcePos } from '../base/errors.ts';
import { cidrOf, type Family, familyOf, overlap } from '../model/cidr.ts';
import type { NetworkDefinition, NetworkSubnet } from '../model/stack.ts';
import { allocateSubnet, gatewayOf, localSubnet } from '../network/addresses.ts';
import type { NetworkRecord, RecordedSubnet } from './records.ts';

export type SubnetsFor = {
  /** Of the new network, hex. */
  readonly id: string;
  /** For messages. */
  readonly key: string;
  /** Routes of the machine. */
  readonly occupied: readonly string[];
  readonly others: readonly NetworkRecord[];
  readonly at: (field: string) => SourcePos | undefined;
};

/** NETWORK_FAILED when a subnet that was asked for is another network's; ADDRESS_POOL_EMPTY. */
export function allocateSubnets(definition: NetworkDefinition, wanted: SubnetsFor): RecordedSubnet[] {
  const asked = definition.subnets;
  for (const subnet of asked) refuseOverlap(subnet, wanted);
  /* Those of a macvlan are the outside network's: berth can not choose them. */
  const chosen = ([4, 6] as const)
    .filter((family) => (family === 4 ? definition.enableIPv4 : definition.enableIPv6))
    .filter((family) => !asked.some((subnet) => familyOf(subnet.subnet) === family))
    .map((family) => choose(family, wanted));
  return [...asked, ...chosen].map(withGateway);
}

function choose(family: Family, { id, occupied, others }: SubnetsFor): NetworkSubnet {
  const ours = others.flatMap((n) => n.subnets.map((s) => ({ cidr: s.subnet, network: n.name })));
  /* A network that is up is among the routes too; it counts once. */
  const known = new Set(ours.map(({ cidr }) => cidr));
  const routes = occupied.filter((cidr) => !known.has(cidr));
  const subnet = family === 4 ? allocateSubnet([...ours, ...routes]) : localSubnet(id, [...known, ...routes]);
  return { subnet, gateway: null, ipRange: null, auxAddresses: {} };
}

function withGateway(subnet: NetworkSubnet): RecordedSubnet {
  return { ...subnet, gateway: subnet.gateway ?? gatewayOf(subnet.subnet, Object.values(subnet.auxAddresses)) };
}

function refuseOverlap({ subnet }: NetworkSubnet, { key, others, at }: SubnetsFor): void {
  const range = cidrOf(subnet);
  const other = others.find((n) => n.subnets.some((s) => overlap(cidrOf(s.subnet), range)));
  if (!other) return;
  const name = key === '' ? '' : `network ${key}: `;
  throw new BerthError('NETWORK_FAILED', `${name}subnet ${subnet} is taken by network ${other.name}`, {
    at: at('ipam'),
    hint: 'choose another subnet, or leave ipam out and berth picks a free one',
  });
}
