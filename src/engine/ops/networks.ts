/**
 * Makes and removes networks: the record here, the kernel's part with the next sync.
 *
 * The record is on disk before a bridge is made, and the bridge's name derives
 * from its id, so that recovery finds both or neither.
 */
import { BerthError, type SourcePos } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import type { NetworkDefinition } from '../../model/stack.ts';
import { bridgeName } from '../../network/bridge-name.ts';
import { linkMtu } from '../../network/links.ts';
import { allocateSubnets } from '../allocate-subnets.ts';
import { positionOf } from '../definition-diff.ts';
import type { NetworkRecord } from '../records.ts';
import type { World } from '../world.ts';
import type { Operation } from './operation.ts';

const DEFAULT_MTU = 1500;

/** Gives the network its subnet and records it; bridge and rules follow with the first container's start. */
export async function createNetwork(operation: Operation, key: string): Promise<undefined> {
  const { world, stack, positions } = operation;
  const wanted = stack.networks.find((n) => n.key === key);
  if (!wanted) throw new Error(`the plan names network ${key}, which stack ${stack.name} has not`);
  const at = (field: string) =>
    positionOf(positions, field === '' ? `networks.${key}` : `networks.${key}.${field}`) ??
    positionOf(positions, `networks.${key}`);
  const { name } = wanted;
  await recordNetwork(world, wanted, { name, key, stack: stack.name, at });
}

export type NetworkIdentity = {
  readonly name: string;
  readonly key: string;
  /** Empty: of no stack. */
  readonly stack: string;
  readonly at: (field: string) => SourcePos | undefined;
};

/** NETWORK_FAILED for a name or a subnet that is taken; ADDRESS_POOL_EMPTY. */
export async function recordNetwork(
  world: World,
  definition: NetworkDefinition,
  identity: NetworkIdentity,
): Promise<NetworkRecord> {
  const mtu = await mtuOf(definition, identity);
  const occupied = await world.network.occupiedSubnets();
  /* From here to put() nothing is awaited: two networks made at once get two subnets. */
  const { name, key, stack, at } = identity;
  refuseTakenName(world, identity);
  const id = newId();
  const subnets = allocateSubnets(definition, { id, key, occupied, others: world.store.networks.all(), at });
  const { driver, internal, attachable, enableIPv4, enableIPv6, options, labels } = definition;
  const record: NetworkRecord = {
    id,
    name,
    stack,
    key,
    bridge: bridgeName(world.roots.tag, id),
    definition: { driver, internal, attachable, enableIPv4, enableIPv6, subnets: definition.subnets, options, labels },
    subnets,
    mtu,
    createdAt: new Date().toISOString(),
  };
  await world.store.networks.put(record.name, record);
  return record;
}

/** Of a macvlan that of its link, which it can not exceed. */
async function mtuOf({ driver, options }: NetworkDefinition, { key, at }: NetworkIdentity): Promise<number> {
  if (driver === 'bridge') return options.mtu ?? DEFAULT_MTU;
  const parent = options.parent ?? '';
  const most = await linkMtu(parent);
  if (most === undefined) {
    throw new BerthError('NETWORK_FAILED', `network ${key}: this machine has no interface ${parent}`, {
      at: at('driver_opts.parent'),
      hint: '`ip link` lists them',
    });
  }
  return Math.min(options.mtu ?? most, most);
}

function refuseTakenName(world: World, { name, key, at }: NetworkIdentity): void {
  const existing = world.store.networks.get(name);
  if (!existing) return;
  const owner = existing.stack === '' ? 'was made by `network create`' : `belongs to stack ${existing.stack}`;
  throw new BerthError('NETWORK_FAILED', `network ${name} ${owner}`, {
    at: at(''),
    hint: key === '' ? 'choose another name' : 'give this network another name, or mark it external to share it',
  });
}

/** Forgets the network; its bridge and rules go with the sync. */
export async function removeNetwork(world: World, name: string): Promise<undefined> {
  await world.store.networks.delete(name);
  await world.syncNetwork();
}
