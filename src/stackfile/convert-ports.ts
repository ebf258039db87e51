/**
 * Published ports: a mapping each, as the canonical form has them.
 */
import { isIP } from 'node:net';
import type { PortMapping } from '../model/stack.ts';
import { type Conversion, itemsOf, type Raw, rawOf, textOr } from './conversion.ts';

type Range = { readonly first: number; readonly last: number };

export function convertPorts(conversion: Conversion, service: Raw, path: string): PortMapping[] {
  return itemsOf(service.ports).flatMap(([index, item]) => portOf(conversion, rawOf(item), `${path}.ports[${index}]`));
}

function portOf({ report }: Conversion, item: Raw, place: string): PortMapping[] {
  const fault = (message: string, hint = 'ports are 1 to 65535') => {
    report.error(place, message, hint);
    return [];
  };
  const protocol = textOr(item.protocol, 'tcp');
  const hostIp = textOr(item.host_ip, null);
  const text = textOr(item.published, '');
  const target = rangeOf(textOr(item.target, ''));
  const published = text === '' ? null : rangeOf(text);
  if (item.target === undefined) return fault('a port needs `target`', 'write target: 80');
  if (protocol === 'sctp')
    return fault('sctp is not published by berth', 'use tcp or udp; on one network sctp needs no port');
  if (protocol !== 'tcp' && protocol !== 'udp') return fault(`"${protocol}" is no protocol`, 'use tcp or udp');
  if (hostIp !== null && isIP(hostIp) === 0) return fault(`"${hostIp}" is no address`, 'write 127.0.0.1 or [::1]');
  if (!target || published === undefined) return fault(`"${text}:${String(item.target)}" has no valid port`);
  return [{ protocol, target: target.first, published, hostIp }];
}

function rangeOf(text: string): Range | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  return match && first >= 1 && last <= 65_535 && first <= last ? { first, last } : undefined;
}
