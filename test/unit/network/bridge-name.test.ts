import { expect, test } from 'vitest';
import { bridgeName, bridgePrefix } from '../../../src/network/bridge-name.ts';

test('a bridge is named by the tag and the beginning of the id, in what the kernel allows', () => {
  const name = bridgeName('a1b2', '0123456789abcdef'.repeat(4));

  expect(name).toBe('bta1b2012345678');
  expect(name).toHaveLength(15);
});

test('no name of one tag begins with the prefix of another', () => {
  const mine = bridgeName('a1b2', 'c3d4'.repeat(16));

  expect(mine.startsWith(bridgePrefix('a1b2'))).toBe(true);
  expect(mine.startsWith(bridgePrefix('a1b3'))).toBe(false);
});
