/**
 * Published ports: short and long forms, ranges written out.
 */
import { isIP } from 'node:net';
import type { PortMapping } from '../model/stack.ts';
import { type Conversion, itemsOf, type Raw } from './conversion.ts';

type Range = { readonly first: number; readonly last: number };

const MAX_RANGE = 1000;

export function convertPorts(conversion: Conversion, service: Raw, path: string): PortMapping[] {
  const result: PortMapping[] = [];
  for (const [index, item] of itemsOf(service.ports)) {
    const place = `${path}.ports[${index}]`;
    const mappings =
      typeof item === 'object' ? longForm(conversion, item as Raw, place) : shortForm(conversion, String(item), place);
    /* Messages count mappings, the file may have ranges. */
    for (const mapping of mappings) conversion.alias(`${path}.ports[${result.push(mapping) - 1}]`, place);
  }
  return result;
}

/** [[IP:]PUBLISHED:]TARGET[/PROTOCOL]; an IPv6 address stands in brackets. */
function shortForm(conversion: Conversion, text: string, place: string): PortMapping[] {
  const match = /^(?:(?:(\[[^\]]+\]|[^:[\]]+):)?([\d-]*):)?([\d-]+)(?:\/(\w+))?$/.exec(text);
  const [, ip, publishedText, targetText = '', protocol = 'tcp'] = match ?? [];
  if (!match) return fault(conversion, place, `"${text}" is no port mapping`);
  const hostIp = ip === undefined ? null : ip.replace(/^\[|\]$/g, '');
  return expand(conversion, { hostIp, published: publishedText ?? '', target: targetText, protocol, text }, place);
}

function longForm(conversion: Conversion, item: Raw, place: string): PortMapping[] {
  if (item.target === undefined) return fault(conversion, place, 'a port needs `target`', 'write target: 80');
  const text = `${String(item.published ?? '')}:${String(item.target)}`;
  const hostIp = item.host_ip === undefined ? null : String(item.host_ip);
  return expand(
    conversion,
    {
      hostIp,
      published: String(item.published ?? ''),
      target: String(item.target),
      protocol: String(item.protocol ?? 'tcp'),
      text,
    },
    place,
  );
}

type Written = {
  readonly hostIp: string | null;
  readonly published: string;
  readonly target: string;
  readonly protocol: string;
  readonly text: string;
};

function expand(conversion: Conversion, written: Written, place: string): PortMapping[] {
  const { hostIp, protocol, text } = written;
  const target = rangeOf(written.target);
  const published = written.published === '' ? null : rangeOf(written.published);
  if (protocol !== 'tcp' && protocol !== 'udp')
    return fault(conversion, place, `"${protocol}" is no protocol`, 'use tcp or udp');
  if (hostIp !== null && isIP(hostIp) === 0) return fault(conversion, place, `"${hostIp}" is no address`);
  if (!target || published === undefined)
    return fault(conversion, place, `"${text}" has no valid port`, 'ports are 1 to 65535');
  const count = target.last - target.first + 1;
  if (count > MAX_RANGE) return fault(conversion, place, `"${text}" is a range of more than ${MAX_RANGE} ports`);
  if (count === 1) return [{ protocol, target: target.first, published, hostIp }];
  if (published && published.last - published.first + 1 !== count)
    return fault(conversion, place, `the ranges of "${text}" differ in length`);
  return Array.from({ length: count }, (_, i) => {
    const port = published && { first: published.first + i, last: published.first + i };
    return { protocol, target: target.first + i, published: port, hostIp };
  });
}

function rangeOf(text: string): Range | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  return match && first >= 1 && last <= 65_535 && first <= last ? { first, last } : undefined;
}

function fault(
  conversion: Conversion,
  place: string,
  message: string,
  hint = 'write "8080:80", "127.0.0.1:8080:80" or "80"',
): PortMapping[] {
  conversion.report.error(place, message, hint);
  return [];
}
