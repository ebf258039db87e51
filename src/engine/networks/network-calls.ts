/**
 * The engine's calls about networks: each one's work is in a file of its own.
 *
 * What changes a container waits for what is being done to its stack.
 */
import { recordByName } from '../choose-containers.ts';
import type { StackLocks } from '../stack-locks.ts';
import type { World } from '../world.ts';
import { connectContainer, disconnectContainer } from './connect-network.ts';
import { createFreeNetwork, pruneNetworks, removeFreeNetwork } from './network-actions.ts';
import { inspectNetwork, listNetworks } from './network-list.ts';
import type { NetworkCalls } from './network-requests.ts';

export function networkCalls(world: World, locks: StackLocks): NetworkCalls {
  const stackOf = (container: string) => recordByName(world, container).stack;
  return {
    networks: async () => listNetworks(world),
    networkInspect: async (name) => inspectNetwork(world, name),
    networkCreate: (request) => createFreeNetwork(world, request),
    networkRemove: async (name) => ({ Name: await removeFreeNetwork(world, name) }),
    networkPrune: async (request) => ({ NetworksDeleted: await pruneNetworks(world, request) }),
    networkConnect: async (request) =>
      await locks.run(stackOf(request.container), 'network connect', async () => {
        await connectContainer(world, request);
        return inspectNetwork(world, request.network);
      }),
    networkDisconnect: async (request) =>
      await locks.run(stackOf(request.container), 'network disconnect', async () => {
        await disconnectContainer(world, request);
        return inspectNetwork(world, request.network);
      }),
  };
}
