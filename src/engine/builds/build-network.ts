/**
 * The network of steps that are being built: a bridge of its own, there while a build needs it.
 *
 * It is in no record: after a crash the next sync removes what is left of it.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { newId } from '../../base/ids.ts';
import type { StepNetwork } from '../../build/solve/solving.ts';
import { allocateAddress, allocateSubnet, gatewayOf, macFor, prefixOf } from '../../network/addresses.ts';
import { bridgeName } from '../../network/bridge-name.ts';
import type { NetworkDriver, NetworkState } from '../../network/network.ts';
import type { NetworkRecord } from '../records.ts';

export type BuildNetwork = {
  /** What the kernel should have for it now. */
  state(): Pick<NetworkState, 'bridges' | 'clients' | 'ends'>;
  attach(mode: 'default' | 'none' | 'host', id: string): Promise<StepNetwork>;
  /** No build is left. */
  close(): Promise<void>;
};

export type BuildNetworkOptions = {
  readonly tag: string;
  readonly driver: NetworkDriver;
  readonly networks: () => readonly NetworkRecord[];
  readonly sync: () => Promise<void>;
};

type Bridge = { readonly name: string; readonly subnet: string; readonly gateway: string };
type End = { readonly address: string; readonly mac: string };

const MTU = 1500;

export function buildNetwork({ tag, driver, networks, sync }: BuildNetworkOptions): BuildNetwork {
  let bridge: Promise<Bridge> | undefined;
  let made: Bridge | undefined;
  const ends = new Map<string, End>();

  const make = async (): Promise<Bridge> => {
    const occupied = await driver.occupiedSubnets();
    const subnet = allocateSubnet([
      ...occupied,
      ...networks().flatMap((network) => network.subnets.map(({ subnet: taken }) => taken)),
    ]);
    made = { name: bridgeName(tag, newId()), subnet, gateway: gatewayOf(subnet) };
    return made;
  };

  return {
    state() {
      const own = made;
      if (!own) return { bridges: [], clients: [], ends: [] };
      const { name, subnet, gateway } = own;
      const all = [...ends.values()];
      return {
        bridges: [
          {
            bridge: name,
            title: 'berth build',
            subnets: [{ subnet, gateway }],
            internal: false,
            masquerade: true,
            mtu: MTU,
          },
        ],
        clients: all.map(({ address }) => ({ addresses: [address], bridges: [name], names: [], servers: [] })),
        ends: all.map(({ address, mac }) => ({ bridge: name, mac, addresses: [address], forwards: false })),
      };
    },

    async attach(mode, id) {
      if (mode === 'host') return hostNetwork();
      if (mode === 'none') return noNetwork();
      bridge ??= make();
      const { name, subnet, gateway } = await bridge;
      const address = allocateAddress({ subnet }, [gateway, ...[...ends.values()].map((end) => end.address)]);
      const mac = macFor(address);
      ends.set(id, { address, mac });
      await sync();
      return {
        namespaces: [{ type: 'network' }],
        interfaces: [
          {
            hostName: `v${tag}${randomBytes(5).toString('hex')}`,
            name: 'eth0',
            bridge: name,
            mac,
            mtu: MTU,
            addresses: [`${address}/${prefixOf(subnet)}`],
            gateways: [gateway],
          },
        ],
        resolvConf: `nameserver ${gateway}\noptions ndots:0\n`,
        gateway,
        address,
        release: async () => void ends.delete(id),
      };
    },

    async close() {
      if (!made) return;
      made = undefined;
      bridge = undefined;
      await sync();
    },
  };
}

const nothing = async () => {};

function hostNetwork(): StepNetwork {
  const resolvConf = textOf('/etc/resolv.conf');
  return { namespaces: [], interfaces: [], resolvConf, gateway: '127.0.0.1', address: null, release: nothing };
}

function noNetwork(): StepNetwork {
  return {
    namespaces: [{ type: 'network' }],
    interfaces: [],
    resolvConf: '',
    gateway: null,
    address: null,
    release: nothing,
  };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
