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
  clients: [
    { addresses: ['172.31.255.3'], bridges: ['front', 'back'], names: [], servers: [] },
    {
      addresses: ['172.31.255.4'],
      bridges: ['front'],
      names: [{ name: 'database', address: '172.31.255.2' }],
      servers: ['9.9.9.9', '172.31.254.1'],
    },
  ],
});

test('a client knows the names of the bridge that it asks on, and no others', () => {
  const { table } = nameService(STATE).viewFor('front', '172.31.255.2');

  expect([table.find('web')?.version4, table.find('db')?.version4]).toEqual([['172.31.255.2'], undefined]);
});

test('a client on two networks knows the names of both, wherever it asks', () => {
  const { table } = nameService(STATE).viewFor('front', '172.31.255.3');

  expect([table.find('web')?.version4, table.find('db')?.version4]).toEqual([['172.31.255.2'], ['172.31.254.2']]);
});

test('the machine is the gateway of the bridge that is asked on', () => {
  const service = nameService(STATE);

  const gateways = ['front', 'back'].map((b) => service.viewFor(b, '').table.find('host.docker.internal')?.version4);

  expect(gateways).toEqual([['172.31.255.1'], ['172.31.254.1']]);
});

test('names of its own are for that client alone', () => {
  const service = nameService(STATE);

  const found = ['172.31.255.4', '172.31.255.2'].map((c) => service.viewFor('front', c).table.find('database'));

  expect(found).toEqual([{ version4: ['172.31.255.2'], version6: [] }, undefined]);
});

test('a name of its own hides the same name of another', () => {
  const clients = [
    { addresses: ['x'], bridges: ['front'], names: [{ name: 'web', address: '10.0.0.9' }], servers: [] },
  ];

  const { table } = nameService({ ...STATE, clients }).viewFor('front', 'x');

  expect([table.find('web')?.version4, table.nameOf('172.31.255.2')]).toEqual([
    ['10.0.0.9'],
    { kind: 'name', name: 'web' },
  ]);
});

test('a client with name servers of its own has these asked, but for our own', () => {
  const servers = nameService(STATE).viewFor('front', '172.31.255.4').servers();

  expect(servers).toEqual(['9.9.9.9']);
});

test('nobody is asked for a client that has no way out', () => {
  const sealed = nameService({ ...STATE, bridges: STATE.bridges.map((b) => ({ ...b, internal: true })) });

  expect(sealed.viewFor('front', '172.31.255.4').servers()).toEqual([]);
});
