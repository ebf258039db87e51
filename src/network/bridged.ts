/**
 * The network driver: bridges, one nftables table, bound ports and names of one engine.
 *
 * Compares the wanted state with what this process last made and with the
 * interfaces that are there, and runs nothing when both agree.
 */
import { BerthError } from '../base/errors.ts';
import { runCommand } from '../base/run-command.ts';
import { bridgePrefix } from './bridge-name.ts';
import { changeBridges, listInterfaces } from './bridges.ts';
import { type DnsServer, serveDns } from './dns-server.ts';
import { firewallText } from './firewall.ts';
import { hostForwarding } from './forwarding.ts';
import { type NameService, nameService } from './name-service.ts';
import type { BridgeSpec, NetworkDriver, NetworkState } from './network.ts';
import { occupiedSubnets } from './occupied.ts';
import { publishedPorts } from './published-ports.ts';

export type BridgedOptions = { readonly tag: string; readonly runDir: string; readonly log: (line: string) => void };

const NOTHING: NetworkState = { bridges: [], publishes: [], names: [], clients: [] };

export function bridgedNetwork({ tag, runDir, log }: BridgedOptions): NetworkDriver {
  const prefix = bridgePrefix(tag);
  const ports = publishedPorts();
  const forwarding = hostForwarding(runDir, prefix);
  const servers = new Map<string, DnsServer>();
  let names: NameService = nameService(NOTHING);
  let firewall: string | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn.catch(() => {});
    return turn;
  };

  const applyNow = async (state: NetworkState): Promise<void> => {
    const letGo = await ports.take(state.publishes);
    const there = new Set(listInterfaces(prefix));
    const missing = state.bridges.filter((b) => !there.has(b.bridge));
    const wanted = new Set(state.bridges.map((b) => b.bridge));
    const superfluous = [...there].filter((name) => !wanted.has(name));
    for (const name of [...superfluous, ...missing.map((b) => b.bridge)]) await stopServer(name);
    const rules = firewallText(tag, state);
    const isNew = rules !== firewall;
    /* An engine before us may have been killed between two steps: what it made is gone over once. */
    const doubtful = firewall === undefined ? state.bridges.filter((b) => there.has(b.bridge)) : [];
    firewall = undefined;
    await asNetworkFailure(async () => {
      /* Bridges first: the rules name them, and an address must be there before its name server. */
      await changeBridges({ missing, doubtful, superfluous });
      if (isNew) await runCommand('nft', ['-f', '-'], { input: rules });
      firewall = rules;
      if (state.bridges.length === 0) await forwarding.restore();
      else if (missing.length > 0 || doubtful.length > 0) await forwarding.allow();
    });
    await letGo();
    names = nameService(state);
    await Promise.all(state.bridges.map(startServer));
  };

  /** At the start of an engine that has no network: what is there can only be a leftover. */
  const clearLeftovers = async () => {
    await runCommand('nft', ['-f', '-'], { input: firewallText(tag, NOTHING), check: false });
    await forwarding.restore();
  };
  const gateways = () => new Set(current.bridges.map((b) => b.gateway));
  let current = NOTHING;

  /** A network without names is bad, one that does not start is worse. */
  const startServer = async ({ bridge, gateway, internal }: BridgeSpec) => {
    if (servers.has(bridge)) return;
    const table = (client: string) => names.tableFor(bridge, client);
    const isOurs = (address: string) => gateways().has(address);
    try {
      servers.set(bridge, await serveDns({ gateway, table, forwards: !internal, isOurs }));
    } catch (error) {
      log(`no name server on ${gateway}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const stopServer = async (bridge: string) => {
    await servers.get(bridge)?.close();
    servers.delete(bridge);
  };

  return {
    async open() {
      /* The first apply() compares with nothing, and so repairs everything. */
      firewall = undefined;
    },
    apply: (state) =>
      inTurn(async () => {
        current = state;
        if (state.bridges.length > 0 || firewall !== undefined || listInterfaces(prefix).length > 0)
          await applyNow(state);
        else await clearLeftovers();
      }),
    portClashes: (wanted) => inTurn(() => ports.clashes(wanted)),
    reservePort: (protocol, hostIps) => inTurn(() => ports.reserve(protocol, hostIps)),
    occupiedSubnets,
    removeAll: () => inTurn(() => applyNow(NOTHING)),
    async close() {
      await Promise.all([...servers.keys()].map(stopServer));
      await ports.close();
    },
  };
}

async function asNetworkFailure(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    if (!(cause instanceof BerthError) || cause.code !== 'COMMAND_FAILED') throw cause;
    throw new BerthError('NETWORK_FAILED', `the network could not be set up: ${cause.message}`, {
      hint: 'run `berth doctor` to see what this machine can do',
      cause,
    });
  }
}
