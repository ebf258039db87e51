/**
 * Answers from our own names; what they do not cover is for others.
 *
 * Pure but for the turn of the round robin. RFC 1035, RFC 3596 (version 6).
 */
import type { Answer } from 'dns-packet';
import { addressText } from '../model/cidr.ts';
import { isQuestion, type Query, RCODE, readQuery, writeAnswer, writeFailure } from './dns-message.ts';
import type { Found, NameTable } from './name-table.ts';

/** Short: a container's address changes when it is replaced. */
const TTL_SECONDS = 5;

export type Verdict =
  | { readonly kind: 'answer'; readonly packet: Buffer }
  /** Not ours: somebody else may know. */
  | { readonly kind: 'forward' }
  /** No question of the kind we serve. */
  | { readonly kind: 'drop' };

/** What to do with a query. */
export function answerQuery(bytes: Buffer, table: NameTable): Verdict {
  const query = readQuery(bytes);
  if (!query) return { kind: 'drop' };
  if (!isQuestion(query)) return answer(writeFailure(query, RCODE.notImplemented));
  if (query.question.class !== 'IN') return answer(writeFailure(query, RCODE.refused));
  return query.question.type === 'PTR' ? answerReverse(query, table) : answerName(query, table);
}

function answerReverse(query: Query, table: NameTable): Verdict {
  const { name } = query.question;
  const address = addressOfReverse(name);
  const owner = address === undefined ? undefined : table.nameOf(address);
  if (!owner) return { kind: 'forward' };
  if (owner.kind === 'nobody') return answer(writeAnswer(query, [], RCODE.noSuchName));
  return answer(writeAnswer(query, [{ type: 'PTR', name, ttl: TTL_SECONDS, data: owner.name }]));
}

function answerName(query: Query, table: NameTable): Verdict {
  const { name, type } = query.question;
  const found = table.find(name);
  if (!found) return { kind: 'forward' };
  /* A name of a container that is down: nobody else has to be asked, or to know. */
  if (found.version4.length + found.version6.length === 0) return answer(writeAnswer(query, [], RCODE.noSuchName));
  /* A name of ours has no other records: an empty answer stops the asker from looking elsewhere. */
  return answer(writeAnswer(query, recordsOf(found, name, type)));
}

function recordsOf({ version4, version6 }: Found, name: string, asked: string): Answer[] {
  const all = asked === 'ANY';
  return [
    ...(asked === 'A' || all ? version4 : []).map((data): Answer => ({ type: 'A', name, ttl: TTL_SECONDS, data })),
    ...(asked === 'AAAA' || all ? version6 : []).map(
      (data): Answer => ({ type: 'AAAA', name, ttl: TTL_SECONDS, data }),
    ),
  ];
}

function answer(packet: Buffer): Verdict {
  return { kind: 'answer', packet };
}

/** A refusal with the query's own question; undefined when it is no query. */
export function failureOf(bytes: Buffer, rcode: number): Buffer | undefined {
  const query = readQuery(bytes);
  return query && writeFailure(query, rcode);
}

/** Whether the question has no dot: such names are ours or nobody's. */
export function isSingleLabel(bytes: Buffer): boolean {
  const name = readQuery(bytes)?.question.name ?? '';
  return !name.replace(/\.$/, '').includes('.');
}

/** `4.3.2.1.in-addr.arpa` and its long sister of version 6 -> the address; undefined for what is neither. */
export function addressOfReverse(name: string): string | undefined {
  const [, labels = '', zone = ''] = /^(.*)\.(in-addr|ip6)\.arpa\.?$/.exec(name.toLowerCase()) ?? [];
  const parts = labels.split('.').reverse();
  if (zone === 'in-addr') {
    const isAddress =
      parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
    return isAddress ? parts.join('.') : undefined;
  }
  const isAddress = parts.length === 32 && parts.every((part) => /^[0-9a-f]$/.test(part));
  return isAddress ? addressText(BigInt(`0x${parts.join('')}`), 6) : undefined;
}
