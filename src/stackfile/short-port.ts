/**
 * The short form of published ports: [[IP:]PUBLISHED:]TARGET[/PROTOCOL], each of which may be a range.
 *
 * Pure. An IPv6 address stands in brackets. Ranges of one length become a
 * mapping each; a range for one port stays: any of it will do.
 */
import { isIP } from 'node:net';

export type ShortPort = {
  readonly hostIp?: string;
  readonly published?: string;
  readonly target: number;
  readonly protocol: string;
};

type Range = { readonly first: number; readonly last: number };

const MAX_RANGE = 65_535;

/** A text is why it is none. */
export function parseShortPort(text: string): readonly ShortPort[] | string {
  const match = /^(?:(?:(\[[^\]]*\]|[^:[\]]*):)?([^:[\]]*):)?([^:/[\]]*)(?:\/([^:/]*))?$/.exec(text);
  if (!match) return 'is no port mapping';
  const [, ip = '', publishedText = '', targetText = '', protocol = 'tcp'] = match;
  const hostIp = ip.replace(/^\[|\]$/g, '');
  if (hostIp !== '' && isIP(hostIp) === 0) return `has no valid address: ${hostIp}`;
  if (!/^(tcp|udp|sctp)$/i.test(protocol)) return `has no valid protocol: ${protocol}`;
  const target = rangeOf(targetText);
  const published = publishedText === '' ? undefined : rangeOf(publishedText);
  if (!target || (publishedText !== '' && !published)) return 'has no valid port';
  return expand({ hostIp, protocol: protocol.toLowerCase(), target, published });
}

type Parsed = {
  readonly hostIp: string;
  readonly protocol: string;
  readonly target: Range;
  readonly published: Range | undefined;
};

function expand({ hostIp, protocol, target, published }: Parsed): readonly ShortPort[] | string {
  const count = target.last - target.first + 1;
  if (count > MAX_RANGE) return 'is too long a range';
  const common = { ...(hostIp === '' ? {} : { hostIp }), protocol };
  if (count === 1) {
    const text =
      published && (published.first === published.last ? `${published.first}` : `${published.first}-${published.last}`);
    return [{ ...common, target: target.first, ...(text === undefined ? {} : { published: text }) }];
  }
  if (published && published.last - published.first + 1 !== count) return 'has two ranges that differ in length';
  return Array.from({ length: count }, (_, i) => ({
    ...common,
    target: target.first + i,
    ...(published ? { published: String(published.first + i) } : {}),
  }));
}

function rangeOf(text: string): Range | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  return match && last <= 65_535 && first <= last ? { first, last } : undefined;
}
