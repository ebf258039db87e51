/**
 * Which names whom: those of every network that the asking container is on.
 */
import { type NameTable, nameTable } from './dns-answer.ts';
import type { NetworkState } from './network.ts';

export type NameService = {
  /** The table for a client that asks on `bridge`; one that is no container of ours sees that bridge's names. */
  tableFor(bridge: string, client: string): NameTable;
};

export function nameService({ bridges, names, clients }: NetworkState): NameService {
  const bridgesOf = new Map(clients.map((client) => [client.address, client.bridges]));
  const tables = new Map<string, NameTable>();
  return {
    tableFor(bridge, client) {
      /* Names of the network that is asked on come first. */
      const seen = new Set([bridge, ...(bridgesOf.get(client) ?? [])]);
      const key = [...seen].join(' ');
      const known = tables.get(key);
      if (known) return known;
      const gateway = bridges.find((b) => b.bridge === bridge)?.gateway;
      const table = nameTable(
        names.filter((name) => seen.has(name.bridge)),
        gateway ?? '127.0.0.1',
      );
      tables.set(key, table);
      return table;
    },
  };
}
