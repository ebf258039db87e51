import { expect, test } from 'vitest';
import { hears, parseMasks } from '../../../src/runtime/hearing.ts';

const TERM = 15;
const BIT = 1n << 14n;
const SILENT = { caught: 0n, ignored: 0n, blocked: 0n };

test.each([
  ['default action', SILENT, false, true],
  ['a handler', { ...SILENT, caught: BIT }, true, true],
  ['ignored', { ...SILENT, ignored: BIT }, false, false],
  ['blocked, perhaps for sigwait', { ...SILENT, blocked: BIT }, true, true],
  ['ignored and blocked', { ...SILENT, ignored: BIT, blocked: BIT }, true, true],
  ['a handler for another signal', { ...SILENT, caught: BIT << 1n }, false, true],
])('%s: PID 1 hears %s, any other %s', (_, masks, asFirst, asOther) => {
  expect(hears(masks, TERM, { firstProcess: true })).toBe(asFirst);
  expect(hears(masks, TERM, { firstProcess: false })).toBe(asOther);
});

test('nobody escapes SIGKILL', () => {
  expect(hears(SILENT, 9, { firstProcess: true })).toBe(true);
});

test('the masks are read from a status file', () => {
  const status =
    'Name:\tnode\nState:\tS (sleeping)\nSigBlk:\t0000000000000001\nSigIgn:\t0000000001001000\nSigCgt:\t0000000188004602\n';

  expect(parseMasks(status)).toEqual({ blocked: 1n, ignored: 0x1001000n, caught: 0x188004602n });
});

test('a zombie has no masks', () => {
  expect(parseMasks('State:\tZ (zombie)\nSigBlk:\t0\n')).toBeUndefined();
});
