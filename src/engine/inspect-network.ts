/**
 * The part of inspect about addresses and ports.
 */
import type { Attachment, ContainerRecord } from './records.ts';
import type { LiveContainer, World } from './world.ts';

/** Ports that are published now; of a container that does not run, none. */
export function networkSettingsOf(world: World, record: ContainerRecord, live: LiveContainer | undefined) {
  const [first] = record.attachments;
  const running = live?.running !== null && live !== undefined;
  return {
    Ports: running ? portsOf(record) : {},
    IPAddress: running ? (first?.address ?? '') : '',
    IPPrefixLen: running ? (first?.prefix ?? 0) : 0,
    Gateway: running ? (first?.gateway ?? '') : '',
    MacAddress: running ? (first?.mac ?? '') : '',
    Networks: Object.fromEntries(record.attachments.map((a) => [a.network, endpointOf(world, record, a)])),
  };
}

function portsOf(record: ContainerRecord) {
  const ports: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const { containerPort, protocol, hostIps, hostPort } of record.publishes) {
    const key = `${containerPort}/${protocol}`;
    const bound = hostIps.map((HostIp) => ({ HostIp, HostPort: String(hostPort) }));
    ports[key] = [...(ports[key] ?? []), ...bound];
  }
  return ports;
}

function endpointOf(world: World, record: ContainerRecord, attachment: Attachment) {
  const names = [record.service, record.name, record.id.slice(0, 12), ...attachment.aliases];
  return {
    NetworkID: world.store.networks.get(attachment.network)?.id ?? '',
    Gateway: attachment.gateway ?? '',
    IPAddress: attachment.address,
    IPPrefixLen: attachment.prefix,
    MacAddress: attachment.mac,
    Aliases: attachment.aliases,
    DNSNames: [...new Set(names)],
  };
}
