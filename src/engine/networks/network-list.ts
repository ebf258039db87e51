/**
 * Networks as people see them: lists and details, in the words of `docker network`.
 */
import { BerthError } from '../../base/errors.ts';
import { nearest } from '../../base/nearest.ts';
import { familyOf } from '../../model/cidr.ts';
import { addressesOf } from '../attachments.ts';
import type { ContainerRecord, NetworkRecord } from '../records.ts';
import type { World } from '../world.ts';
import type { NetworkInspect, NetworkSummary } from './network-requests.ts';

export function listNetworks(world: World): NetworkSummary[] {
  return world.store.networks
    .all()
    .sort((a, b) => a.name.localeCompare(b.name))
    .map((network) => summarize(world, network));
}

/** NETWORK_NOT_FOUND with the nearest name. */
export function inspectNetwork(world: World, name: string): NetworkInspect {
  const network = findNetwork(world, name);
  const { definition, subnets } = network;
  return {
    ...summarize(world, network),
    EnableIPv4: definition.enableIPv4,
    IPAM: {
      Driver: 'default',
      Config: subnets.map(({ subnet, gateway, ipRange, auxAddresses }) => ({
        Subnet: subnet,
        Gateway: gateway,
        ...(ipRange === null ? {} : { IPRange: ipRange }),
        ...(Object.keys(auxAddresses).length === 0 ? {} : { AuxiliaryAddresses: auxAddresses }),
      })),
    },
    Attachable: definition.attachable,
    Options: definition.options,
    Mtu: network.mtu,
    Interface: definition.driver === 'bridge' ? network.bridge : (definition.options.parent ?? ''),
    Containers: Object.fromEntries(usersOf(world, network.name).map((c) => [c.id, endOf(c, network.name)])),
  };
}

export function findNetwork(world: World, name: string): NetworkRecord {
  const all = world.store.networks.all();
  const byId = name.length >= 4 ? all.filter((n) => n.id.startsWith(name)) : [];
  const found = world.store.networks.get(name) ?? (byId.length === 1 ? byId[0] : undefined);
  if (found) return found;
  const near = nearest(
    name,
    all.map((n) => n.name),
  );
  throw new BerthError('NETWORK_NOT_FOUND', `there is no network ${name}`, {
    hint: near === undefined ? '`berth network ls` lists them' : `did you mean ${near}?`,
  });
}

/** Containers on the network, running or not. */
export function usersOf(world: World, network: string): ContainerRecord[] {
  return world.store.containers.all().filter((c) => c.attachments.some((a) => a.network === network));
}

function summarize(world: World, { id, name, stack, definition, createdAt }: NetworkRecord): NetworkSummary {
  return {
    ID: id,
    Name: name,
    Driver: definition.driver,
    Scope: 'local',
    Internal: definition.internal,
    EnableIPv6: definition.enableIPv6,
    Labels: definition.labels,
    CreatedAt: createdAt,
    Project: stack,
    Users: usersOf(world, name).length,
  };
}

function endOf(container: ContainerRecord, network: string) {
  const end = container.attachments.find((a) => a.network === network)!;
  const withPrefix = addressesOf(end).map((address) => ({
    family: familyOf(address),
    text: `${address}/${familyOf(address) === 4 ? end.prefix : end.prefix6}`,
  }));
  return {
    Name: container.name,
    Service: container.service,
    MacAddress: end.mac,
    IPv4Address: withPrefix.find((a) => a.family === 4)?.text ?? '',
    IPv6Address: withPrefix.find((a) => a.family === 6)?.text ?? '',
    Interface: end.interfaceName,
    Aliases: end.aliases,
  };
}
