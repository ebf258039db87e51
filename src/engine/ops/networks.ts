/**
 * Makes and removes networks: the record here, the kernel's part with the next sync.
 *
 * The record is on disk before a bridge is made, and the bridge's name derives
 * from its id, so that recovery finds both or neither.
 */
import { BerthError } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import type { StackNetwork } from '../../model/stack.ts';
import { allocateSubnet, gatewayOf } from '../../network/addresses.ts';
import { bridgeName } from '../../network/bridge-name.ts';
import { positionOf } from '../definition-diff.ts';
import type { NetworkRecord } from '../records.ts';
import type { World } from '../world.ts';
import type { Operation } from './operation.ts';

const DEFAULT_MTU = 1500;

/** Gives the network its subnet and records it; bridge and rules follow with the first container's start. */
export async function createNetwork(operation: Operation, key: string): Promise<undefined> {
  const { world, stack } = operation;
  const wanted = stack.networks.find((n) => n.key === key);
  if (!wanted) throw new Error(`the plan names network ${key}, which stack ${stack.name} has not`);
  const occupied = await world.network.occupiedSubnets();
  /* From here to put() nothing is awaited: two networks made at once get two subnets. */
  const record = newRecord(operation, wanted, occupied);
  await world.store.networks.put(record.name, record);
}

function newRecord(operation: Operation, wanted: StackNetwork, occupied: readonly string[]): NetworkRecord {
  const { world, stack } = operation;
  const existing = world.store.networks.get(wanted.name);
  if (existing) {
    throw new BerthError('NETWORK_FAILED', `network ${wanted.name} belongs to stack ${existing.stack}`, {
      at: positionOf(operation.positions, `networks.${wanted.key}`),
      hint: 'give this network another name, or mark it external to share it',
    });
  }
  const id = newId();
  const ours = world.store.networks.all();
  const asked = wanted.subnets[0];
  if (asked) refuseOverlap(operation, wanted, asked.subnet);
  const subnet = asked?.subnet ?? allocateSubnet([...occupied, ...ours.map((n) => n.subnet)]);
  return {
    id,
    name: wanted.name,
    stack: stack.name,
    key: wanted.key,
    bridge: bridgeName(world.roots.tag, id),
    subnet,
    gateway: asked?.gateway ?? gatewayOf(subnet),
    internal: wanted.internal,
    mtu: wanted.mtu ?? DEFAULT_MTU,
    labels: wanted.labels,
    createdAt: new Date().toISOString(),
  };
}

function refuseOverlap(operation: Operation, wanted: StackNetwork, subnet: string): void {
  const other = operation.world.store.networks.all().find((n) => n.subnet === subnet);
  if (!other) return;
  throw new BerthError('NETWORK_FAILED', `network ${wanted.key}: subnet ${subnet} is taken by network ${other.name}`, {
    at: positionOf(operation.positions, `networks.${wanted.key}.ipam`),
    hint: 'choose another subnet, or leave ipam out and berth picks a free one',
  });
}

/** Forgets the network; its bridge and rules go with the sync. */
export async function removeNetwork(world: World, name: string): Promise<undefined> {
  await world.store.networks.delete(name);
  await world.syncNetwork();
}
