/**
 * The name servers of all bridges: one each, started and ended with them.
 */
import { type DnsServer, serveDns } from './dns-server.ts';
import { type NameService, nameService } from './name-service.ts';
import type { BridgeSpec, NetworkState } from './network.ts';

/** Bridges whose server is not on port 53, and where it is. */
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
  const servers = new Map<string, DnsServer>();
  let names: NameService = nameService(NOTHING);
  let gateways: ReadonlySet<string> = new Set();

  /** A network without names is bad, one that does not start is worse. */
  const startOne = async ({ bridge, gateway, subnet, internal }: BridgeSpec) => {
    if (servers.has(bridge)) return;
    const table = (client: string) => names.tableFor(bridge, client);
    const isOurs = (address: string) => gateways.has(address);
    try {
      servers.set(bridge, await serveDns({ gateway, subnet, table, forwards: !internal, isOurs }));
    } catch (error) {
      log(`no name server on ${gateway}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const stop = async (bridges: readonly string[]) => {
    const ending = bridges.map((bridge) => servers.get(bridge));
    for (const bridge of bridges) servers.delete(bridge);
    await Promise.all(ending.map((server) => server?.close()));
  };

  return {
    stop,
    async start({ bridges }) {
      gateways = new Set(bridges.map((b) => b.gateway));
      await Promise.all(bridges.map(startOne));
      return new Map(
        [...servers].map(([bridge, { port }]) => [bridge, port] as const).filter(([, p]) => p !== DNS_PORT),
      );
    },
    setNames(state) {
      names = nameService(state);
    },
    close: () => stop([...servers.keys()]),
  };
}
