import { expect, test } from 'vitest';
import { parseBytes, printBytes } from '../../../src/base/bytes.ts';
import { parseDurationMs, printDuration } from '../../../src/base/duration.ts';

test('durations as Compose writes them', () => {
  const table = { '1h5m30s20ms': 3_930_020, '1m30s': 90_000, '10us': 0.01, '1.5s': 1500, '0': 0 };
  for (const [text, ms] of Object.entries(table)) expect(parseDurationMs(text), text).toBe(ms);
  for (const text of ['', '10', 's', '1m 30s', '-1s', '1x']) expect(parseDurationMs(text), text).toBeUndefined();
});

test('durations for people', () => {
  expect([0.5, 12, 1200, 61_000, 3_600_000].map(printDuration)).toEqual(['500us', '12ms', '1.2s', '1m1s', '1h0m0s']);
});

test('byte sizes as Compose writes them', () => {
  const table = {
    '512m': 536_870_912,
    '1gb': 1_073_741_824,
    '64k': 65_536,
    '300': 300,
    '1.5K': 1536,
    '2GiB': 2_147_483_648,
  };
  for (const [text, bytes] of Object.entries(table)) expect(parseBytes(text), text).toBe(bytes);
  for (const text of ['', 'm', '12q', '-1', '1 2']) expect(parseBytes(text), text).toBeUndefined();
  expect(printBytes(1536)).toBe('1.5 KiB');
});
