import { type DecodedPacket, decode, encode, type Question } from 'dns-packet';
import { expect, test } from 'vitest';
import { addressOfReverse, answerQuery, failureOf, type Verdict } from '../../../src/network/dns-answer.ts';
import { fitDatagram } from '../../../src/network/dns-message.ts';
import { nameTable } from '../../../src/network/name-table.ts';
import type { NameSpec } from '../../../src/network/network.ts';

const GATEWAY = '172.31.255.1';
const RECURSION_DESIRED = 256;
const NAMES = [
  { bridge: 'b', name: 'web', address: '172.31.255.2' },
  { bridge: 'b', name: 'web', address: '172.31.255.3' },
  { bridge: 'b', name: 'db', address: '172.31.255.4' },
  { bridge: 'b', name: 'db.shop_default', address: '172.31.255.4' },
  { bridge: 'b', name: 'both', address: '172.31.255.5' },
  { bridge: 'b', name: 'both', address: 'fd00::5' },
  { bridge: 'b', name: 'gone', address: null },
];

function tableOf(names: readonly NameSpec[] = NAMES) {
  return nameTable({ names, gateways: [GATEWAY, 'fd00::1'], subnets: ['172.31.255.0/24', 'fd00::/64'] });
}

function query(name: string, type: string = 'A', more: object = {}): Buffer {
  return encode({
    type: 'query',
    id: 77,
    flags: RECURSION_DESIRED,
    questions: [{ type: type as Question['type'], name, class: 'IN' }],
    ...more,
  });
}

function ask(name: string, type: string = 'A', table = tableOf()) {
  return read(answerQuery(query(name, type), table));
}

function read(verdict: Verdict): { rcode?: string; answers?: unknown[]; kind?: string } {
  if (verdict.kind !== 'answer') return { kind: verdict.kind };
  const packet = decode(verdict.packet) as DecodedPacket & { rcode: string };
  return { rcode: packet.rcode, answers: packet.answers?.map((a) => ('data' in a ? a.data : a.type)) };
}

test('a name has all its addresses, in turn first', () => {
  const table = tableOf();

  const answers = [ask('web', 'A', table), ask('web', 'A', table)].map(({ answers }) => answers);

  expect(answers).toContainEqual(['172.31.255.2', '172.31.255.3']);
  expect(answers).toContainEqual(['172.31.255.3', '172.31.255.2']);
});

test('case and a name with its network make no difference', () => {
  const answers = [ask('DB'), ask('db.shop_default')];

  expect(answers.map(({ answers }) => answers)).toEqual([['172.31.255.4'], ['172.31.255.4']]);
});

test('a name without version 6 has no address of it and no other record, and nobody else is asked for them', () => {
  const answers = [ask('web', 'AAAA'), ask('web', 'MX'), ask('web', 'TXT')];

  expect(answers).toEqual(Array(3).fill({ rcode: 'NOERROR', answers: [] }));
});

test('an address of a container has its name', () => {
  const answer = ask('4.255.31.172.in-addr.arpa', 'PTR');

  expect(answer).toEqual({ rcode: 'NOERROR', answers: ['db'] });
});

test('a name has its address of each version, and for any question all of them', () => {
  const answers = [ask('both'), ask('both', 'AAAA'), ask('both', 'ANY')].map(({ answers }) => answers);

  expect(answers).toEqual([['172.31.255.5'], ['fd00::5'], ['172.31.255.5', 'fd00::5']]);
});

test('the name of a container that is down is nobody’s at once, and nobody else is asked', () => {
  const answers = [ask('gone'), ask('gone', 'AAAA')];

  expect(answers).toEqual(Array(2).fill({ rcode: 'NXDOMAIN', answers: [] }));
});

test('an address of version 6 has its name too, one of ours without a container has none', () => {
  const reverse = (last: string) => `${last}.${'0.'.repeat(27)}0.0.d.f.ip6.arpa`;

  expect(addressOfReverse(reverse('5'))).toBe('fd00::5');
  expect(ask(reverse('5'), 'PTR')).toEqual({ rcode: 'NOERROR', answers: ['both'] });
  expect(ask(reverse('9'), 'PTR')).toEqual({ rcode: 'NXDOMAIN', answers: [] });
  expect(ask('9.255.31.172.in-addr.arpa', 'PTR')).toEqual({ rcode: 'NXDOMAIN', answers: [] });
});

