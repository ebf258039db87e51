/**
 * Published ports: a mapping each, as the canonical form has them.
 */
import { isIP } from 'node:net';
import type { PortMapping } from '../model/stack.ts';
import { type Conversion, itemsOf, type Raw, rawOf, textOr } from './conversion.ts';

const VARIABLE = 'BERTH_PUBLISH_ADDRESS';

type Range = { readonly first: number; readonly last: number };

type PortsSource = {
  readonly raw: Raw;
  readonly path: string;
  /** For ports that name no address; null: the default. */
  readonly address: string | null;
};

export function convertPorts(conversion: Conversion, { raw, path, address }: PortsSource): PortMapping[] {
  return itemsOf(raw.ports)
    .flatMap(([index, item]) => portOf(conversion, rawOf(item), `${path}.ports[${index}]`))
    .map((port) => ({ ...port, hostIp: port.hostIp ?? address }));
}

/** The file's wish, else the person's: BERTH_PUBLISH_ADDRESS. `all` or an address; null: neither says any. */
export function convertPublishAddress({ report, variables }: Conversion, top: Raw): string | null {
  const said = textOr(rawOf(top['x-berth'])['publish-address'], null);
  const address = said ?? (variables[VARIABLE] || null);
  if (address === null || address === 'all' || isIP(address) !== 0) return address;
  const hint = 'write `all`, or an address of this machine like 192.0.2.1';
  if (said === null) report.error('services', `${VARIABLE}: "${address}" is no address`, hint);
  else report.error('x-berth.publish-address', `"${address}" is no address`, hint);
  return null;
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
