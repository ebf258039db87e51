import { expect, test } from 'vitest';
import { nameService } from '../../../src/network/name-service.ts';
import { bridge, stateOf } from './network-builders.ts';

const STATE = stateOf({
  bridges: [bridge('front', '172.31.255.0/24'), bridge('back', '172.31.254.0/24')],
  names: [
    { bridge: 'front', name: 'web', address: '172.31.255.2' },
    { bridge: 'back', name: 'db', address: '172.31.254.2' },
    { bridge: 'front', name: 'both', address: '172.31.255.3' },
    { bridge: 'back', name: 'both', address: '172.31.254.3' },
  ],
  clients: [{ address: '172.31.255.3', bridges: ['front', 'back'] }],
});

test('a client knows the names of the bridge that it asks on, and no others', () => {
  const table = nameService(STATE).tableFor('front', '172.31.255.2');

  expect([table.addressesOf('web'), table.addressesOf('db')]).toEqual([['172.31.255.2'], undefined]);
});

test('a client on two networks knows the names of both, wherever it asks', () => {
  const table = nameService(STATE).tableFor('front', '172.31.255.3');

  expect([table.addressesOf('web'), table.addressesOf('db')]).toEqual([['172.31.255.2'], ['172.31.254.2']]);
});

test('the machine is the gateway of the bridge that is asked on', () => {
  const service = nameService(STATE);

  const gateways = ['front', 'back'].map((b) => service.tableFor(b, '').addressesOf('host.docker.internal'));

  expect(gateways).toEqual([['172.31.255.1'], ['172.31.254.1']]);
});
