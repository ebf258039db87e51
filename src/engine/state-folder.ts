/**
 * The files of a container's state folder that the engine makes: hosts, resolv.conf, hostname.
 *
 * On tmpfs and written anew before each start; what an earlier run left there
 * (exit record, socket) is cleared, so that adoption never mixes two runs.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertNever, BerthError } from '../base/errors.ts';
import type { FileMount } from '../model/stack.ts';
import { hostNameServers, reachableNameServers } from '../network/host-name-servers.ts';
import { addressesOf, hostGatewayOf, resolverOf } from './attachments.ts';
import { stateFolder } from './container-paths.ts';
import type { ContainerRecord } from './records.ts';
import type { World } from './world.ts';

export function prepareStateFolder(world: World, record: ContainerRecord): void {
  const folder = stateFolder(world.roots, record.id);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'hostname'), `${hostnameOf(record)}\n`, { mode: 0o644 });
  writeFileSync(join(folder, 'hosts'), hostsText(record), { mode: 0o644 });
  writeFileSync(join(folder, 'resolv.conf'), resolvText(record), { mode: 0o644 });
  for (const mount of record.definition.mounts) {
    if (mount.kind === 'file' && mount.content.kind === 'text')
      writeFileSync(contentPath(world, record, mount), mount.content.text, { mode: 0o600 });
  }
}

/** Where the content of a secret or config is read from at a start. SECRET_MISSING when a reboot has ended it. */
export function contentPath(world: World, record: ContainerRecord, mount: FileMount): string {
  switch (mount.content.kind) {
    case 'file':
      return mount.content.path;
    case 'text':
      return join(stateFolder(world.roots, record.id), `${mount.of}-${encodeURIComponent(mount.name)}`);
    case 'secret-value':
      return requireSecret(world, record, mount.name);
    default:
      return assertNever(mount.content);
  }
}

function requireSecret(world: World, record: ContainerRecord, name: string): string {
  const path = world.secrets.pathOf(record.id, name);
  if (existsSync(path)) return path;
  throw new BerthError(
    'SECRET_MISSING',
    `service ${record.service}: the value of secret ${name} is not known any more`,
    {
      hint: 'it came from a variable and was kept in memory only: run `berth up` with that variable set',
    },
  );
}

/** For a container that runs, whose networks have changed: in place, since the files are mounted. */
export function rewriteNameFiles(world: World, record: ContainerRecord): void {
  const folder = stateFolder(world.roots, record.id);
  writeFileSync(join(folder, 'hosts'), hostsText(record));
  writeFileSync(join(folder, 'resolv.conf'), resolvText(record));
}

/** As Docker has it: the short id, unless the file names one. */
export function hostnameOf(record: ContainerRecord): string {
  return record.definition.hostname ?? record.id.slice(0, 12);
}

/** Source: hosts(5); the localhost lines are those of Debian. */
function hostsText(record: ContainerRecord): string {
  const isHost = record.definition.networkMode.kind === 'host';
  const lines = isHost
    ? readHostFile('/etc/hosts').split('\n').filter(Boolean)
    : ['127.0.0.1\tlocalhost', '::1\tlocalhost ip6-localhost ip6-loopback'];
  const gateway = hostGatewayOf(record) ?? '127.0.0.1';
  for (const [name, addresses] of Object.entries(record.definition.extraHosts)) {
    for (const address of addresses) lines.push(`${address === 'host-gateway' ? gateway : address}\t${name}`);
  }
  const domain = record.definition.domainname;
  const names = domain === null ? hostnameOf(record) : `${hostnameOf(record)}.${domain} ${hostnameOf(record)}`;
  if (isHost) return `${lines.join('\n')}\n`;
  const own = record.attachments.slice(0, 1).flatMap(addressesOf);
  for (const address of own.length > 0 ? own : ['127.0.1.1']) lines.push(`${address}\t${names}`);
  return `${lines.join('\n')}\n`;
}

/** Source: resolv.conf(5). The engine answers on the gateway of each network; where it can not, the servers themselves. */
function resolvText(record: ContainerRecord): string {
  const { definition } = record;
  const { networkMode, dns, dnsSearch, dnsOptions } = definition;
  const isPlain = dns.length + dnsSearch.length + dnsOptions.length === 0;
  if (networkMode.kind === 'host' && isPlain) return readHostFile('/etc/resolv.conf');
  const lines = serversOf(record).map((server) => `nameserver ${server}`);
  if (definition.dnsSearch.length > 0) lines.push(`search ${definition.dnsSearch.join(' ')}`);
  if (networkMode.kind === 'host') return [...lines, ...optionLine(dnsOptions), ''].join('\n');
  lines.push(`options ${['ndots:0', ...definition.dnsOptions].join(' ')}`);
  return `${lines.join('\n')}\n`;
}

function serversOf(record: ContainerRecord): readonly string[] {
  const { networkMode, dns } = record.definition;
  if (networkMode.kind === 'host') return dns.length > 0 ? dns : hostNameServers();
  const resolver = resolverOf(record);
  if (resolver !== undefined) return [resolver];
  return dns.length > 0 || record.attachments.length === 0 ? dns : reachableNameServers();
}

function optionLine(options: readonly string[]): string[] {
  return options.length === 0 ? [] : [`options ${options.join(' ')}`];
}

function readHostFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
