/**
 * Gives a container one end on one network: addresses, hardware address, names.
 *
 * Used for what a stack file asks and for `network connect` alike. Nothing is
 * awaited between reading the leases and returning.
 */
import { BerthError, type SourcePos } from '../base/errors.ts';
import { type Family, familyOf } from '../model/cidr.ts';
import { allocateAddress, contains, isUsable, macFor, prefixOf } from '../network/addresses.ts';
import { addressesOf } from './attachments.ts';
import type { Attachment, ContainerRecord, NetworkRecord, RecordedSubnet } from './records.ts';
import type { World } from './world.ts';

export type EndWish = {
  readonly ipv4Address: string | null;
  readonly ipv6Address: string | null;
  readonly linkLocalIps: readonly string[];
  readonly macAddress: string | null;
  readonly aliases: readonly string[];
  readonly sysctls: Readonly<Record<string, string>>;
  readonly gwPriority: number;
  readonly interfaceName: string;
};

export type EndOptions = {
  readonly wish: EndWish;
  /** A container that will be gone: an address that it has may be asked for again. */
  readonly old: ContainerRecord | undefined;
  /** For messages: `service web`. */
  readonly who: string;
  /** Where a field of the wish was written. */
  readonly at: (field: string) => SourcePos | undefined;
};

/** Without default routes (default-routes.ts). ADDRESS_POOL_EMPTY, or NETWORK_FAILED for an address that can not be. */
export function allocateAttachment(world: World, network: NetworkRecord, options: EndOptions): Attachment {
  const { wish } = options;
  const { definition } = network;
  const place: Place = { world, network, options };
  const first = addressOf(place, 4, { asked: wish.ipv4Address, field: 'ipv4_address' });
  const second = addressOf(place, 6, { asked: wish.ipv6Address, field: 'ipv6_address' });
  const main = first?.address ?? second?.address;
  if (main === undefined) throw new Error(`network ${network.name} has no subnet`);
  return {
    network: network.name,
    bridge: network.bridge,
    macvlan:
      definition.driver === 'macvlan'
        ? { parent: definition.options.parent!, mode: definition.options.macvlanMode }
        : null,
    address: first?.address ?? null,
    prefix: first?.prefix ?? 0,
    address6: second?.address ?? null,
    prefix6: second?.prefix ?? 0,
    linkLocal: wish.linkLocalIps.map((ip) => `${ip}/${familyOf(ip) === 4 ? 16 : 64}`),
    gateway: null,
    gateway6: null,
    resolver: definition.driver === 'bridge' ? (first ?? second)!.gateway : null,
    mac: macOf(place, main),
    mtu: network.mtu,
    interfaceName: wish.interfaceName,
    isolated: !definition.options.icc,
    sysctls: wish.sysctls,
    aliases: wish.aliases.map((alias) => alias.toLowerCase()),
    byHand: false,
    gwPriority: wish.gwPriority,
    links: [],
  };
}

type Place = { readonly world: World; readonly network: NetworkRecord; readonly options: EndOptions };
type Lease = { readonly address: string; readonly by: string };
type Asked = { readonly asked: string | null; readonly field: string };
type Given = { readonly address: string; readonly prefix: number; readonly gateway: string };

function addressOf(place: Place, family: Family, { asked, field }: Asked): Given | undefined {
  const subnets = place.network.subnets.filter((s) => familyOf(s.subnet) === family);
  if (asked !== null) return fixedAddress(place, subnets, { asked, field });
  if (subnets.length === 0) return undefined;
  const taken = leasesOf(place).map((lease) => lease.address);
  for (const [index, subnet] of subnets.entries()) {
    try {
      return given(subnet, allocateAddress(subnet, taken));
    } catch (error) {
      const isFull = error instanceof BerthError && error.code === 'ADDRESS_POOL_EMPTY';
      if (!isFull || index === subnets.length - 1) throw error;
    }
  }
  return undefined;
}

function fixedAddress(place: Place, subnets: readonly RecordedSubnet[], { asked, field }: Asked & { asked: string }) {
  const { network, options } = place;
  const subnet = subnets.find((s) => contains(s.subnet, asked));
  const all = subnets.map((s) => s.subnet).join(' or ');
  if (!subnet || !isUsable(subnet.subnet, asked)) {
    const what = subnet
      ? `address ${asked} stands for all of ${subnet.subnet}`
      : `address ${asked} is none of ${network.name}`;
    throw failure(options, field, {
      message: what,
      hint: all === '' ? `give the network a subnet of version ${familyOf(asked)}` : `choose an address of ${all}`,
    });
  }
  const holder = leasesOf(place, { fixed: true }).find((lease) => lease.address === asked)?.by;
  if (holder === undefined) return given(subnet, asked);
  const message = `address ${asked} is taken by ${holder}`;
  throw failure(options, field, { message, hint: `choose another address of ${subnet.subnet}` });
}

function given(subnet: RecordedSubnet, address: string): Given {
  return { address, prefix: prefixOf(subnet.subnet), gateway: subnet.gateway };
}

/** What is taken on the network, and by whom. A fixed address may be that of the container that is being replaced. */
function leasesOf({ world, network, options }: Place, { fixed = false } = {}): Lease[] {
  const reserved = network.subnets.flatMap(({ gateway, auxAddresses }) => [
    { address: gateway, by: 'the gateway' },
    ...Object.entries(auxAddresses).map(([name, address]) => ({ address, by: `${name} (aux_addresses)` })),
  ]);
  const leased = world.store.containers
    .all()
    .filter((c) => !(fixed && c.id === options.old?.id))
    .flatMap((c) =>
      c.attachments
        .filter((a) => a.network === network.name)
        .flatMap((a) => addressesOf(a).map((address) => ({ address, by: c.name }))),
    );
  return [...reserved, ...leased];
}

/** A hardware address that somebody on the network has would cut both off now and then. */
function macOf({ world, network, options }: Place, address: string): string {
  const asked = options.wish.macAddress?.toLowerCase();
  if (asked === undefined) return macFor(address);
  const holder = world.store.containers
    .all()
    .find((c) => c.id !== options.old?.id && c.attachments.some((a) => a.network === network.name && a.mac === asked));
  if (!holder) return asked;
  const message = `hardware address ${asked} is taken by ${holder.name}`;
  throw failure(options, 'mac_address', { message, hint: 'choose another one, or leave it out' });
}

function failure({ who, at }: EndOptions, field: string, { message, hint }: { message: string; hint: string }) {
  return new BerthError('NETWORK_FAILED', `${who}: ${message}`, { at: at(field), hint });
}
