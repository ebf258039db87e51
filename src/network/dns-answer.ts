/**
 * Answers from our own names; what they do not cover is for others.
 *
 * Pure but for the turn of the round robin. RFC 1035.
 */
import { type Answer, AUTHORITATIVE_ANSWER, type DecodedPacket, decode, encode, RECURSION_AVAILABLE } from 'dns-packet';
import type { NameSpec } from './network.ts';

/** Short: a container's address changes when it is replaced. */
const TTL_SECONDS = 5;
const NXDOMAIN = 3;
const NOT_IMPLEMENTED = 4;
/** Copied from the query into its answer: RD and the kind of request, 0 for a question. */
const RECURSION_DESIRED = 1 << 8;
const OPCODE = 0x7800;
const HEADER_BYTES = 12;
const UDP_BYTES = 512;
/** TC: the answer was cut. */
const TRUNCATED = 1 << 9;

export type NameTable = {
  /** Addresses of a name, in turn; undefined when the name is not ours. */
  addressesOf(name: string): readonly string[] | undefined;
  nameOf(address: string): string | undefined;
};

/** The names of one bridge. `gateway` answers to the machine's own names. */
export function nameTable(names: readonly NameSpec[], gateway: string): NameTable {
  const byName = new Map<string, string[]>([
    ['host.docker.internal', [gateway]],
    ['gateway.docker.internal', [gateway]],
    ['host.berth.internal', [gateway]],
  ]);
  const byAddress = new Map<string, string>();
  for (const { name, address } of names) {
    const known = byName.get(name);
    if (!known) byName.set(name, [address]);
    else if (!known.includes(address)) known.push(address);
    if (!byAddress.has(address)) byAddress.set(address, name);
  }
  return {
    addressesOf(name) {
      const addresses = byName.get(name.toLowerCase().replace(/\.$/, ''));
      if (addresses && addresses.length > 1) addresses.push(addresses.shift()!);
      return addresses;
    },
    nameOf: (address) => byAddress.get(address),
  };
}

export type Verdict =
  | { readonly kind: 'answer'; readonly packet: Buffer }
  /** Not ours: somebody else may know. */
  | { readonly kind: 'forward' }
  /** No question of the kind we serve. */
  | { readonly kind: 'drop' };

/** What to do with a query. */
export function answerQuery(query: Buffer, table: NameTable): Verdict {
  const packet = decodeQuery(query);
  const question = packet?.questions?.[0];
  if (!packet || !question) return { kind: 'drop' };
  if (((packet.flags ?? 0) & OPCODE) !== 0) return { kind: 'answer', packet: failure(packet, NOT_IMPLEMENTED) };
  if (question.type === 'PTR') {
    const name = table.nameOf(addressOfPtr(question.name));
    if (name === undefined) return { kind: 'forward' };
    return reply(packet, [{ type: 'PTR', name: question.name, ttl: TTL_SECONDS, data: name }]);
  }
  const addresses = table.addressesOf(question.name);
  if (!addresses) return { kind: 'forward' };
  /* A name of ours has no other records: an empty answer stops the asker from looking elsewhere. */
  const answers = question.type === 'A' ? addresses : [];
  return reply(
    packet,
    answers.map((data): Answer => ({ type: 'A', name: question.name, ttl: TTL_SECONDS, data })),
  );
}

function reply(query: DecodedPacket, answers: Answer[]): Verdict {
  const flags = AUTHORITATIVE_ANSWER | flagsFor(query);
  return {
    kind: 'answer',
    packet: encode({ type: 'response', id: query.id, flags, questions: query.questions, answers }),
  };
}

/** A refusal with the query's own question. */
export function failureOf(query: Buffer, rcode: number): Buffer | undefined {
  const packet = decodeQuery(query);
  return packet && failure(packet, rcode);
}

function failure(query: DecodedPacket, rcode: number): Buffer {
  return encode({ type: 'response', id: query.id, flags: flagsFor(query) | rcode, questions: query.questions });
}

function flagsFor(query: DecodedPacket): number {
  return RECURSION_AVAILABLE | ((query.flags ?? 0) & (RECURSION_DESIRED | OPCODE));
}

/** For a question of one label that nobody upstream can know. */
export function noSuchName(query: Buffer): Buffer | undefined {
  return failureOf(query, NXDOMAIN);
}

/** Whether the question has no dot: such names are ours or nobody's. */
export function isSingleLabel(query: Buffer): boolean {
  const name = decodeQuery(query)?.questions?.[0]?.name ?? '';
  return !name.replace(/\.$/, '').includes('.');
}

/** An answer that fits one datagram: as it is, or empty with the sign to ask again by TCP. */
export function fitDatagram(query: Buffer, answer: Buffer): Buffer {
  const packet = decodeQuery(query);
  const room = packet?.additionals?.find((record) => record.type === 'OPT');
  const limit = Math.max(UDP_BYTES, (room as { udpPayloadSize?: number } | undefined)?.udpPayloadSize ?? 0);
  if (answer.length <= limit || !packet) return answer;
  return failure(packet, TRUNCATED);
}

/** A query with one question that can be written again as it was read; all else is none. */
function decodeQuery(query: Buffer): DecodedPacket | undefined {
  try {
    const packet = decode(query);
    if (packet.type !== 'query' || packet.questions?.length !== 1) return undefined;
    /* Names are text to the codec: bytes that are none, or a dot inside a label, would come back as another question. */
    const rewritten = encode({ type: 'query', questions: packet.questions }).subarray(HEADER_BYTES);
    return query.subarray(HEADER_BYTES, HEADER_BYTES + rewritten.length).equals(rewritten) ? packet : undefined;
  } catch {
    return undefined;
  }
}

function addressOfPtr(name: string): string {
  return name
    .toLowerCase()
    .replace(/\.in-addr\.arpa\.?$/, '')
    .split('.')
    .reverse()
    .join('.');
}
