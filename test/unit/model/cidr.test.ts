import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addressText,
  canonicalAddress,
  cidrOf,
  cidrText,
  holds,
  parseAddress,
  parseCidr,
} from '../../../src/model/cidr.ts';

test.each([
  ['2001:DB8:0:0:0:0:2:1', '2001:db8::2:1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
  ['::', '::'],
  ['::ffff:10.0.0.1', '::ffff:a00:1'],
  ['fe80::', 'fe80::'],
  ['010.1.1.1', undefined],
  ['1.2.3', undefined],
  ['fe80::1%eth0', undefined],
])('%s is written %s', (text, canonical) => {
  expect(parseAddress(text) === undefined ? undefined : canonicalAddress(text)).toBe(canonical);
});

test.each(['10.0.0.0/33', 'fd00::/129', '10.0.0.0/', '10.0.0.0/-1', '10.0.0/8', 'x/8', '10.0.0.0/1e1'])(
  '%s is no subnet',
  (text) => {
    expect(parseCidr(text)).toBeUndefined();
  },
);

test('every number is an address that comes back as the same number', () => {
  const four = fc.bigInt(0n, 2n ** 32n - 1n).map((number) => [number, 4] as const);
  const six = fc.bigInt(0n, 2n ** 128n - 1n).map((number) => [number, 6] as const);
  const sparse = fc.array(fc.constantFrom(0n, 0n, 0n, 1n, 0xffffn), { minLength: 8, maxLength: 8 });
  const zeros = sparse.map((groups) => [groups.reduce<bigint>((sum, group) => (sum << 16n) | group, 0n), 6] as const);
  fc.assert(
    fc.property(fc.oneof(four, six, zeros), ([number, family]) => {
      const text = addressText(number, family);

      expect(isIP(text)).toBe(family);
      expect(parseAddress(text)).toBe(number);
      expect(canonicalAddress(text)).toBe(text);
    }),
    { numRuns: 5000 },
  );
});

test('a subnet holds its first and its last address, and neither neighbour', () => {
  fc.assert(
    fc.property(fc.bigInt(2n ** 40n, 2n ** 120n), fc.integer({ min: 9, max: 128 }), (number, prefix) => {
      const cidr = cidrOf(`${addressText(number, 6)}/${prefix}`);

      expect(holds(cidr, addressText(cidr.first, 6)) && holds(cidr, addressText(cidr.last, 6))).toBe(true);
      expect(holds(cidr, addressText(cidr.last + 1n, 6)) || holds(cidr, '10.0.0.1')).toBe(false);
      expect(cidrOf(cidrText(cidr))).toEqual(cidr);
    }),
  );
});
