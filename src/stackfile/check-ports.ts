/**
 * Ports of the host that two mappings of one file publish.
 */
import type { PortMapping, Service } from '../model/stack.ts';
import type { Conversion } from './conversion.ts';

type Published = { readonly service: string; readonly port: PortMapping; readonly path: string };

export function checkPorts(conversion: Conversion, services: readonly Service[]): void {
  /* By number: comparing each with each would take minutes for a large range. */
  const seen = new Map<string, Published[]>();
  for (const { name, ports } of services) {
    for (const [index, port] of ports.entries()) {
      if (!port.published) continue;
      const path = `services.${name}.ports[${index}]`;
      const key = `${port.published.first}/${port.protocol}`;
      const earlier = seen.get(key) ?? [];
      const other = earlier.find((one) => meet(one.port, port));
      if (other) reportMeeting(conversion, other, { service: name, port, path });
      seen.set(key, [...earlier, { service: name, port, path }]);
    }
  }
}

function reportMeeting({ report }: Conversion, other: Published, { service, port, path }: Published): void {
  const whose = other.service === service ? 'twice' : `and by service ${other.service}`;
  const message = `port ${port.published?.first} is published by service ${service} ${whose}`;
  report.error(path, message, 'choose another port of the host');
}

/** A range is no claim on one port: each replica takes a free one of it. */
function meet(a: PortMapping, b: PortMapping): boolean {
  if (!a.published || !b.published || a.protocol !== b.protocol) return false;
  if (a.published.first !== a.published.last || b.published.first !== b.published.last) return false;
  return a.published.first === b.published.first && addressesMeet(a.hostIp, b.hostIp);
}

/** The default is 127.0.0.1 and ::1; the address of all is on each of its family. */
function addressesMeet(a: string | null, b: string | null): boolean {
  const [left, right] = [addressesOf(a), addressesOf(b)];
  return left.some((one) => right.some((other) => one === other || isAll(one, other) || isAll(other, one)));
}

function addressesOf(hostIp: string | null): string[] {
  if (hostIp === 'all') return ['0.0.0.0', '::'];
  return hostIp === null ? ['127.0.0.1', '::1'] : [hostIp];
}

function isAll(address: string, other: string): boolean {
  return other.includes(':') ? address === '::' : address === '0.0.0.0';
}
