/**
 * The network driver: bridges, one nftables table, bound ports and names of one engine.
 *
 * Compares the wanted state with what this process last made and with the
 * interfaces that are there, and runs nothing when both agree.
 */
import { coalesce } from '../base/coalesce.ts';
import { BerthError } from '../base/errors.ts';
import { familyOf } from '../model/cidr.ts';
import { bridgePrefix, portPrefix } from './bridge-name.ts';
import { type BridgeChanges, changeBridges, listInterfaces, removeLonePorts, restoreLocalRoutes } from './bridges.ts';
import { tableName } from './firewall.ts';
import { firewallTables } from './firewall-tables.ts';
import { type Forwarding, hostForwarding } from './forwarding.ts';
import { hostForwarding6 } from './forwarding6.ts';
import { findLooseEnds } from './loose-ends.ts';
import { nameServers } from './name-servers.ts';
import type { BridgeSpec, NetworkDriver, NetworkState, PublishSpec } from './network.ts';
import { occupiedSubnets } from './occupied.ts';
import { passage } from './passage.ts';
import { publishedPorts } from './published-ports.ts';
import { forgetStaleFlows } from './stale-flows.ts';
import { type Findings, type Watcher, watchOthers } from './watch-others.ts';

export type BridgedOptions = {
  readonly tag: string;
  readonly runDir: string;
  /** Path of the executor's binary. */
  readonly executor: string;
  readonly log: (line: string) => void;
  /** Ends of containers may have been lost: bridges were made again, or somebody removed an interface. */
  readonly onLooseEnds: () => void;
};

/** The kernel has no event for a change of route_localnet: the one thing that is looked at from time to time. */
const LOOK_MS = 2000;
const SOON_MS = 500;

const NOTHING: NetworkState = { bridges: [], publishes: [], names: [], clients: [], ends: [] };

