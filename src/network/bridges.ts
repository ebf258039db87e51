/**
 * Bridges of one engine: what is there, and one `ip -batch` that makes it what it should be.
 */
import { randomInt } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { errnoOf } from '../base/errors.ts';
import { runCommand } from '../base/run-command.ts';
import { familyOf } from '../model/cidr.ts';
import { macFor, prefixOf } from './addresses.ts';
import type { BridgeSpec, SubnetSpec } from './network.ts';

/** Names of the interfaces that begin with `prefix`; a read of /proc, no process. */
export function listInterfaces(prefix: string): string[] {
  return readFileSync('/proc/self/net/dev', 'utf8')
    .split('\n')
    .map((line) => line.split(':', 1)[0]!.trim())
    .filter((name) => name.startsWith(prefix));
}

/**
 * Ends on no bridge, left by a dead container: while the kernel tries to tell a peer that a connection has ended, the
 * network namespace lives on, for minutes when the peer is gone (tcp(7), tcp_orphan_retries). It may end them before us.
 */
export async function removeLonePorts(prefix: string): Promise<void> {
  if (listInterfaces(prefix).length === 0) return;
  const { stdout } = await runCommand('ip', ['-j', 'link', 'show', 'type', 'veth']);
  const links = JSON.parse(stdout || '[]') as { readonly ifname: string; readonly master?: string }[];
  const lone = links.filter((link) => link.ifname.startsWith(prefix) && !link.master);
  if (lone.length === 0) return;
  const input = `${lone.map(({ ifname }) => `link del dev ${ifname}`).join('\n')}\n`;
  await runCommand('ip', ['-force', '-batch', '-'], { input, check: false });
}

export type BridgeChanges = {
  readonly missing: readonly BridgeSpec[];
  /** There, but perhaps not finished. */
  readonly doubtful: readonly BridgeSpec[];
  readonly superfluous: readonly string[];
};

/** In one process; none when there is nothing to do. */
export async function changeBridges({ missing, doubtful, superfluous }: BridgeChanges): Promise<void> {
  const lines = [
    ...removal(superfluous),
    ...missing.flatMap((bridge) => [...creation(bridge), ...setup(bridge)]),
    ...doubtful.flatMap(setup),
  ];
  if (lines.length === 0) return;
  await runCommand('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n` });
  for (const { bridge } of [...missing, ...doubtful]) prepare(bridge);
}

/**
 * The kernel waits for all its processors at each removal, and but once for a whole group (rtnetlink(7), IFLA_GROUP).
 * The group's number is drawn by lot out of two thousand million: nobody else is in it.
 */
function removal(names: readonly string[]): string[] {
  if (names.length <= 1) return names.map((name) => `link del dev ${name}`);
  const group = randomInt(2 ** 16, 2 ** 31 - 1);
  return [...names.map((name) => `link set dev ${name} group ${group}`), `link del group ${group}`];
}

/**
 * With an address of its own: by default a bridge takes the lowest of its ports', and each container that comes or goes
 * would leave its neighbours with the wrong one until they ask again.
 */
function creation({ bridge, subnets, alternativeName }: BridgeSpec): string[] {
  const address = subnets[0] ? ` address ${macFor(subnets[0].gateway)}` : '';
  const link = `link add name ${bridge}${address} type bridge forward_delay 0`;
  /* Beside our own name, which recovery finds it by. */
  return alternativeName ? [link, `link property add dev ${bridge} altname ${alternativeName}`] : [link];
}

function setup({ bridge, title, subnets, mtu }: BridgeSpec): string[] {
  /* No link-local address of version 6 where there is no version 6: it would only announce itself. */
  const mode = subnets.some(({ subnet }) => familyOf(subnet) === 6) ? 'eui64' : 'none';
  return [
    `link set dev ${bridge} addrgenmode ${mode} alias "${aliasOf(title)}" mtu ${mtu}`,
    ...subnets.map((subnet) => `addr replace ${addressLine(subnet)} dev ${bridge}`),
    `link set dev ${bridge} up`,
  ];
}

/** Nobody but us gives out addresses here: the search for a double would only keep ours from being used at once. */
function addressLine({ subnet, gateway }: SubnetSpec): string {
  const address = `${gateway}/${prefixOf(subnet)}`;
  return familyOf(subnet) === 6 ? `${address} nodad` : `${address} brd +`;
}

/** What needs no quoting in a batch, and fits: IFALIASZ of linux/if.h. */
function aliasOf(title: string): string {
  return title.replace(/[^\w.-]/g, '_').slice(0, 255);
}

/** Lets 127/8 be routed to this bridge: published ports on 127.0.0.1 are DNAT too. */
function prepare(bridge: string): void {
  writeFileSync(routeLocalnet(bridge), '1');
}

/** Bridges where somebody has switched that off, switched on again; a bridge that is gone is none. */
export function restoreLocalRoutes(bridges: readonly string[]): string[] {
  return bridges.filter((bridge) => {
    try {
      if (readFileSync(routeLocalnet(bridge), 'utf8').trim() !== '0') return false;
      prepare(bridge);
      return true;
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return false;
      throw error;
    }
  });
}

function routeLocalnet(bridge: string): string {
  return `/proc/sys/net/ipv4/conf/${bridge}/route_localnet`;
}
