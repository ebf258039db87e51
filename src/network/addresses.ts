/**
 * Subnets out of the pool, addresses out of a subnet.
 *
 * Pure. Subnets are small (/24) and are taken from the top of 172.16.0.0/12
 * downward, so that the pool does not run dry and meets Docker's, which grows
 * from the bottom, last. Those of version 6 are unique local ones (RFC 4193).
 */
import { BerthError } from '../base/errors.ts';
import {
  type AddressRange,
  addressNumber,
  addressText,
  type Cidr,
  cidrOf,
  cidrText,
  holds,
  overlap,
} from '../model/cidr.ts';

const POOLS: readonly Cidr[] = ['172.16.0.0/12', '10.128.0.0/9', '192.168.128.0/17'].map(cidrOf);
const SUBNET_PREFIX = 24;
const SUBNET_SIZE = 1n << BigInt(32 - SUBNET_PREFIX);

/** A range that a new subnet must not overlap: a route of the machine as CIDR, or that of a network of ours. */
export type Occupied = string | { readonly cidr: string; readonly network: string };

/** A free /24; ADDRESS_POOL_EMPTY, with how many are taken and by whom, when everything is occupied. */
export function allocateSubnet(occupants: readonly Occupied[]): string {
  const occupied = occupants.map(rangeOf);
  const taken = occupied.filter((cidr) => !cidr.includes(':')).map(cidrOf);
  /* Each of the small ones is in one subnet of ours: a thousand networks are not compared with each other. */
  const small = new Set(taken.filter(({ prefix }) => prefix >= SUBNET_PREFIX).map(({ first }) => first / SUBNET_SIZE));
  const large = taken.filter(({ prefix }) => prefix < SUBNET_PREFIX);
  for (const pool of POOLS) {
    for (let first = pool.last + 1n - SUBNET_SIZE; first >= pool.first; first -= SUBNET_SIZE) {
      const subnet: Cidr = { family: 4, first, last: first + SUBNET_SIZE - 1n, prefix: SUBNET_PREFIX };
      if (small.has(first / SUBNET_SIZE) || large.some((range) => overlap(range, subnet))) continue;
      return cidrText(subnet);
    }
  }
  throw new BerthError('ADDRESS_POOL_EMPTY', `there is no free subnet left for a network: ${occupation(occupants)}`, {
    hint: 'take stacks down that are not needed, or give the network a subnet of its own under `ipam`',
  });
}

function rangeOf(occupied: Occupied): string {
  return typeof occupied === 'string' ? occupied : occupied.cidr;
}

const NAMED = 5;

/** `all 36992 of the pool are taken, 1 by networks (shop_a), 1 by routes of this machine (10.0.0.0/8)`. */
function occupation(occupants: readonly Occupied[]): string {
  const total = POOLS.reduce((sum, pool) => sum + Number((pool.last - pool.first + 1n) / SUBNET_SIZE), 0);
  const inPool = occupants.filter((one) => POOLS.some((pool) => overlap(cidrOf(rangeOf(one)), pool)));
  const networks = inPool.flatMap((one) => (typeof one === 'string' ? [] : [one.network]));
  const routes = inPool.filter((one) => typeof one === 'string');
  const by = [
    `${networks.length} by networks${listed(networks)}`,
    `${routes.length} by routes of this machine${listed(routes)}`,
  ];
  return `all ${total} of the pool are taken, ${by.join(', ')}`;
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return '';
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return ` (${names.slice(0, NAMED).join(', ')}${more})`;
}

/** Tries to find a unique local subnet that nobody has: collisions of 56 random bits are a matter of the seed. */
const LOCAL_TRIES = 64;

/** A unique local /64 made of a network's id (hex digits), so that the same network has the same one. */
export function localSubnet(id: string, occupied: readonly string[]): string {
  const taken = occupied.filter((cidr) => cidr.includes(':')).map(cidrOf);
  const seed = BigInt(`0x${id.slice(0, 14)}`);
  for (let turn = 0n; turn < LOCAL_TRIES; turn++) {
    const bits = (0xfdn << 56n) | ((seed + turn) & ((1n << 56n) - 1n));
    const first = bits << 64n;
    const subnet: Cidr = { family: 6, first, last: first + (1n << 64n) - 1n, prefix: 64 };
    if (!taken.some((range) => overlap(range, subnet))) return cidrText(subnet);
  }
  throw new BerthError('ADDRESS_POOL_EMPTY', 'there is no free IPv6 subnet for a network', {
    hint: 'give the network an IPv6 subnet of its own under `ipam`',
  });
}

export type AddressPool = {
  readonly subnet: string;
  /** Part of the subnet to give out; absent: all of it. */
  readonly ipRange?: string | null;
};

/** The lowest free address; ADDRESS_POOL_EMPTY when all are taken. `taken` has the gateway and what is reserved too. */
export function allocateAddress(pool: AddressPool, taken: readonly string[]): string {
  const subnet = cidrOf(pool.subnet);
  const { first, last } = usableOf(subnet, pool.ipRange ? cidrOf(pool.ipRange) : subnet);
  const used = new Set(taken.filter((address) => holds(subnet, address)).map(addressNumber));
  for (let address = first; address <= last; address++) {
    if (!used.has(address)) return addressText(address, subnet.family);
  }
  throw new BerthError('ADDRESS_POOL_EMPTY', `all addresses of ${pool.ipRange ?? pool.subnet} are taken`, {
    hint: `give the network a larger ${pool.ipRange ? '`ip_range`' : 'subnet'} under \`ipam\``,
  });
}

/**
 * What may be given to interfaces: not the network's own address (of version 6: all routers', RFC 4291, 2.6.1), nor
 * the broadcast. Links between two have neither (RFC 3021, RFC 6164).
 */
function usableOf(subnet: Cidr, range: AddressRange): { readonly first: bigint; readonly last: bigint } {
  const isPair = subnet.last - subnet.first < 2n;
  const lowest = isPair ? subnet.first : subnet.first + 1n;
  const highest = isPair || subnet.family === 6 ? subnet.last : subnet.last - 1n;
  return {
    first: range.first > lowest ? range.first : lowest,
    last: range.last < highest ? range.last : highest,
  };
}

/** Whether an interface may have the address. */
export function isUsable(subnet: string, address: string): boolean {
  const cidr = cidrOf(subnet);
  const { first, last } = usableOf(cidr, cidr);
  return holds({ family: cidr.family, first, last }, address);
}

/** The first usable address, of `ipRange` where there is one: our end of the bridge. */
export function gatewayOf(subnet: string, taken: readonly string[] = []): string {
  return allocateAddress({ subnet }, taken);
}

/** Locally administered, and the same for the same address: neighbours' caches stay right over a restart. */
export function macFor(address: string): string {
  const number = addressNumber(address);
  /* Of version 6 the last 32 bits are what differs on one network. */
  const low = [24n, 16n, 8n, 0n].map((shift) => Number((number >> shift) & 0xffn));
  return [0x02, 0x42, ...low].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

export function prefixOf(subnet: string): number {
  return cidrOf(subnet).prefix;
}

/** Whether the subnet holds the address. */
export function contains(subnet: string, address: string): boolean {
  return holds(cidrOf(subnet), address);
}
