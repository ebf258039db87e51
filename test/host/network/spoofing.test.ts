/** One container speaks for another: with its hardware address, its IP address, its answers to who has an address. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { macFor } from '../../../src/network/addresses.ts';
import { linkLocalOf } from '../../../src/network/link-local.ts';
import { bridge, end, stateOf } from '../../unit/network/network-builders.ts';
import { eventually } from '../runtime/eventually.ts';
import { type NetworkWorld, networkWorld, type Place, portName, TAG } from './network-world.ts';
import { COUNTER, HTTP_SERVER } from './programs.ts';
import type { DriverProcess } from './spawn-driver.ts';

const FRONT = bridge(`bt${TAG}front`, '172.31.255.0/24');
const [VICTIM, TARGET, ATTACKER] = ['172.31.255.2', '172.31.255.3', '172.31.255.4'] as const;
const STATE = stateOf({ bridges: [FRONT], ends: [VICTIM, TARGET, ATTACKER].map((ip) => end(FRONT, ip)) });

let folder: string;
let sender: string;
let world: NetworkWorld;
let driver: DriverProcess;
let victim: Place;
let target: Place;
let attacker: Place;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bt-frames-'));
  sender = join(folder, 'frame-sender');
  execFileSync('cc', ['-O1', '-w', '-o', sender, join(import.meta.dirname, 'frame-sender.c')]);
  world = networkWorld('spoof');
  driver = world.startDriver();
  await driver.apply(STATE);
  [victim, target, attacker] = [VICTIM, TARGET, ATTACKER].map((ip) => world.addContainer(FRONT, ip)) as [
    Place,
    Place,
    Place,
  ];
  await victim.serve(HTTP_SERVER.replace("'0.0.0.0'", "'::'"), 'victim', '80');
  await target.serve(COUNTER, '9');
  /* Else the kernel passes over every answer within a second of the last. arp(7) */
  target.run('sh', '-c', 'echo 0 > /proc/sys/net/ipv4/neigh/eth0/locktime');
});
beforeEach(() => driver.apply(STATE));
afterAll(() => {
  world.close();
  rmSync(folder, { recursive: true });
});

const bytes = (text: string) => text.replace(/[:.\s]/g, '');
const ip4 = (address: string) =>
  address
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join('');
const BROADCAST = 'ffffffffffff';

/** `address` is at `mac`, says who sends from `from`. RFC 826 */
const arpReply = (from: string, mac: string, address: string) =>
  `${BROADCAST}${bytes(from)}0806${'0001080006040002'}${bytes(mac)}${ip4(address)}${bytes(macFor(TARGET))}${ip4(TARGET)}`;

/** A datagram to port 9 of the target. */
function datagram(from: string, sender: string, type = '0800'): string {
  const head = `4500001d00000000ff11${checksum(sender)}${ip4(sender)}${ip4(TARGET)}`;
  return `${bytes(macFor(TARGET))}${bytes(from)}${type}${head}03e80009000900${'0058'}`;
}

