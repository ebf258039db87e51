/** A hundred thousand questions of twenty containers, 64 of each at once: not one wrong answer. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bridge, end, stateOf } from '../../unit/network/network-builders.ts';
import { type NetworkWorld, networkWorld, TAG } from './network-world.ts';
import { ASK_MANY } from './programs.ts';
import type { DriverProcess } from './spawn-driver.ts';

const FRONT = bridge(`bt${TAG}front`, '172.31.255.0/24');
const ADDRESSES = Array.from({ length: 20 }, (_, n) => `172.31.255.${n + 2}`);
const QUESTIONS = 5000;
const AT_ONCE = 64;
const STATE = stateOf({
  bridges: [FRONT],
  ends: ADDRESSES.map((address) => end(FRONT, address)),
  names: [
    ...ADDRESSES.map((address, n) => ({ bridge: FRONT.bridge, name: `service${n}`, address })),
    { bridge: FRONT.bridge, name: 'gone', address: null },
  ],
});

let world: NetworkWorld;
let driver: DriverProcess;

beforeEach(async () => {
  world = networkWorld('load');
  driver = world.startDriver();
  await driver.apply(STATE);
});
afterEach(() => world.close());

test('every one of 100000 questions has its own right answer', async () => {
  const containers = ADDRESSES.map((address) => world.addContainer(FRONT, address));
  const names = [...ADDRESSES.map((address, n) => `service${n}=${address}`), 'gone='].join(',');
  const args = ['-e', ASK_MANY, FRONT.gateway, names, String(QUESTIONS), String(AT_ONCE)];

  const runs = await Promise.all(
    containers.map(({ netns }) =>
      promisify(execFile)('nsenter', [`--net=/run/netns/${netns}`, process.execPath, ...args], { timeout: 150_000 }),
    ),
  );

  const seen = runs.map(({ stdout }) => JSON.parse(stdout) as Record<'right' | 'wrong' | 'failed', number>);
  expect(seen.map(({ right, wrong, failed }) => [right, wrong, failed])).toEqual(
    ADDRESSES.map(() => [QUESTIONS, 0, 0]),
  );
}, 180_000);
