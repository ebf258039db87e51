/**
 * Binds a place, or says in a person's words why it can not be bound.
 */
import { errnoOf } from '../base/errors.ts';
import type { BoundPort } from './bound-port.ts';
import { bindTcp } from './bound-tcp.ts';
import { bindUdp } from './bound-udp.ts';
import { findPortHolder } from './port-holder.ts';
import { type Place, portTaken } from './port-places.ts';

type BindOptions = { readonly wantedBy: string; readonly optional: boolean };

/** PORT_TAKEN names the holder. Undefined when the place is optional and this machine does not have the address. */
export async function bindOrName(place: Place, { wantedBy, optional }: BindOptions): Promise<BoundPort | undefined> {
  try {
    return await bind(place);
  } catch (cause) {
    if (optional && isAbsent(cause)) return undefined;
    const holder = holderOf(place, cause);
    if (holder === undefined) throw cause;
    throw portTaken(place, wantedBy, holder, cause);
  }
}

/** Why it can not be bound, or undefined: tries, and lets go again at once. */
export async function reasonOf(place: Place, optional: boolean): Promise<string | undefined> {
  try {
    await (await bind(place)).close();
    return undefined;
  } catch (error) {
    if (optional && isAbsent(error)) return undefined;
    const holder = holderOf(place, error);
    if (holder === undefined) throw error;
    return holder;
  }
}

function bind({ protocol, hostIp, hostPort }: Place): Promise<BoundPort> {
  return protocol === 'tcp' ? bindTcp(hostIp, hostPort) : bindUdp(hostIp, hostPort);
}

/** Version 6 is switched off by a setting (no address) or a parameter of the kernel (no family). ipv6(7) */
function isAbsent(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === 'EADDRNOTAVAIL' || errno === 'EAFNOSUPPORT';
}

function holderOf(place: Place, error: unknown): string | undefined {
  switch (errnoOf(error)) {
    case 'EADDRINUSE':
      return findPortHolder(place) ?? 'another program';
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
      return `nobody: ${place.hostIp} is no address of this machine`;
    case 'EACCES':
      return 'the system: it takes root to bind it';
    default:
      return undefined;
  }
}
