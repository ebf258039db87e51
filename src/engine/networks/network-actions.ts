/**
 * `network create`, `rm` and `prune`: networks that belong to no stack, and the end of those that nobody uses.
 */
import { BerthError } from '../../base/errors.ts';
import { recordNetwork, removeNetwork } from '../ops/networks.ts';
import type { NetworkRecord } from '../records.ts';
import type { World } from '../world.ts';
import { findNetwork, inspectNetwork, usersOf } from './network-list.ts';
import type { CreateNetworkRequest, NetworkInspect, PruneNetworksRequest } from './network-requests.ts';

/** The kernel's part is there when this resolves: a name or a bridge that can not be is said now. */
export async function createFreeNetwork(world: World, request: CreateNetworkRequest): Promise<NetworkInspect> {
  const { name, definition } = request;
  if (!/^[a-zA-Z0-9][\w.-]*$/.test(name)) {
    throw new BerthError('REQUEST_INVALID', `"${name}" is no name of a network`, {
      hint: 'use letters, digits, "_", "." and "-", beginning with a letter or a digit',
    });
  }
  if (['host', 'none', 'bridge'].includes(name)) {
    throw new BerthError('REQUEST_INVALID', `the name ${name} is taken by a network mode`, {
      hint: 'choose another name',
    });
  }
  const record = await recordNetwork(world, definition, { name, key: '', stack: '', at: () => undefined });
  try {
    await world.syncNetwork();
  } catch (error) {
    await removeNetwork(world, record.name).catch(() => {});
    throw error;
  }
  return inspectNetwork(world, record.name);
}

/** NETWORK_IN_USE when a container is on it, running or not. Returns its name. */
export async function removeFreeNetwork(world: World, name: string): Promise<string> {
  const network = findNetwork(world, name);
  const users = usersOf(world, network.name);
  if (users.length > 0) {
    throw new BerthError(
      'NETWORK_IN_USE',
      `network ${network.name} is used by ${users.map((c) => c.name).join(', ')}`,
      {
        hint: network.stack === '' ? 'disconnect or remove them first' : `run \`berth -p ${network.stack} down\``,
      },
    );
  }
  await removeNetwork(world, network.name);
  return network.name;
}

/** Removes what no container is on, of those that the request means. Names in the order of the alphabet. */
export async function pruneNetworks(world: World, request: PruneNetworksRequest): Promise<string[]> {
  const unused = world.store.networks.all().filter((n) => usersOf(world, n.name).length === 0 && isMeant(n, request));
  const names = unused.map((n) => n.name).sort();
  for (const name of names) await world.store.networks.delete(name);
  if (names.length > 0) await world.syncNetwork();
  return names;
}

function isMeant(network: NetworkRecord, { labels, notLabels, untilMs }: PruneNetworksRequest): boolean {
  if (untilMs !== undefined && Date.parse(network.createdAt) >= untilMs) return false;
  const has = (label: string) => hasLabel(network.definition.labels, label);
  return labels.every(has) && !notLabels.some(has);
}

/** `KEY` or `KEY=VALUE`. */
function hasLabel(labels: Readonly<Record<string, string>>, label: string): boolean {
  const [key = '', value] = label.split(/=(.*)/s);
  return Object.hasOwn(labels, key) && (value === undefined || labels[key] === value);
}
