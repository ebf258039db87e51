/**
 * Places: one host address and port of a published port, and how places overlap.
 *
 * Pure. A wildcard address holds the port on every address of its family, so
 * that of two places of which one covers the other only the wider can be bound.
 */
import { isIPv6 } from 'node:net';
import { BerthError } from '../base/errors.ts';
import type { PublishSpec } from './network.ts';

export type Place = { readonly protocol: 'tcp' | 'udp'; readonly hostIp: string; readonly hostPort: number };

export type PublishPlace = Place &
  Omit<PublishSpec, 'hostIps'> & {
    /** The same port is published by version 4 too: a machine without version 6 can do without this one. */
    readonly optional: boolean;
  };

/**
 * The places to bind for `publishes`: each once, none that another one covers. Of two containers of one holder, as
 * while one replaces the other, the first one counts, as it does in the firewall. Throws PORT_TAKEN for two holders.
 */
export function placesToHold(publishes: readonly PublishSpec[]): PublishPlace[] {
  const all = publishes.flatMap(placesOf);
  const kept: PublishPlace[] = [];
  for (const place of all) {
    const rival = kept.find((other) => overlap(other, place));
    if (rival && rival.holder !== place.holder) throw portTaken(place, place.holder, rival.holder);
    if (kept.some((other) => covers(other, place))) continue;
    kept.push(place);
  }
  return kept.filter((place) => !kept.some((other) => other !== place && covers(other, place)));
}

export function placesOf(publish: PublishSpec): PublishPlace[] {
  const { hostIps, ...rest } = publish;
  const byVersion4 = hostIps.some((ip) => !isIPv6(ip));
  return hostIps.map((hostIp) => ({ ...rest, hostIp, optional: isIPv6(hostIp) && byVersion4 }));
}

/** Whether both can not be bound at once. */
export function overlap(one: Place, other: Place): boolean {
  return covers(one, other) || covers(other, one);
}

function covers(wide: Place, { protocol, hostIp, hostPort }: Place): boolean {
  if (wide.protocol !== protocol || wide.hostPort !== hostPort) return false;
  return wide.hostIp === hostIp || wide.hostIp === (isIPv6(hostIp) ? '::' : '0.0.0.0');
}

export function keyOf({ protocol, hostIp, hostPort }: Place): string {
  return `${protocol} ${hostIp} ${hostPort}`;
}

/** `wantedBy` may be empty: then the message names nobody. */
export function portTaken(place: Place, wantedBy: string, holder: string, cause?: unknown): BerthError {
  const wanted = wantedBy === '' ? '' : ` wanted by ${wantedBy}`;
  return new BerthError('PORT_TAKEN', `port ${textOf(place)}${wanted} is taken by ${holder}`, {
    hint: 'end that program, or publish another host port',
    cause,
  });
}

function textOf({ protocol, hostIp, hostPort }: Place): string {
  return `${isIPv6(hostIp) ? `[${hostIp}]` : hostIp}:${hostPort}/${protocol}`;
}
