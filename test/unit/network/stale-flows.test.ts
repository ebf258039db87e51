import { expect, test } from 'vitest';
import { changedPorts } from '../../../src/network/stale-flows.ts';
import { publish } from './network-builders.ts';

const udp = (hostPort: number, containerIp = '172.31.255.2') => publish({ protocol: 'udp', hostPort, containerIp });

test('ports that lead elsewhere have stale flows: new ones, gone ones, those of another container', () => {
  const before = [udp(1), udp(2), udp(3), publish({ hostPort: 9 })];
  const after = [udp(2), udp(3, '172.31.255.9'), udp(4)];

  expect(changedPorts(before, after).sort()).toEqual([1, 3, 4]);
});

test('while one container replaces another the first one counts', () => {
  expect(changedPorts([udp(1)], [udp(1), udp(1, '172.31.255.9')])).toEqual([]);
});
