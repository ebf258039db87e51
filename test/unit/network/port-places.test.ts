import { expect, test } from 'vitest';
import { placesToHold } from '../../../src/network/port-places.ts';
import { publish } from './network-builders.ts';

const held = (...publishes: Parameters<typeof placesToHold>[0]) =>
  placesToHold(publishes).map((p) => `${p.hostIp} ${p.hostPort}/${p.protocol} -> ${p.containerIp}`);

test('each address of a publish is a place', () => {
  const places = held(publish({ hostIps: ['127.0.0.1', '::1'] }));

  expect(places).toEqual(['127.0.0.1 8080/tcp -> 172.31.255.2', '::1 8080/tcp -> 172.31.255.2']);
});

test('a place that a wildcard of its family covers is not bound, in whichever order they come', () => {
  const narrow = publish({ hostIps: ['127.0.0.1', '::1'] });
  const wide = publish({ hostIps: ['0.0.0.0'], containerIp: '172.31.255.3' });

  const places = [held(narrow, wide), held(wide, narrow)];

  const expected = ['0.0.0.0 8080/tcp -> 172.31.255.3', '::1 8080/tcp -> 172.31.255.2'];
  expect(places.map((p) => p.sort())).toEqual([expected, expected]);
});

test('while a container replaces another one, the first has the port', () => {
  const places = held(publish(), publish({ containerIp: '172.31.255.9' }));

  expect(places).toEqual(['127.0.0.1 8080/tcp -> 172.31.255.2']);
});

test('two holders of one port can not be', () => {
  const both = () => held(publish({ hostIps: ['0.0.0.0'] }), publish({ holder: 'blog/web' }));

  expect(both).toThrow('port 127.0.0.1:8080/tcp wanted by blog/web is taken by shop/web');
});

test('the same number by another protocol or on another address is another port', () => {
  const places = held(
    publish(),
    publish({ protocol: 'udp', holder: 'blog/dns' }),
    publish({ hostIps: ['192.0.2.1'], holder: 'blog/web' }),
  );

  expect(places).toHaveLength(3);
});
