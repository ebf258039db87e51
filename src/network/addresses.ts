/**
 * IPv4 arithmetic: subnets out of the pool, addresses out of a subnet.
 *
 * Pure. Subnets are small (/24) and are taken from the top of 172.16.0.0/12
 * downward, so that the pool does not run dry and meets Docker's, which grows
 * from the bottom, last.
 */
import { BerthError } from '../base/errors.ts';

type Range = { readonly first: number; readonly last: number };

const POOLS: readonly Range[] = [rangeOf('172.16.0.0/12'), rangeOf('10.128.0.0/9'), rangeOf('192.168.128.0/17')];
const SUBNET_PREFIX = 24;
const SUBNET_SIZE = 2 ** (32 - SUBNET_PREFIX);

/** A free /24; ADDRESS_POOL_EMPTY when everything is occupied. */
export function allocateSubnet(occupied: readonly string[]): string {
  const taken = occupied.filter((cidr) => !cidr.includes(':')).map(rangeOf);
  for (const pool of POOLS) {
    for (let first = pool.last + 1 - SUBNET_SIZE; first >= pool.first; first -= SUBNET_SIZE) {
      const last = first + SUBNET_SIZE - 1;
      if (!taken.some((range) => range.first <= last && first <= range.last))
        return `${textOf(first)}/${SUBNET_PREFIX}`;
    }
  }
  throw new BerthError('ADDRESS_POOL_EMPTY', 'there is no free subnet left for a network', {
    hint: 'take stacks down that are not needed, or give the network a subnet of its own under `ipam`',
  });
}

/** The lowest free address after the gateway's; ADDRESS_POOL_EMPTY when all are taken. */
export function allocateAddress(subnet: string, taken: readonly string[]): string {
  const { first, last } = rangeOf(subnet);
  const used = new Set(taken.map(numberOf));
  for (let address = first + 2; address < last; address++) if (!used.has(address)) return textOf(address);
  throw new BerthError('ADDRESS_POOL_EMPTY', `all addresses of ${subnet} are taken`, {
    hint: 'give the network a larger subnet under `ipam`',
  });
}

/** The first address: our end of the bridge. */
export function gatewayOf(subnet: string): string {
  return textOf(rangeOf(subnet).first + 1);
}

/** Locally administered, and the same for the same address: neighbours' caches stay right over a restart. */
export function macFor(address: string): string {
  const bytes = [0x02, 0x42, ...address.split('.').map(Number)];
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

export function prefixOf(subnet: string): number {
  return Number(subnet.split('/')[1]);
}

/** Whether the subnet holds the address. */
export function contains(subnet: string, address: string): boolean {
  const { first, last } = rangeOf(subnet);
  const number = numberOf(address);
  return first <= number && number <= last;
}

function rangeOf(cidr: string): Range {
  const [address = '', prefix = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(prefix));
  const first = Math.floor(numberOf(address) / size) * size;
  return { first, last: first + size - 1 };
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function textOf(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}
