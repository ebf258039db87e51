/**
 * Gives a new container its ends on each of its networks.
 *
 * Leases are what the container records hold; nothing is awaited, so that two
 * containers made at once never share an address.
 */
import { BerthError } from '../base/errors.ts';
import type { Service, ServiceNetwork } from '../model/stack.ts';
import { allocateAttachment, type EndWish } from './allocate-attachment.ts';
import { defaultRoutes } from './default-routes.ts';
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
  const names = interfaceNames(ordered);
  const attachments: Attachment[] = [];
  for (const [index, wanted] of ordered.entries()) {
    const network = networkOf(operation, service, wanted);
    const wish = wishOf(wanted, names[index]!);
    attachments.push(
      allocateAttachment(operation.world, network, {
        wish,
        old,
        who: `service ${service.name}`,
        at: (field) => positionOf(operation.positions, `services.${service.name}.networks.${wanted.network}.${field}`),
      }),
    );
  }
  return defaultRoutes(operation.world, attachments);
}

function wishOf(wanted: ServiceNetwork, interfaceName: string): EndWish {
  const { ipv4Address, ipv6Address, linkLocalIps, macAddress, aliases, sysctls, gwPriority } = wanted;
  return { ipv4Address, ipv6Address, linkLocalIps, macAddress, aliases, sysctls, gwPriority, interfaceName };
}

/** `eth0`, `eth1` ... around the names that were asked for. */
function interfaceNames(networks: readonly ServiceNetwork[]): string[] {
  const taken = new Set(networks.map((n) => n.interfaceName));
  let next = 0;
  return networks.map(({ interfaceName }) => {
    if (interfaceName !== null) return interfaceName;
    while (taken.has(`eth${next}`)) next++;
    return `eth${next++}`;
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
      hint: declared?.external
        ? `bring up the stack that owns it first, or run \`berth network create ${declared.name}\``
        : undefined,
    },
  );
}
