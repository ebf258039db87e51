/**
 * The files of a container's state folder that the engine makes: hosts, resolv.conf, hostname.
 *
 * On tmpfs and written anew before each start; what an earlier run left there
 * (exit record, socket) is cleared, so that adoption never mixes two runs.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
}

/** As Docker has it: the short id, unless the file names one. */
export function hostnameOf(record: ContainerRecord): string {
  return record.definition.hostname ?? record.id.slice(0, 12);
}

/** Source: hosts(5); the localhost lines are those of Debian. */
function hostsText(record: ContainerRecord): string {
  if (record.definition.networkMode.kind === 'host') return readHostFile('/etc/hosts');
  const lines = ['127.0.0.1\tlocalhost', '::1\tlocalhost ip6-localhost ip6-loopback'];
  const gateway = record.attachments.find((a) => a.gateway !== null)?.gateway ?? '127.0.0.1';
  for (const [name, addresses] of Object.entries(record.definition.extraHosts)) {
    for (const address of addresses) lines.push(`${address === 'host-gateway' ? gateway : address}\t${name}`);
  }
  const own = record.attachments[0]?.address;
  const domain = record.definition.domainname;
  const names = domain === null ? hostnameOf(record) : `${hostnameOf(record)}.${domain} ${hostnameOf(record)}`;
  lines.push(`${own ?? '127.0.1.1'}\t${names}`);
  return `${lines.join('\n')}\n`;
}

/** Source: resolv.conf(5). The engine answers on the gateway of each network. */
function resolvText(record: ContainerRecord): string {
  const { definition, attachments } = record;
  if (definition.networkMode.kind === 'host') return readHostFile('/etc/resolv.conf');
  const lines = attachments.slice(0, 1).map((a) => `nameserver ${a.resolver}`);
  if (definition.dnsSearch.length > 0) lines.push(`search ${definition.dnsSearch.join(' ')}`);
  lines.push(`options ${['ndots:0', ...definition.dnsOptions].join(' ')}`);
  return `${lines.join('\n')}\n`;
}

function readHostFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
