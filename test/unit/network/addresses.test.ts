import { expect, test } from 'vitest';
import {
  allocateAddress,
  allocateSubnet,
  contains,
  gatewayOf,
  macFor,
  prefixOf,
} from '../../../src/network/addresses.ts';
import { bridgeName } from '../../../src/network/bridge-name.ts';

test('subnets are taken from the top of the pool downward, around what is occupied', () => {
  expect(allocateSubnet([])).toBe('172.31.255.0/24');
  expect(allocateSubnet(['172.31.255.0/24', '172.31.254.128/25', '192.168.0.0/16'])).toBe('172.31.253.0/24');
  expect(allocateSubnet(['172.16.0.0/12'])).toBe('10.255.255.0/24');
});

test('an empty pool is said, with what to do', () => {
  expect(() => allocateSubnet(['0.0.0.0/0'])).toThrow('there is no free subnet left');
});

test('addresses begin behind the gateway and end before the broadcast', () => {
  const taken = Array.from({ length: 252 }, (_, i) => `10.0.0.${i + 2}`);

  expect(allocateAddress('10.0.0.0/24', [])).toBe('10.0.0.2');
  expect(allocateAddress('10.0.0.0/24', ['10.0.0.2', '10.0.0.4'])).toBe('10.0.0.3');
  expect(allocateAddress('10.0.0.0/24', taken)).toBe('10.0.0.254');
  expect(() => allocateAddress('10.0.0.0/24', [...taken, '10.0.0.254'])).toThrow(
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
