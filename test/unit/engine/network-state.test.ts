import { expect, test } from 'vitest';
import { networkStateOf } from '../../../src/engine/network-state.ts';
import type { Attachment, ContainerRecord } from '../../../src/engine/records.ts';
import { firewallText } from '../../../src/network/firewall.ts';
import { containerRecord } from '../../builders.ts';

const ATTACHMENT: Attachment = {
  network: 'shop_default',
  bridge: 'bt00001',
  macvlan: null,
  address: '172.31.255.2',
  prefix: 24,
  address6: null,
  prefix6: 64,
  linkLocal: [],
  gateway: '172.31.255.1',
  gateway6: null,
  resolver: '172.31.255.1',
  mac: '02:42:ac:1f:ff:02',
  mtu: 1500,
  interfaceName: 'eth0',
  isolated: false,
  sysctls: {},
  aliases: [],
  byHand: false,
  gwPriority: 0,
  links: [],
};

const PUBLISH = {
  protocol: 'tcp',
  hostIps: ['127.0.0.1'],
  hostPort: 8080,
  bridge: 'bt00001',
  containerIp: '172.31.255.2',
  containerPort: 80,
  holder: 'shop/web',
} as const;

const stateOf = (record: ContainerRecord, isUp: boolean) => networkStateOf([], [record], () => isUp);

test('the start of a container that exists changes no rule of the firewall', () => {
  const record = containerRecord({ desired: 'stopped', attachments: [ATTACHMENT] });

  const [before, after] = [stateOf(record, false), stateOf({ ...record, desired: 'running' }, true)];

  const bridges = [{ bridge: 'bt00001', title: 't', subnets: [], internal: false, masquerade: true, mtu: 1500 }];
  expect(before.ends).toEqual([
    { bridge: 'bt00001', mac: ATTACHMENT.mac, addresses: ['172.31.255.2'], forwards: false },
  ]);
  expect(firewallText('tag', { ...before, bridges })).toBe(firewallText('tag', { ...after, bridges }));
});

test('names lead nowhere and ports are free until it is to run', () => {
  const record = containerRecord({ desired: 'stopped', attachments: [ATTACHMENT], publishes: [PUBLISH] });

  const [before, after] = [stateOf(record, false), stateOf({ ...record, desired: 'running' }, true)];

  expect([before.publishes, after.publishes]).toEqual([[], [PUBLISH]]);
  expect(before.names.map((name) => name.address)).not.toContain('172.31.255.2');
  expect(after.names.map((name) => name.address)).not.toContain(null);
});