/** Of the header above. RFC 1071 */
function checksum(sender: string): string {
  const words = `4500001d00000000ff110000${ip4(sender)}${ip4(TARGET)}`.match(/.{4}/g)!;
  let sum = words.reduce((total, word) => total + Number.parseInt(word, 16), 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return (sum ^ 0xffff).toString(16).padStart(4, '0');
}

const send = (frame: string) => attacker.run(sender, 'eth0', frame);
/** What the target believes of the victim. */
function believed(): string {
  const neighbours = JSON.parse(target.run('ip', '-j', 'neigh', 'show', VICTIM).stdout || '[]') as {
    lladdr?: string;
  }[];
  return neighbours[0]?.lladdr ?? 'nothing';
}
const counted = async () => (await target.run('curl', '-s', 'http://127.0.0.1:9/')).stdout;
const learn = () => target.run('curl', '-s', '-m', '1', `http://${VICTIM}/`);

test('an answer in the name of a neighbour is not heard: the neighbour keeps its address', () => {
  learn();

  send(arpReply(macFor(ATTACKER), macFor(ATTACKER), VICTIM));
  send(arpReply(macFor(VICTIM), macFor(ATTACKER), VICTIM));
  send(arpReply(macFor(ATTACKER), macFor(VICTIM), ATTACKER));
  learn();

  expect(believed()).toBe(macFor(VICTIM));
});

test('without the rules and the lock it is heard', async () => {
  world.machine.run('nft', 'delete', 'table', 'bridge', `berth_${TAG}`);
  learn();

  send(arpReply(macFor(ATTACKER), macFor(ATTACKER), VICTIM));
  const fooled = believed();

  target.run('ip', 'neigh', 'flush', 'all');
  await driver.removeAll();
  await driver.apply(STATE);
  for (const index of [0, 1, 2]) world.reconnect(index);
  expect(fooled).toBe(macFor(ATTACKER));
});

test('datagrams from a borrowed address, hardware address or hidden behind a tag do not arrive; own ones do', async () => {
  const before = Number(await counted());
  const forged = [
    datagram(macFor(ATTACKER), VICTIM),
    datagram(macFor(VICTIM), VICTIM),
    datagram(macFor(VICTIM), ATTACKER),
    datagram(macFor(ATTACKER), VICTIM, '810000000800'),
    datagram(macFor(ATTACKER), '198.51.100.9'),
  ];

  for (const frame of forged) send(frame);
  send(datagram(macFor(ATTACKER), ATTACKER));
  await eventually(async () => Number(await counted()) > before);

  expect(Number(await counted())).toBe(before + 1);
});

test('a container that takes a neighbour’s hardware address gets none of its traffic', () => {
  attacker.run('ip', 'link', 'set', 'eth0', 'address', macFor(VICTIM));
  attacker.run('curl', '-s', '-m', '0.3', `http://${TARGET}/`);

  const body = learn().stdout;
  const entries = world.machine.run('bridge', 'fdb', 'show', 'dev', portName(2)).stdout;

  attacker.run('ip', 'link', 'set', 'eth0', 'address', macFor(ATTACKER));
  expect(body).toBe(`victim sees ${TARGET}`);
  expect(entries).not.toContain(macFor(VICTIM));
});

test('router advertisements and answers for neighbours’ IPv6 addresses do not arrive', async () => {
  await driver.apply({
    ...STATE,
    ends: STATE.ends.map((e, index) => ({ ...e, addresses: [...e.addresses, `fd00::${index + 2}`] })),
  });
  for (const [index, place] of [victim, target, attacker].entries())
    place.run('ip', 'addr', 'add', `fd00::${index + 2}/64`, 'dev', 'eth0', 'nodad');
  const reached = () => target.run('curl', '-s', '-m', '1', 'http://[fd00::2]/').code;
  await eventually(() => reached() === 0);
  const own = '60000000';
  const advert = (from: string, body: string) =>
    `333300000001${bytes(macFor(ATTACKER))}86dd${own}${(body.length / 2).toString(16).padStart(4, '0')}3aff${expand(from)}${expand('ff02::1')}${body}`;
  const linkLocal = linkLocalOf(macFor(ATTACKER));

  const sent = [
    send(
      withChecksum(
        advert(
          linkLocal,
          `8600000040000708${'0'.repeat(16)}0304406000015180000151800000000${'0'}fd99${'0'.repeat(28)}0101${bytes(macFor(ATTACKER))}`,
        ),
      ),
    ),
    send(withChecksum(advert(linkLocal, `88000000a0000000${expand('fd00::2')}0201${bytes(macFor(ATTACKER))}`))),
    send(withChecksum(advert('fd00::2', `88000000a0000000${expand('fd00::2')}0201${bytes(macFor(ATTACKER))}`))),
  ];

  expect(sent.map((ran) => ran.code)).toEqual([0, 0, 0]);
  expect(reached()).toBe(0);
  expect(target.run('ip', '-6', 'neigh', 'show', 'fd00::2').stdout).toContain(macFor(VICTIM));
  expect(target.run('ip', '-6', 'addr', 'show', 'dev', 'eth0').stdout).not.toContain('fd99:');
  expect(target.run('ip', '-6', 'route', 'show', 'default').stdout).toBe('');
});

test('one that was made to forward sends what others wrote, but still answers for nobody else', async () => {
  await driver.apply({ ...STATE, ends: STATE.ends.map((e, index) => (index === 2 ? { ...e, forwards: true } : e)) });
  const before = Number(await counted());
  learn();

  send(arpReply(macFor(ATTACKER), macFor(ATTACKER), VICTIM));
  send(datagram(macFor(ATTACKER), '198.51.100.9'));
  await eventually(async () => Number(await counted()) > before);

  expect(Number(await counted())).toBe(before + 1);
  expect(believed()).toBe(macFor(VICTIM));
});

function expand(address: string): string {
  const [head = '', tail = ''] = address.split('::');
  const [left, right] = [head, tail].map((part) =>
    part === '' ? [] : part.split(':').map((group) => group.padStart(4, '0')),
  ) as [string[], string[]];
  return [...left, ...Array(8 - left.length - right.length).fill('0000'), ...right].join('');
}

/** Puts the ICMPv6 checksum into a frame whose own is 0. RFC 4443 */
function withChecksum(frame: string): string {
  const [head, addresses, body] = [frame.slice(0, 44), frame.slice(44, 108), frame.slice(108)];
  const pseudo = `${addresses}${(body.length / 2).toString(16).padStart(8, '0')}0000003a${body}`;
  let sum = (pseudo.match(/.{1,4}/g) ?? []).reduce(
    (total, word) => total + Number.parseInt(word.padEnd(4, '0'), 16),
    0,
  );
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return `${head}${addresses}${body.slice(0, 4)}${(sum ^ 0xffff).toString(16).padStart(4, '0')}${body.slice(8)}`;
}
