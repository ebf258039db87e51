/**
 * Names and their addresses, as one container sees them.
 *
 * Pure but for the turn of the round robin.
 */
import { type Cidr, canonicalAddress, cidrOf, familyOf, holds } from '../model/cidr.ts';
import type { NameSpec, OwnName } from './network.ts';

export type Found = {
  readonly version4: readonly string[];
  readonly version6: readonly string[];
};

export type NameTable = {
  /** Addresses of a name, in turn; undefined when the name is not ours. One that nobody has now has none. */
  find(name: string): Found | undefined;
  /** `nobody`: an address of ours that no container has; undefined: not ours. */
  nameOf(address: string): { readonly kind: 'name'; readonly name: string } | { readonly kind: 'nobody' } | undefined;
};

export type TableOptions = {
  readonly names: readonly NameSpec[];
  /** Names that hide those of others, and by which no address is called backwards. */
  readonly own?: readonly OwnName[];
  /** Addresses that the machine itself has on this network. */
  readonly gateways: readonly string[];
  /** Subnets of all networks that are seen. */
  readonly subnets: readonly string[];
};

/** What Docker calls the machine, and our own word for it. */
export const MACHINE_NAMES: readonly string[] = [
  'host.docker.internal',
  'gateway.docker.internal',
  'host.berth.internal',
];

type Entry = { readonly version4: string[]; readonly version6: string[] };

export function nameTable({ names, own = [], gateways, subnets }: TableOptions): NameTable {
  const byName = new Map<string, Entry>();
  const byAddress = new Map<string, string>();
  for (const name of MACHINE_NAMES) for (const address of gateways) put(byName, name, address);
  for (const address of gateways) byAddress.set(canonicalAddress(address), MACHINE_NAMES[0]!);
  for (const { name, address } of names) {
    put(byName, name, address);
    if (address !== null && !byAddress.has(address)) byAddress.set(address, name);
  }
  for (const { name } of own) byName.delete(name);
  for (const { name, address } of own) put(byName, name, address);
  const ranges: readonly Cidr[] = subnets.map(cidrOf);
  return {
    find(name) {
      const entry = byName.get(name.toLowerCase().replace(/\.$/, ''));
      if (!entry) return undefined;
      turn(entry.version4);
      turn(entry.version6);
      return entry;
    },
    nameOf(address) {
      const name = byAddress.get(address);
      if (name !== undefined) return { kind: 'name', name };
      return ranges.some((range) => holds(range, address)) ? { kind: 'nobody' } : undefined;
    },
  };
}

function put(byName: Map<string, Entry>, name: string, address: string | null): void {
  const entry = byName.get(name) ?? { version4: [], version6: [] };
  byName.set(name, entry);
  if (address === null) return;
  const list = familyOf(address) === 4 ? entry.version4 : entry.version6;
  if (!list.includes(address)) list.push(address);
}

function turn(addresses: string[]): void {
  if (addresses.length > 1) addresses.push(addresses.shift()!);
}
