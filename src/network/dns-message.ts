/**
 * DNS messages: queries read with suspicion, answers written.
 *
 * Pure. RFC 1035; RFC 6891 for the size of datagrams.
 */
import { type Answer, AUTHORITATIVE_ANSWER, type DecodedPacket, decode, encode, RECURSION_AVAILABLE } from 'dns-packet';

export const RCODE = { formatError: 1, serverFailure: 2, noSuchName: 3, notImplemented: 4, refused: 5 } as const;

/** Copied from the query into its answer: RD and the kind of request, 0 for a question. */
const RECURSION_DESIRED = 1 << 8;
const OPCODE = 0x7800;
const HEADER_BYTES = 12;
const ID_BYTES = 2;
const UDP_BYTES = 512;
/** What our own datagrams may have: fits every link without fragments. */
const EDNS_BYTES = 1232;
/** TC: the answer was cut. */
const TRUNCATED = 1 << 9;
const RESPONSE = 0x80;

export type Query = DecodedPacket & { readonly question: NonNullable<DecodedPacket['questions']>[number] };

/** A query with one question that can be written again as it was read; all else is none. */
export function readQuery(query: Buffer): Query | undefined {
  try {
    const packet = decode(query);
    const question = packet.questions?.[0];
    if (packet.type !== 'query' || packet.questions?.length !== 1 || !question) return undefined;
    /* Names are text to the codec: bytes that are none, or a dot inside a label, would come back as another question. */
    const rewritten = encode({ type: 'query', questions: packet.questions }).subarray(HEADER_BYTES);
    const asRead = query.subarray(HEADER_BYTES, HEADER_BYTES + rewritten.length);
    return asRead.equals(rewritten) ? { ...packet, question } : undefined;
  } catch {
    return undefined;
  }
}

export function isQuestion(query: Query): boolean {
  return ((query.flags ?? 0) & OPCODE) === 0;
}

/** An answer with authority: `answers` may be none (the name is there, records of this type are not). */
export function writeAnswer(query: Query, answers: readonly Answer[], rcode = 0): Buffer {
  return write(query, AUTHORITATIVE_ANSWER | rcode, answers);
}

/** A refusal with the query's own question. */
export function writeFailure(query: Query, rcode: number): Buffer {
  return write(query, rcode, []);
}

function write(query: Query, flags: number, answers: readonly Answer[]): Buffer {
  return encode({
    type: 'response',
    id: query.id,
    flags: flags | RECURSION_AVAILABLE | ((query.flags ?? 0) & (RECURSION_DESIRED | OPCODE)),
    questions: query.questions,
    answers: [...answers],
    additionals: roomOf(query) === undefined ? [] : [OWN_ROOM],
  });
}

const OWN_ROOM: Answer = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: EDNS_BYTES,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
};

/** How much the asker takes in one datagram, if it says so. */
function roomOf(query: Query): number | undefined {
  const room = query.additionals?.find((record) => record.type === 'OPT');
  return room && (room as { udpPayloadSize?: number }).udpPayloadSize;
}

/** An answer that fits one datagram: as it is, or as much of it as fits, with the sign to ask again by TCP. */
export function fitDatagram(query: Buffer, answer: Buffer): Buffer {
  const packet = answer.length > UDP_BYTES ? readQuery(query) : undefined;
  if (!packet) return answer;
  const limit = Math.max(UDP_BYTES, roomOf(packet) ?? 0);
  if (answer.length <= limit) return answer;
  const flags = answer.readUInt16BE(ID_BYTES) & AUTHORITATIVE_ANSWER;
  let answers = [...answersOf(answer)];
  for (;;) {
    const cut = write(packet, flags | TRUNCATED, answers);
    if (cut.length <= limit || answers.length === 0) return cut;
    answers = answers.slice(0, Math.min(answers.length - 1, Math.floor((answers.length * limit) / cut.length)));
  }
}

/** Of somebody else's answer, which may be anything. */
function answersOf(answer: Buffer): readonly Answer[] {
  try {
    return decode(answer).answers ?? [];
  } catch {
    return [];
  }
}

/** Whether `answer` is one to this very query: the same id, and the same question where it repeats one. */
export function isAnswerTo(query: Buffer, answer: Buffer): boolean {
  if (answer.length < HEADER_BYTES || !answer.subarray(0, ID_BYTES).equals(query.subarray(0, ID_BYTES))) return false;
  if ((answer[2]! & RESPONSE) === 0) return false;
  const asked = readQuery(query)?.question;
  try {
    const told = decode(answer).questions?.[0];
    return told === undefined || sameQuestion(asked, told);
  } catch {
    return false;
  }
}

function sameQuestion(one: Query['question'] | undefined, other: Query['question']): boolean {
  return one !== undefined && one.type === other.type && one.name.toLowerCase() === other.name.toLowerCase();
}

/** The response code of an answer: 0 is success. */
export function rcodeOf(answer: Buffer): number {
  return (answer[3] ?? 0) & 0xf;
}
