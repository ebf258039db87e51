/**
 * Gives a new container its addresses on each of its networks.
 *
 * Leases are what the container records hold; nothing is awaited, so that two
 * containers made at once never share an address.
 */
import { BerthError } from '../base/errors.ts';
import type { Service, ServiceNetwork } from '../model/stack.ts';
import { allocateAddress, macFor, prefixOf } from '../network/addresses.ts';
import { positionOf } from './definition-diff.ts';
import type { Operation } from './ops/operation.ts';
import type { Attachment, ContainerRecord, NetworkRecord } from './records.ts';

/** Attachments in the order of the interfaces; `old`, which will be gone, may own a fixed address that is asked for again. */
export function allocateAttachments(
  operation: Operation,
  service: Service,
  old: ContainerRecord | undefined,
): Attachment[] {
  if (service.networkMode.kind !== 'networks') return [];
  const ordered = [...service.networks].sort((a, b) => b.priority - a.priority);
  const gatewayOn = [...ordered].sort((a, b) => b.gwPriority - a.gwPriority)[0];
  return ordered.map((wanted, index) => {
    const network = networkOf(operation, service, wanted);
    const address = addressOn(operation, service, { wanted, network, old });
    return {
      network: network.name,
      bridge: network.bridge,
      address,
      prefix: prefixOf(network.subnet),
      gateway: wanted === gatewayOn ? network.gateway : null,
      resolver: network.gateway,
      mac: wanted.macAddress ?? macFor(address),
      mtu: network.mtu,
      interfaceName: wanted.interfaceName ?? `eth${index}`,
      aliases: wanted.aliases.map((alias) => alias.toLowerCase()),
    };
  });
}

function networkOf({ world, stack, positions }: Operation, service: Service, wanted: ServiceNetwork): NetworkRecord {
  const declared = stack.networks.find((n) => n.key === wanted.network);
  const record = declared && world.store.networks.get(declared.name);
  if (record) return record;
  throw new BerthError(
    'NETWORK_NOT_FOUND',
    `service ${service.name}: network ${declared?.name ?? wanted.network} does not exist`,
    {
      at: positionOf(positions, `services.${service.name}.networks`),
      hint: declared?.external ? 'bring up the stack that owns it first' : undefined,
    },
  );
}

type Place = {
  readonly wanted: ServiceNetwork;
  readonly network: NetworkRecord;
  readonly old: ContainerRecord | undefined;
};

function addressOn({ world, positions }: Operation, service: Service, { wanted, network, old }: Place): string {
  const leases = world.store.containers
    .all()
    .filter((c) => c.id !== old?.id || wanted.ipv4Address === null)
    .flatMap((c) =>
      c.attachments.filter((a) => a.network === network.name).map((a) => ({ address: a.address, by: c.name })),
    );
  const taken = [network.gateway, ...leases.map((l) => l.address)];
  if (wanted.ipv4Address === null) return allocateAddress(network.subnet, taken);
  const holder =
    wanted.ipv4Address === network.gateway ? 'the gateway' : leases.find((l) => l.address === wanted.ipv4Address)?.by;
  if (holder === undefined) return wanted.ipv4Address;
  throw new BerthError(
    'NETWORK_FAILED',
    `service ${service.name}: address ${wanted.ipv4Address} is taken by ${holder}`,
    {
      at: positionOf(positions, `services.${service.name}.networks.${wanted.network}.ipv4_address`),
      hint: `choose another address of ${network.subnet}`,
    },
  );
}
