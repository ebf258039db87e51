import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cidrOf, overlap } from '../../../src/model/cidr.ts';
import {
  allocateAddress,
  allocateSubnet,
  contains,
  gatewayOf,
  isUsable,
  localSubnet,
  macFor,
  prefixOf,
} from '../../../src/network/addresses.ts';
import { bridgeName } from '../../../src/network/bridge-name.ts';

test('subnets are taken from the top of the pool downward, around what is occupied', () => {
  expect(allocateSubnet([])).toBe('172.31.255.0/24');
  expect(allocateSubnet(['172.31.255.0/24', '172.31.254.128/25', '192.168.0.0/16'])).toBe('172.31.253.0/24');
  expect(allocateSubnet(['172.16.0.0/12'])).toBe('10.255.255.0/24');
});

test('an empty pool is said, with how many are taken and by whom', () => {
  const ours = { cidr: '172.31.255.0/24', network: 'shop_default' };

  expect(() => allocateSubnet([ours, '0.0.0.0/1', '128.0.0.0/1'])).toThrow(
    'there is no free subnet left for a network: all 36992 of the pool are taken, 1 by networks (shop_default), 2 by routes of this machine (0.0.0.0/1, 128.0.0.0/1)',
  );
});

test('a thousand networks get a thousand subnets that meet neither each other nor a route', () => {
  const part = fc.integer({ min: 0, max: 255 });
  const route = fc.tuple(fc.constantFrom('172.16', '172.31', '10.255'), part, fc.integer({ min: 16, max: 32 }));
  fc.assert(
    fc.property(fc.array(route, { maxLength: 10 }), (routes) => {
      const occupied: string[] = routes.map(([head, third, prefix]) => `${head}.${third}.0/${prefix}`);
      const made = Array.from({ length: 1000 }, () => {
        const subnet = allocateSubnet(occupied);
        occupied.push(subnet);
        return subnet;
      });

      expect(new Set(made).size).toBe(1000);
      const ranges = routes.map((_, index) => cidrOf(occupied[index]!));
      expect(made.filter((subnet) => ranges.some((range) => overlap(range, cidrOf(subnet))))).toEqual([]);
    }),
    { numRuns: 3 },
  );
});

test('addresses begin behind the gateway and end before the broadcast', () => {
  const taken = Array.from({ length: 253 }, (_, i) => `10.0.0.${i + 1}`);

  expect(allocateAddress({ subnet: '10.0.0.0/24' }, ['10.0.0.1'])).toBe('10.0.0.2');
  expect(allocateAddress({ subnet: '10.0.0.0/24' }, ['10.0.0.1', '10.0.0.2', '10.0.0.4'])).toBe('10.0.0.3');
  expect(allocateAddress({ subnet: '10.0.0.0/24' }, taken)).toBe('10.0.0.254');
  expect(() => allocateAddress({ subnet: '10.0.0.0/24' }, [...taken, '10.0.0.254'])).toThrow(
    'all addresses of 10.0.0.0/24 are taken',
  );
});

test('gateway, prefix, MAC and membership follow from the numbers', () => {
  expect(gatewayOf('172.31.255.0/24')).toBe('172.31.255.1');
  expect(prefixOf('172.31.255.0/24')).toBe(24);
  expect(macFor('172.31.255.2')).toBe('02:42:ac:1f:ff:02');
  expect(contains('10.1.0.0/16', '10.1.255.255')).toBe(true);
  expect(contains('10.1.0.0/16', '10.2.0.0')).toBe(false);
});

test('a bridge carries the tag of its engine and fits the kernel', () => {
  expect(bridgeName('a1b2', 'f'.repeat(64))).toBe('bta1b2fffffffff');
});

test('a range narrows what is given out, and its own ends count', () => {
  const pool = { subnet: '10.0.0.0/24', ipRange: '10.0.0.128/30' };

  const given = [0, 1, 2, 3].map((n) =>
    allocateAddress(
      pool,
      [128, 129, 130].slice(0, n).map((last) => `10.0.0.${last}`),
    ),
  );

  expect(given).toEqual(['10.0.0.128', '10.0.0.129', '10.0.0.130', '10.0.0.131']);
  expect(() => allocateAddress({ subnet: '10.0.0.0/30', ipRange: '10.0.0.2/31' }, ['10.0.0.2'])).toThrow(
    'all addresses of 10.0.0.2/31 are taken',
  );
});

test('a unique local subnet is a /64 below fd00::/8 that nobody has, the same for the same id', () => {
  const id = '0123456789abcdef';

  const first = localSubnet(id, []);
  const second = localSubnet(id, [first]);

  expect(first).toBe('fd01:2345:6789:abcd::/64');
  expect(second).toBe('fd01:2345:6789:abce::/64');
  expect(allocateAddress({ subnet: first }, [gatewayOf(first)])).toBe('fd01:2345:6789:abcd::2');
});

test('whatever is taken and given back: no address twice, none outside, none that means all', () => {
  const subnets = fc.constantFrom('10.9.0.0/28', '10.9.0.0/29', '10.9.0.0/31', 'fd00::/124', 'fd00::/126');
  const turns = fc.array(fc.record({ gives: fc.boolean(), which: fc.nat(40) }), { maxLength: 60 });
  fc.assert(
    fc.property(subnets, turns, (subnet, history) => {
      const gateway = gatewayOf(subnet);
      const leases: string[] = [];
      for (const { gives, which } of history) {
        if (gives && leases.length > 0) leases.splice(which % leases.length, 1);
        else {
          const free = freeOf(subnet, [gateway, ...leases]);
          if (free === undefined) expect(leases.length).toBe(usableCount(subnet) - 1);
          else {
            expect([gateway, ...leases]).not.toContain(free);
            expect(isUsable(subnet, free)).toBe(true);
            leases.push(free);
          }
        }
      }
    }),
    { numRuns: 1000 },
  );
});

function freeOf(subnet: string, taken: readonly string[]): string | undefined {
  try {
    return allocateAddress({ subnet }, taken);
  } catch {
    return undefined;
  }
}

function usableCount(subnet: string): number {
  const size = 2 ** ((subnet.includes(':') ? 128 : 32) - prefixOf(subnet));
  if (size <= 2) return size;
  return subnet.includes(':') ? size - 1 : size - 2;
}