test.each(['1.2.3.in-addr.arpa', '1.2.3.4.5.in-addr.arpa', '256.1.1.1.in-addr.arpa', 'x.ip6.arpa', '1.2.3.4.ip6.arpa'])(
  '%s is no address backwards: others may know it',
  (name) => {
    expect(ask(name, 'PTR')).toEqual({ kind: 'forward' });
  },
);

test('questions of another class are refused', () => {
  const packet = query('version.bind', 'TXT');
  packet.writeUInt16BE(3, packet.length - 2);

  expect(read(answerQuery(packet, tableOf()))).toMatchObject({ rcode: 'REFUSED' });
});

test('the machine is known by the names that Docker gives it', () => {
  const answers = ['host.docker.internal', 'gateway.docker.internal', 'host.berth.internal'].map((name) => ask(name));

  expect(answers).toEqual(Array(3).fill({ rcode: 'NOERROR', answers: [GATEWAY] }));
});

test('what is not ours is for others', () => {
  const verdicts = [ask('example.org'), ask('cache'), ask('9.9.9.9.in-addr.arpa', 'PTR')];

  expect(verdicts).toEqual(Array(3).fill({ kind: 'forward' }));
});

test('the answer carries the id, the question and the wish for recursion of its query', () => {
  const verdict = answerQuery(query('db'), tableOf());

  const packet = verdict.kind === 'answer' ? decode(verdict.packet) : undefined;
  expect(packet).toMatchObject({
    id: 77,
    type: 'response',
    flag_aa: true,
    flag_rd: true,
    flag_ra: true,
    questions: [{ name: 'db', type: 'A', class: 'IN' }],
  });
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['one byte', Buffer.from([7])],
  ['a header alone', Buffer.alloc(12)],
  ['a cut question', query('web').subarray(0, 15)],
  ['an answer', encode({ type: 'response', id: 1, questions: [{ type: 'A', name: 'web' }] })],
  [
    'two questions',
    query('web', 'A', {
      questions: [
        { type: 'A', name: 'web' },
        { type: 'A', name: 'db' },
      ],
    }),
  ],
  ['a name that points to itself', Buffer.from('000101000001000000000000c00c00010001', 'hex')],
  ['a label with a dot inside', Buffer.from('00010100000100000000000003612e620000010001', 'hex')],
  ['a label that is no text', Buffer.from('00010100000100000000000002fffe0000010001', 'hex')],
])('%s is dropped', (_, packet) => {
  const verdict = answerQuery(packet, tableOf());

  expect(verdict).toEqual({ kind: 'drop' });
});

test('whatever bytes arrive, nothing is thrown', () => {
  const table = tableOf();
  const whole = query('web', 'A', { additionals: [{ type: 'OPT', name: '.', udpPayloadSize: 1232 }] });

  const changed = Array.from({ length: whole.length * 16 }, (_, n) => {
    const copy = Buffer.from(whole);
    copy[n % whole.length]! ^= 1 << (n % 8);
    return copy.subarray(0, whole.length - (Math.floor(n / whole.length) % 4));
  });

  for (const packet of changed) {
    expect(() => fitDatagram(packet, Buffer.alloc(600))).not.toThrow();
    expect(() => failureOf(packet, 2)).not.toThrow();
    expect(['answer', 'forward', 'drop']).toContain(answerQuery(packet, table).kind);
  }
});

test('a request that is no question is not implemented', () => {
  const answer = answerQuery(query('web', 'A', { flags: 5 << 11 }), tableOf());

  expect(read(answer)).toMatchObject({ rcode: 'NOTIMP' });
});

test('an answer longer than a datagram has what fits and the sign to ask by TCP, unless the asker has room', () => {
  const many = Array.from({ length: 60 }, (_, n) => ({ bridge: 'b', name: 'all', address: `172.31.255.${n + 2}` }));
  const small = query('all');
  const roomy = query('all', 'A', {
    additionals: [{ type: 'OPT', name: '.', udpPayloadSize: 4096, flags: 0, options: [] }],
  });
  const answerTo = (packet: Buffer) => {
    const verdict = answerQuery(packet, tableOf(many));
    return decode(fitDatagram(packet, verdict.kind === 'answer' ? verdict.packet : Buffer.alloc(0)));
  };

  const [cut, whole] = [answerTo(small), answerTo(roomy)];

  expect(cut).toMatchObject({ flag_tc: true, id: 77 });
  expect(cut.answers).toHaveLength(25);
  expect(whole.flag_tc).toBe(false);
  expect(whole.answers).toHaveLength(60);
});
