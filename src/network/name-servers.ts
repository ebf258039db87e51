/**
 * The name servers of all bridges: one each gateway, started and ended with them.
 */
import { type DnsServer, serveDns } from './dns-server.ts';
import { upstream } from './dns-upstream.ts';
import { type NameService, nameService } from './name-service.ts';
import type { BridgeSpec, NetworkState, SubnetSpec } from './network.ts';

/** Gateways whose server is not on port 53, and where it is. */
export type ServerPorts = ReadonlyMap<string, number>;

export type NameServers = {
  /** Before a bridge goes or is made again: its address dies, and the socket on it would hear nothing any more. */
  stop(bridges: readonly string[]): Promise<void>;
  /** A server for each bridge that has none yet; the bridges must have their addresses. */
  start(state: NetworkState): Promise<ServerPorts>;
  /** From now on these names are answered. */
  setNames(state: NetworkState): void;
  close(): Promise<void>;
};

const DNS_PORT = 53;
const NOTHING: NetworkState = { bridges: [], publishes: [], names: [], clients: [], ends: [] };

export function nameServers(log: (line: string) => void): NameServers {
  const servers = new Map<string, readonly DnsServer[]>();
  const others = upstream();
  let names: NameService = nameService(NOTHING);

  /** A network without names is bad, one that does not start is worse. */
  const serve = async (bridge: string, { gateway, subnet }: SubnetSpec): Promise<DnsServer[]> => {
    try {
      return [await serveDns({ gateway, subnet, view: (client) => names.viewFor(bridge, client), upstream: others })];
    } catch (error) {
      log(`no name server on ${gateway}: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  };
  const startOne = async ({ bridge, subnets }: BridgeSpec) => {
    if (servers.has(bridge)) return;
    const started = await Promise.all(subnets.map((subnet) => serve(bridge, subnet)));
    /* None at all: tried again with the next change. */
    if (started.flat().length > 0) servers.set(bridge, started.flat());
  };
  const stop = async (bridges: readonly string[]) => {
    const ending = bridges.flatMap((bridge) => servers.get(bridge) ?? []);
    for (const bridge of bridges) servers.delete(bridge);
    await Promise.all(ending.map((server) => server.close()));
  };

  return {
    stop,
    async start({ bridges }) {
      await Promise.all(bridges.map(startOne));
      const elsewhere = [...servers.values()].flat().filter((server) => server.port !== DNS_PORT);
      return new Map(elsewhere.map(({ gateway, port }) => [gateway, port]));
    },
    setNames(state) {
      names = nameService(state);
    },
    close: () => stop([...servers.keys()]),
  };
}
