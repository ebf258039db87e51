import { decode, encode, type Question } from 'dns-packet';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { answerQuery } from '../../../src/network/dns-answer.ts';
import { fitDatagram, isAnswerTo, readQuery, writeAnswer, writeFailure } from '../../../src/network/dns-message.ts';
import { nameTable } from '../../../src/network/name-table.ts';

const label = fc.stringMatching(/^[a-zA-Z0-9_-]{1,63}$/);
const name = fc
  .array(label, { minLength: 1, maxLength: 4 })
  .map((labels) => labels.join('.'))
  .filter((text) => text.length <= 253);
const type = fc.constantFrom<Question['type']>('A', 'AAAA', 'PTR', 'MX', 'TXT', 'SRV');
const id = fc.integer({ min: 0, max: 65_535 });
const query = fc
  .record({ name, type, id })
  .map((q) =>
    encode({ type: 'query', id: q.id, flags: 256, questions: [{ name: q.name, type: q.type, class: 'IN' }] }),
  );

const address4 = fc.tuple(fc.nat(255), fc.nat(255)).map(([a, b]) => `10.0.${a}.${b}`);
const address6 = fc.integer({ min: 1, max: 65_535 }).map((n) => `fd00::${n.toString(16)}`);

test('every query that is one is read, and its answer carries its id and its question as it was asked', () => {
  fc.assert(
    fc.property(query, fc.array(fc.oneof(address4, address6), { maxLength: 40 }), (packet, addresses) => {
      const asked = decode(packet).questions![0]!;
      const table = nameTable({
        names: addresses.map((address) => ({ bridge: 'b', name: asked.name.toLowerCase(), address })),
        gateways: ['10.0.0.1'],
        subnets: [],
      });

      const verdict = answerQuery(packet, table);

      if (verdict.kind !== 'answer') return verdict.kind === 'forward';
      const answer = decode(verdict.packet);
      return answer.id === packet.readUInt16BE(0) && isAnswerTo(packet, verdict.packet) && answer.flag_qr;
    }),
    { numRuns: 2000 },
  );
});

test('an answer has exactly the addresses of the version that was asked for, each once', () => {
  fc.assert(
    fc.property(name, fc.array(address4), fc.array(address6), (asked, four, six) => {
      const names = [...four, ...six].map((address) => ({ bridge: 'b', name: asked.toLowerCase(), address }));
      const table = nameTable({ names, gateways: [], subnets: [] });
      const addressesOf = (type: 'A' | 'AAAA') => {
        const packet = encode({ type: 'query', id: 1, questions: [{ name: asked, type, class: 'IN' }] });
        const verdict = answerQuery(packet, table);
        const answers = verdict.kind === 'answer' ? decode(verdict.packet).answers! : [];
        return answers.map((record) => ('data' in record ? record.data : '')).sort();
      };

      expect(addressesOf('A')).toEqual([...new Set(four)].sort());
      expect(addressesOf('AAAA')).toEqual([...new Set(six)].sort());
    }),
    { numRuns: 1000 },
  );
});

test('a datagram is never longer than the asker takes, and says so when something is missing', () => {
  const room = fc.constantFrom(undefined, 512, 1232, 4096);
  fc.assert(
    fc.property(name, fc.nat(200), room, (asked, count, udpPayloadSize) => {
      const packet = encode({
        type: 'query',
        id: 9,
        questions: [{ name: asked, type: 'A', class: 'IN' }],
        additionals:
          udpPayloadSize === undefined ? [] : [{ type: 'OPT', name: '.', udpPayloadSize, flags: 0 } as never],
      });
      const answers = Array.from({ length: count }, (_, n) => ({
        type: 'A' as const,
        name: asked,
        ttl: 5,
        data: `10.0.0.${n}`,
      }));

      const whole = writeAnswer(readQuery(packet)!, answers);
      const sent = decode(fitDatagram(packet, whole));

      expect(fitDatagram(packet, whole).length).toBeLessThanOrEqual(udpPayloadSize ?? 512);
      expect(sent.flag_tc).toBe(sent.answers!.length < count);
    }),
    { numRuns: 500 },
  );
});

test('hostile bytes are dropped or answered, and never thrown at', () => {
  const mutated = fc
    .record({ packet: query, at: fc.nat(300), byte: fc.nat(255), cut: fc.nat(20) })
    .map(({ packet, at, byte, cut }) => {
      const copy = Buffer.from(packet);
      copy[at % copy.length] = byte;
      return copy.subarray(0, copy.length - (cut % copy.length));
    });
  const junk = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes));
  const table = nameTable({ names: [{ bridge: 'b', name: 'web', address: '10.0.0.2' }], gateways: [], subnets: [] });
  fc.assert(
    fc.property(fc.oneof(mutated, junk), junk, (packet, answer) => {
      answerQuery(packet, table);
      fitDatagram(packet, answer);
      isAnswerTo(packet, answer);
      const read = readQuery(packet);
      /* What is read can be answered: the refusal is a packet again, with the same id. */
      return read === undefined || decode(writeFailure(read, 2)).id === read.id;
    }),
    { numRuns: 20_000 },
  );
});

test('an answer with another id, another question, or none of the marks of an answer is not heard', () => {
  const question = { name: 'example.org', type: 'A', class: 'IN' } as const;
  const asked = encode({ type: 'query', id: 7, questions: [question] });
  const told = (more: object) => encode({ type: 'response', id: 7, questions: [question], ...more });

  expect(isAnswerTo(asked, told({}))).toBe(true);
  expect(isAnswerTo(asked, told({ questions: [{ ...question, name: 'EXAMPLE.org' }] }))).toBe(true);
  expect(isAnswerTo(asked, told({ id: 8 }))).toBe(false);
  expect(isAnswerTo(asked, told({ questions: [{ ...question, name: 'evil.org' }] }))).toBe(false);
  expect(isAnswerTo(asked, told({ type: 'query' }))).toBe(false);
  expect(isAnswerTo(asked, Buffer.from('junk'))).toBe(false);
});
