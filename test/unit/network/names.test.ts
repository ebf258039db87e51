import { type DecodedPacket, decode, encode } from 'dns-packet';
import { expect, test } from 'vitest';
import { answerQuery, fitDatagram, nameTable, noSuchName } from '../../../src/network/dns-answer.ts';
import { nameService } from '../../../src/network/name-service.ts';

const table = nameTable(
  [
    { bridge: 'b', name: 'db', address: '10.0.0.2' },
    { bridge: 'b', name: 'web', address: '10.0.0.3' },
    { bridge: 'b', name: 'web', address: '10.0.0.4' },
  ],
  '10.0.0.1',
);

const ask = (name: string, type: 'A' | 'AAAA' | 'PTR' | 'MX'): Buffer =>
  encode({ type: 'query', id: 7, flags: 0x0100, questions: [{ name, type }] });

function answer(query: Buffer): DecodedPacket | string {
  const verdict = answerQuery(query, table);
  return verdict.kind === 'answer' ? decode(verdict.packet) : verdict.kind;
}

const data = (packet: DecodedPacket | string) =>
  typeof packet === 'string' ? packet : packet.answers?.map((a) => ('data' in a ? a.data : undefined));

test('a name of ours is answered, whatever its case', () => {
  expect(data(answer(ask('DB', 'A')))).toEqual(['10.0.0.2']);
  expect(data(answer(ask('host.docker.internal', 'A')))).toEqual(['10.0.0.1']);
});

test('replicas take turns', () => {
  const first = data(answer(ask('web', 'A')));
  const second = data(answer(ask('web', 'A')));

  expect(new Set(first as string[])).toEqual(new Set(['10.0.0.3', '10.0.0.4']));
  expect(second).toEqual([...(first as string[])].reverse());
});

test('a name of ours has no other records: the answer is empty, not unknown', () => {
  expect(data(answer(ask('db', 'AAAA')))).toEqual([]);
  expect(data(answer(ask('db', 'MX')))).toEqual([]);
});

test('addresses are answered backwards', () => {
  expect(data(answer(ask('2.0.0.10.in-addr.arpa', 'PTR')))).toEqual(['db']);
});

test('what is not ours goes on, what is no query is dropped', () => {
  expect(answer(ask('example.org', 'A'))).toBe('forward');
  expect(answer(Buffer.from('junk'))).toBe('drop');
  expect(answer(encode({ type: 'response', id: 1, questions: [{ name: 'db', type: 'A' }] }))).toBe('drop');
});

test('a name nobody has is said not to exist', () => {
  const packet = decode(noSuchName(ask('nope', 'A'))!) as DecodedPacket & { rcode?: string };

  expect(packet.rcode).toBe('NXDOMAIN');
});

test('an answer that does not fit a datagram says: ask again by TCP', () => {
  const many = nameTable(
    Array.from({ length: 60 }, (_, i) => ({ bridge: 'b', name: 'many', address: `10.0.1.${i}` })),
    '10.0.0.1',
  );
  const query = ask('many', 'A');
  const verdict = answerQuery(query, many);

  expect(verdict.kind).toBe('answer');
  const cut = decode(fitDatagram(query, (verdict as { packet: Buffer }).packet));
  expect({ truncated: cut.flag_tc, answers: cut.answers?.length }).toEqual({ truncated: true, answers: 0 });
});

test('a container sees the names of all its networks, a stranger those of the one it asks on', () => {
  const service = nameService({
    bridges: [
      { bridge: 'front', title: '', subnet: '10.1.0.0/24', gateway: '10.1.0.1', internal: false, mtu: 1500 },
      { bridge: 'back', title: '', subnet: '10.2.0.0/24', gateway: '10.2.0.1', internal: false, mtu: 1500 },
    ],
    publishes: [],
    names: [{ bridge: 'back', name: 'store', address: '10.2.0.2' }],
    clients: [{ address: '10.1.0.5', bridges: ['front', 'back'] }],
    ends: [],
  });

  expect(service.tableFor('front', '10.1.0.5').addressesOf('store')).toEqual(['10.2.0.2']);
  expect(service.tableFor('front', '10.1.0.6').addressesOf('store')).toBeUndefined();
});