export function bridgedNetwork({ tag, runDir, executor, log, onLooseEnds }: BridgedOptions): NetworkDriver {
  const prefix = bridgePrefix(tag);
  const ports = publishedPorts();
  const forwarding = hostForwarding(runDir);
  const forwarding6 = hostForwarding6(runDir);
  const way = passage({ runDir, ownTable: tableName(tag), bridges: prefix, log });
  const servers = nameServers(log);
  const firewall = firewallTables(tag, log);
  /** The last apply() came to its end, and nobody has touched what it made. */
  let isWhole = false;
  let last: Promise<unknown> = Promise.resolve();

  let state = NOTHING;
  /** What the rules in the kernel publish. */
  let published: readonly PublishSpec[] = [];
  let watcher: Watcher | undefined;
  let localRoutes: NodeJS.Timeout | undefined;
  let look: NodeJS.Timeout | undefined;
  const kept = new Set<string>();

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn.catch(() => {});
    return turn;
  };

  const apply = async (wanted: NetworkState): Promise<void> => {
    const letGo = await ports.take(wanted.publishes);
    state = wanted;
    if (state.bridges.length > 0) await watch();
    const changes = bridgeChanges(state.bridges, listInterfaces(prefix), isWhole);
    await asNetworkFailure(async () => {
      await changeKernel(state, changes);
      await forgetStaleFlows(executor, published, state.publishes);
      published = state.publishes;
    });
    await letGo();
    servers.setNames(state);
  };

  const changeKernel = async (state: NetworkState, changes: BridgeChanges): Promise<void> => {
    /* Until all is done: whatever fails now, the next apply goes over everything. */
    const isNew = !isWhole || changes.missing.length > 0;
    isWhole = false;
    await servers.stop([...changes.superfluous, ...changes.missing.map((b) => b.bridge)]);
    /* Bridges first: the rules name them, and an address must be there before its name server. */
    await changeBridges(changes);
    if (changes.superfluous.length > 0) await removeLonePorts(portPrefix(tag));
    const serverPorts = await servers.start(state);
    await Promise.all([firewall.swap(state, serverPorts), changeHost(isNew)]);
    isWhole = true;
  };

  const changeHost = async (isNew: boolean): Promise<void> => {
    if (state.bridges.length === 0) {
      kept.clear();
      forwarding.restore();
      forwarding6.restore();
      await way.close();
      return;
    }
    const open = state.bridges.filter((b) => !b.internal);
    if (open.length > 0) keepOn('ip_forward', forwarding);
    if (open.some((b) => b.subnets.some(({ subnet }) => familyOf(subnet) === 6)))
      keepOn('ipv6 forwarding', forwarding6);
    else forwarding6.restore();
    if (isNew) await way.open();
  };

  /** At the first network it is off because nobody needed it; after that, because somebody did it. */
  const keepOn = (setting: string, { allow }: Pick<Forwarding, 'allow'>): void => {
    if (allow() && kept.has(setting)) log(`somebody switched ${setting} off; it is on again`);
    kept.add(setting);
  };

  /** Others change their firewalls in many steps. */
  const lookSoon = () => {
    look ??= setTimeout(() => {
      look = undefined;
      inTurn(async () => {
        if (state.bridges.length > 0) await way.open();
      }).catch((error: unknown) => log(`other firewalls could not be looked at: ${String(error)}`));
    }, SOON_MS).unref();
  };

  const watch = async (): Promise<void> => {
    watcher ??= await watchOthers({ executor, tag, onFindings });
    localRoutes ??= setInterval(() => {
      const names = restoreLocalRoutes(state.bridges.map((b) => b.bridge));
      if (names.length > 0) log(`somebody switched route_localnet off on ${names.join(', ')}; it is on again`);
    }, LOOK_MS).unref();
  };

  /** What others have done is undone; what we did ourselves is as it should be. */
  const onFindings = (findings: Findings): void => {
    inTurn(async () => {
      const broken = state.bridges.filter((b) => findings.bridges.has(b.bridge));
      const rules = firewall.wasTouched(findings.rules) || findings.lost;
      if (state.bridges.length === 0) return;
      if (rules) firewall.forget();
      if (broken.length > 0 || findings.lost) isWhole = false;
      if (rules || broken.length > 0 || findings.forwarding || findings.lost) await apply(state);
      for (const { title } of broken) log(`network ${title}: somebody removed or changed its bridge; it is back`);
      if (rules && !findings.lost) log('somebody changed our nftables rules; they are back');
      if (findings.foreignRules || findings.foreignBridges.size > 0 || findings.lost) lookSoon();
      if (findings.ports || broken.length > 0 || findings.lost) onLooseEnds();
    }).catch((error: unknown) => log(`the network could not be repaired: ${String(error)}`));
  };

  return {
    async open() {
      /* The first apply() compares with nothing, and so repairs everything. */
      isWhole = false;
      firewall.forget();
    },
    apply: (state) => inTurn(() => apply(state)),
    portClashes: (wanted) => inTurn(() => ports.clashes(wanted)),
    reservePort: (protocol, hostIps) => inTurn(() => ports.reserve(protocol, hostIps)),
    findLooseEnds: (ends) => findLooseEnds(executor, ends),
    /* A stack's networks are made together: they share one look at the machine. */
    occupiedSubnets: coalesce(occupiedSubnets),
    removeAll: () => inTurn(() => apply(NOTHING)),
    close: () =>
      inTurn(async () => {
        clearInterval(localRoutes);
        clearTimeout(look);
        await Promise.all([servers.close(), ports.close(), watcher?.close()]);
      }),
  };
}

/** `known`: this process has made what is there. Else an engine before us may have been killed between two steps. */
function bridgeChanges(wanted: readonly BridgeSpec[], there: readonly string[], known: boolean): BridgeChanges {
  const names = new Set(wanted.map((b) => b.bridge));
  return {
    missing: wanted.filter((b) => !there.includes(b.bridge)),
    doubtful: known ? [] : wanted.filter((b) => there.includes(b.bridge)),
    superfluous: there.filter((name) => !names.has(name)),
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
