import { expect, test } from 'vitest';
import {
  allocateAddress,
  allocateSubnet,
  contains,
  gatewayOf,
  macFor,
  prefixOf,
} from '../../../src/network/addresses.ts';

const THE_172_POOL = '172.16.0.0/12';

test('subnets are taken from the top of 172.16.0.0/12 downward', () => {
  const first = allocateSubnet([]);
  const second = allocateSubnet([first]);

  expect([first, second]).toEqual(['172.31.255.0/24', '172.31.254.0/24']);
});

test('a subnet that overlaps an occupied one is skipped, whichever of the two is larger', () => {
  const beside = allocateSubnet(['172.31.255.128/25', '172.31.254.7', '172.31.252.0/23']);

  expect(beside).toBe('172.31.251.0/24');
});

test('addresses of version 6 occupy nothing', () => {
  const subnet = allocateSubnet(['fe80::/64', '::1/128']);

  expect(subnet).toBe('172.31.255.0/24');
});

test('when the first pool is full the next ones follow', () => {
  const second = allocateSubnet([THE_172_POOL]);
  const third = allocateSubnet([THE_172_POOL, '10.0.0.0/8']);

  expect([second, third]).toEqual(['10.255.255.0/24', '192.168.255.0/24']);
});

test('when all pools are full it says so', () => {
  const allocate = () => allocateSubnet([THE_172_POOL, '10.0.0.0/8', '192.168.0.0/16']);

  expect(allocate).toThrow(expect.objectContaining({ code: 'ADDRESS_POOL_EMPTY' }));
});

test('addresses follow the gateway, and a gap is filled again', () => {
  const first = allocateAddress('172.31.255.0/24', []);
  const gap = allocateAddress('172.31.255.0/24', ['172.31.255.2', '172.31.255.4']);

  expect([first, gap]).toEqual(['172.31.255.2', '172.31.255.3']);
});

test('neither the network nor the broadcast address is given away', () => {
  const last = allocateAddress('10.9.8.0/29', ['10.9.8.2', '10.9.8.3', '10.9.8.4', '10.9.8.5']);
  const beyond = () =>
    allocateAddress(
      '10.9.8.0/29',
      ['2', '3', '4', '5', '6'].map((n) => `10.9.8.${n}`),
    );

  expect(last).toBe('10.9.8.6');
  expect(beyond).toThrow(expect.objectContaining({ code: 'ADDRESS_POOL_EMPTY' }));
});

test('gateway, prefix, hardware address and membership derive from the text alone', () => {
  const derived = [
    gatewayOf('172.31.255.0/24'),
    gatewayOf('10.1.2.200/28'),
    prefixOf('10.1.2.192/28'),
    macFor('172.31.255.2'),
    contains('10.1.2.192/28', '10.1.2.207'),
    contains('10.1.2.192/28', '10.1.2.208'),
  ];

  expect(derived).toEqual(['172.31.255.1', '10.1.2.193', 28, '02:42:ac:1f:ff:02', true, false]);
});
