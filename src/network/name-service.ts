/**
 * Which names whom: those of every network that the asking container is on, and its own; and whom to ask for others.
 */
import { hostNameServers } from './host-name-servers.ts';
import { type NameTable, nameTable } from './name-table.ts';
import type { BridgeSpec, ClientSpec, NetworkState } from './network.ts';

export type NameView = {
  readonly table: NameTable;
  /** Servers for names that are not ours; none on networks without a way out. */
  readonly servers: () => readonly string[];
};

export type NameService = {
  /** What a client that asks on `bridge` sees; one that is no container of ours sees that bridge's names. */
  viewFor(bridge: string, client: string): NameView;
};

const NOBODY: Omit<ClientSpec, 'addresses' | 'bridges'> = { names: [], servers: [] };

export function nameService({ bridges, names, clients }: NetworkState): NameService {
  const clientAt = new Map(clients.flatMap((client) => client.addresses.map((address) => [address, client] as const)));
  const bridgeOf = new Map(bridges.map((b) => [b.bridge, b]));
  const gateways = new Set(bridges.flatMap(gatewaysOf));
  const views = new Map<string, NameView>();

  const makeView = (bridge: string, client: ClientSpec): NameView => {
    /* Names of the network that is asked on come first. */
    const seen = new Set([bridge, ...client.bridges]);
    const networks = [...seen].flatMap((name) => bridgeOf.get(name) ?? []);
    const visible = names.filter((name) => seen.has(name.bridge));
    const table = nameTable({
      names: visible,
      own: client.names,
      gateways: gatewaysOf(bridgeOf.get(bridge)),
      subnets: networks.flatMap((network) => network.subnets.map((s) => s.subnet)),
    });
    const isSealed = networks.every((network) => network.internal);
    const asked = () => (client.servers.length > 0 ? client.servers : hostNameServers());
    return { table, servers: () => (isSealed ? [] : asked().filter((server) => !gateways.has(server))) };
  };

  return {
    viewFor(bridge, address) {
      const client = clientAt.get(address) ?? { addresses: [address], bridges: [], ...NOBODY };
      const key = JSON.stringify([bridge, client.bridges, client.names, client.servers]);
      const view = views.get(key) ?? makeView(bridge, client);
      views.set(key, view);
      return view;
    },
  };
}

function gatewaysOf(bridge: BridgeSpec | undefined): string[] {
  return bridge?.subnets.map((subnet) => subnet.gateway) ?? [];
}
