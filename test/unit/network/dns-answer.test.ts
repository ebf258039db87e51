import { type DecodedPacket, decode, encode, type Question } from 'dns-packet';
import { expect, test } from 'vitest';
import { answerQuery, failureOf, fitDatagram, nameTable, type Verdict } from '../../../src/network/dns-answer.ts';

const GATEWAY = '172.31.255.1';
const RECURSION_DESIRED = 256;
const NAMES = [
  { bridge: 'b', name: 'web', address: '172.31.255.2' },
  { bridge: 'b', name: 'web', address: '172.31.255.3' },
  { bridge: 'b', name: 'db', address: '172.31.255.4' },
  { bridge: 'b', name: 'db.shop_default', address: '172.31.255.4' },
];

function query(name: string, type: Question['type'] = 'A', more: object = {}): Buffer {
  return encode({ type: 'query', id: 77, flags: RECURSION_DESIRED, questions: [{ type, name, class: 'IN' }], ...more });
}

function ask(name: string, type: Question['type'] = 'A', table = nameTable(NAMES, GATEWAY)) {
  return read(answerQuery(query(name, type), table));
}

function read(verdict: Verdict): { rcode?: string; answers?: unknown[]; kind?: string } {
  if (verdict.kind !== 'answer') return { kind: verdict.kind };
  const packet = decode(verdict.packet) as DecodedPacket & { rcode: string };
  return { rcode: packet.rcode, answers: packet.answers?.map((a) => ('data' in a ? a.data : a.type)) };
}

test('a name has all its addresses, in turn first', () => {
  const table = nameTable(NAMES, GATEWAY);

  const answers = [ask('web', 'A', table), ask('web', 'A', table)].map(({ answers }) => answers);

  expect(answers).toContainEqual(['172.31.255.2', '172.31.255.3']);
  expect(answers).toContainEqual(['172.31.255.3', '172.31.255.2']);
});

test('case and a name with its network make no difference', () => {
  const answers = [ask('DB'), ask('db.shop_default')];

  expect(answers.map(({ answers }) => answers)).toEqual([['172.31.255.4'], ['172.31.255.4']]);
});

test('a known name has no address of version 6 and no other record, and nobody else is asked for them', () => {
  const answers = [ask('web', 'AAAA'), ask('web', 'MX'), ask('web', 'TXT')];

  expect(answers).toEqual(Array(3).fill({ rcode: 'NOERROR', answers: [] }));
});

test('an address of a container has its name', () => {
  const answer = ask('4.255.31.172.in-addr.arpa', 'PTR');

  expect(answer).toEqual({ rcode: 'NOERROR', answers: ['db'] });
});

test('the machine is known by the names that Docker gives it', () => {
  const answers = ['host.docker.internal', 'gateway.docker.internal', 'host.berth.internal'].map((name) => ask(name));

  expect(answers).toEqual(Array(3).fill({ rcode: 'NOERROR', answers: [GATEWAY] }));
});

test('what is not ours is for others', () => {
  const verdicts = [ask('example.org'), ask('cache'), ask('9.255.31.172.in-addr.arpa', 'PTR')];

  expect(verdicts).toEqual(Array(3).fill({ kind: 'forward' }));
});

test('the answer carries the id, the question and the wish for recursion of its query', () => {
  const verdict = answerQuery(query('db'), nameTable(NAMES, GATEWAY));

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
  const verdict = answerQuery(packet, nameTable(NAMES, GATEWAY));

  expect(verdict).toEqual({ kind: 'drop' });
});

test('whatever bytes arrive, nothing is thrown', () => {
  const table = nameTable(NAMES, GATEWAY);
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
  const answer = answerQuery(query('web', 'A', { flags: 5 << 11 }), nameTable(NAMES, GATEWAY));

  expect(read(answer)).toMatchObject({ rcode: 'NOTIMP' });
});

test('an answer longer than a datagram is cut to the sign to ask by TCP, unless the asker has room', () => {
  const many = Array.from({ length: 60 }, (_, n) => ({ bridge: 'b', name: 'all', address: `172.31.255.${n + 2}` }));
  const small = query('all');
  const roomy = query('all', 'A', {
    additionals: [{ type: 'OPT', name: '.', udpPayloadSize: 4096, flags: 0, options: [] }],
  });
  const answerTo = (packet: Buffer) => {
    const verdict = answerQuery(packet, nameTable(many, GATEWAY));
    return decode(fitDatagram(packet, verdict.kind === 'answer' ? verdict.packet : Buffer.alloc(0)));
  };

  const [cut, whole] = [answerTo(small), answerTo(roomy)];

  expect(cut).toMatchObject({ flag_tc: true, answers: [], id: 77 });
  expect(whole.flag_tc).toBe(false);
  expect(whole.answers).toHaveLength(60);
});
