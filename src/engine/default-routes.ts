/**
 * Which of a container's networks is its way out, for each version of IP.
 */

import { familyOf } from '../model/cidr.ts';
import { contains } from '../network/addresses.ts';
import type { Attachment, NetworkRecord } from './records.ts';
import type { World } from './world.ts';

/**
 * The same attachments with their default routes: by the network of the highest gw_priority that has a way out, of
 * equal ones the first. Without any, a packet for elsewhere is refused at once instead of being lost.
 */
export function defaultRoutes(world: World, attachments: readonly Attachment[]): Attachment[] {
  const ranked = [...attachments].sort((a, b) => b.gwPriority - a.gwPriority);
  const networkOf = (a: Attachment) => world.store.networks.get(a.network);
  const way4 = ranked.find((a) => a.address !== null && leadsOut(networkOf(a)));
  const way6 = ranked.find((a) => a.address6 !== null && leadsOut(networkOf(a)));
  return attachments.map((a) => ({
    ...a,
    gateway: a === way4 ? gatewayFor(networkOf(a), a.address!) : null,
    gateway6: a === way6 ? gatewayFor(networkOf(a), a.address6!) : null,
  }));
}

function leadsOut(network: NetworkRecord | undefined): boolean {
  return network !== undefined && !network.definition.internal;
}

/** That of the subnet the address is of. */
function gatewayFor(network: NetworkRecord | undefined, address: string): string | null {
  const subnet = network?.subnets.find((s) => contains(s.subnet, address));
  return subnet?.gateway ?? network?.subnets.find((s) => familyOf(s.subnet) === familyOf(address))?.gateway ?? null;
}
