/**
 * A container's interfaces and namespaced sysctls -> ops.
 *
 * Pure. The veth pairs are made by the monitor while the child mounts;
 * addresses and routes are set by the child, inside.
 */
import { isIPv6 } from 'node:net';
import { BerthError } from '../base/errors.ts';
import { type Op, op } from './op.ts';
import type { InterfaceSpec, OciNamespace } from './spec.ts';

/** Monitor phase: the pairs, their bridges. */
export function interfaceOps(interfaces: readonly InterfaceSpec[]): Op[] {
  return interfaces.flatMap((one) => (one.macvlan ? [macvlanOp(one, one.macvlan)] : vethOps(one)));
}

function macvlanOp({ name, mac, mtu, origin }: InterfaceSpec, { parent, mode }: Macvlan): Op {
  return op('macvlan', [name, parent, mode, mac, mtu], `connecting ${name} to the link ${parent}`, origin);
}

function vethOps({ hostName, name, bridge, mac, mtu, isolated, origin }: InterfaceSpec): Op[] {
  const flags = isolated ? 'hairpin,nolearning,locked,isolated' : 'hairpin,nolearning,locked';
  return [
    op('veth', [hostName, name, bridge, mac, mtu], `connecting ${name} to the bridge ${bridge}`, origin),
    op('bridge-entry', [hostName, mac], `naming ${mac} to the bridge ${bridge}`, origin),
    // Hairpin: a container reaches itself by its own published port. Locked and not learning: it sends from its own
    // hardware address only, and takes no neighbour's (Linux 5.18; before that, it may send but hears no answer).
    op('port-flags', [hostName, flags], `setting up the bridge port ${hostName}`, origin),
  ];
}

type Macvlan = NonNullable<InterfaceSpec['macvlan']>;

export type Replugging = {
  /** Names of interfaces to take away. */
  readonly removed: readonly string[];
  readonly added: readonly InterfaceSpec[];
  /** All that are there afterwards: their default routes are set. */
  readonly interfaces: readonly InterfaceSpec[];
};

/** A whole program: takes interfaces from a network namespace that lives, and gives it others. */
export function replugProgram(tag: string, netnsPath: string, { removed, added, interfaces }: Replugging): Op[] {
  const names = [...removed, ...added.map((one) => one.name)];
  const addresses = interfaceSetupOps(
    added.map((one) => ({ ...one, gateways: [] })),
    false,
  );
  return [
    op('tag', [tag], 'naming the program'),
    op('join', ['net', netnsPath], `joining the network namespace ${netnsPath}`),
    ...names.map((name) => op('unplug', [name], `removing the interface ${name}`)),
    ...interfaceOps(added),
    op('batch', [], 'ending the program'),
    ...addresses,
    ...routeOps(interfaces),
  ];
}

/** A whole program: gives interfaces to a network namespace that lives, in place of any of the same name. */
export function connectProgram(tag: string, netnsPath: string, interfaces: readonly InterfaceSpec[]): Op[] {
  return [
    op('tag', [tag], 'naming the program'),
    op('join', ['net', netnsPath], `joining the network namespace ${netnsPath}`),
    ...interfaces.map(({ name, origin }) => op('unplug', [name], `removing the interface ${name}`, origin)),
    ...interfaceOps(interfaces),
    op('batch', [], 'ending the program'),
    ...interfaceSetupOps(interfaces, false),
  ];
}

/** Child phase: loopback, addresses, default routes (the first interface wins). */
export function interfaceSetupOps(interfaces: readonly InterfaceSpec[], isNew: boolean): Op[] {
  const up = isNew ? [op('net-up', [], 'bringing up the loopback interface')] : [];
  const addresses = interfaces.flatMap(({ name, addresses, origin }) =>
    addresses.map((address) => op('net-addr', [name, address], `giving ${name} the address ${address}`, origin)),
  );
  return [...up, ...addresses, ...routeOps(interfaces)];
}

/** Each replaces the one of its rank that was there. */
function routeOps(interfaces: readonly InterfaceSpec[]): Op[] {
  const ranks = { 4: 0, 6: 1024 };
  return interfaces.flatMap(({ name, gateways, origin }) =>
    gateways.map((gateway) => {
      // The kernel gives v6 routes 1024 when nothing is said, and takes 0 for that.
      const metric = isIPv6(gateway) ? ranks[6]++ : ranks[4]++;
      return op('net-route', ['default', gateway, name, metric], `default route by ${gateway}`, origin);
    }),
  );
}

/** Keys that a namespace has of its own; any other would change the whole machine. */
const NAMESPACED: readonly (readonly [type: OciNamespace['type'], key: RegExp])[] = [
  ['network', /^net[./]/],
  ['ipc', /^(fs[./]mqueue[./]|kernel[./](shm_rmid_forced|shmmax|shmall|shmmni|msgmax|msgmnb|msgmni|sem)$)/],
  ['uts', /^kernel[./](domainname|hostname)$/],
];

/** Child phase; REQUEST_INVALID for a key that is not the container's own. */
export function sysctlOps(sysctl: Readonly<Record<string, string>>, namespaces: readonly OciNamespace[]): Op[] {
  return Object.entries(sysctl).map(([key, value]) => {
    const kind = key.includes('..') ? undefined : NAMESPACED.find(([, pattern]) => pattern.test(key))?.[0];
    if (kind === undefined || !namespaces.some(({ type }) => type === kind)) {
      const whose = kind === undefined ? 'the whole machine' : `the host, whose ${kind} namespace the container shares`;
      throw new BerthError('REQUEST_INVALID', `the sysctl ${key} belongs to ${whose}`, {
        hint: 'set it on the machine with sysctl(8), or remove it',
      });
    }
    return op('sysctl', [key, value], `setting the sysctl ${key}`);
  });
}
