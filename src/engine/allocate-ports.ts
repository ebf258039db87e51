/**
 * Gives a new container its host ports.
 *
 * A port asked for is that port; a range gives each replica one of it; none
 * given is a free one, kept when the container is replaced.
 */
import { isIPv6 } from 'node:net';
import { BerthError } from '../base/errors.ts';
import { canonicalAddress } from '../model/cidr.ts';
import type { PortMapping, Service, Stack, StackNetwork } from '../model/stack.ts';
import type { PublishSpec } from '../network/network.ts';
import { mainAttachment } from './attachments.ts';
import { positionOf } from './definition-diff.ts';
import type { Operation } from './ops/operation.ts';
import type { ContainerRecord } from './records.ts';

/** Published ports are for this machine alone unless the file names an address. */
export const DEFAULT_HOST_IPS: readonly string[] = ['127.0.0.1', '::1'];

/** For a network whose ports are for all: version 6 goes with version 4, where the machine has it. */
const ALL_HOST_IPS: readonly string[] = ['0.0.0.0', '::'];

type PortsOf = {
  readonly service: Service;
  readonly ports: readonly PortMapping[];
  readonly record: ContainerRecord;
  readonly old: ContainerRecord | undefined;
};

export async function allocatePorts(operation: Operation, wanted: PortsOf): Promise<PublishSpec[]> {
  const { record, old } = wanted;
  const inside = mainAttachment(record);
  const containerIp = inside?.address ?? inside?.address6;
  if (!inside || !containerIp) return [];
  const binding = operation.world.store.networks.get(inside.network)?.definition.options.hostBinding ?? null;
  const { macvlan, address6 } = inside;
  /* A macvlan network is not routed by this machine: only the bound sockets reach it. */
  const containerIp6 = macvlan === null && address6 !== null ? { containerIp6: address6 } : {};
  const publishes: PublishSpec[] = [];
  for (const [index, port] of wanted.ports.entries()) {
    const hostIps = hostIpsOf(port, binding);
    publishes.push({
      protocol: port.protocol,
      hostIps,
      hostPort: await hostPortOf(operation, wanted, { port, index, hostIps, old }),
      bridge: inside.bridge,
      containerIp,
      ...containerIp6,
      containerPort: port.target,
      holder: `${record.stack}/${record.service}`,
    });
  }
  return publishes;
}

function hostIpsOf(port: PortMapping, binding: string | null): readonly string[] {
  if (port.hostIp !== null) return [plainAddress(port.hostIp)];
  if (binding === null) return DEFAULT_HOST_IPS;
  return binding === '0.0.0.0' ? ALL_HOST_IPS : [binding];
}

/** One spelling of each address, so that doubles are seen; a zone (`fe80::1%eth0`) is for the socket alone. */
function plainAddress(address: string): string {
  return isIPv6(address) && !address.includes('%') ? canonicalAddress(address) : address;
}

/** What the network that will be the service's way out says (default-routes.ts). */
function hostBinding(service: Service, networks: readonly StackNetwork[]): string | null {
  const ranked = [...service.networks]
    .sort((a, b) => b.priority - a.priority)
    .sort((a, b) => b.gwPriority - a.gwPriority);
  const declared = ranked.flatMap(({ network }) => networks.find((n) => n.key === network) ?? []);
  return (declared.find((n) => !n.internal) ?? declared[0])?.options.hostBinding ?? null;
}

type Wanted = {
  readonly port: PortMapping;
  readonly index: number;
  readonly hostIps: readonly string[];
  readonly old: ContainerRecord | undefined;
};

async function hostPortOf(operation: Operation, { service, record }: PortsOf, { port, index, hostIps, old }: Wanted) {
  if (port.published === null) {
    const kept = old?.publishes.find((p) => p.containerPort === port.target && p.protocol === port.protocol);
    return kept?.hostPort ?? (await operation.world.network.reservePort(port.protocol, hostIps));
  }
  const hostPort = port.published.first + record.replica - 1;
  if (hostPort <= port.published.last) return hostPort;
  throw new BerthError('PORT_TAKEN', `service ${service.name}: replica ${record.replica} has no host port left`, {
    at: positionOf(operation.positions, `services.${service.name}.ports[${index}]`),
    hint: `publish a range of ${service.replicas} ports (${port.published.first}-${port.published.first + service.replicas - 1}:${port.target}), or leave the host port out`,
  });
}

/** What the containers of a plan would publish with a fixed port: for the check before anything is started. */
export function fixedPublishes(service: Service, { name: stack, networks }: Stack): PublishSpec[] {
  const binding = hostBinding(service, networks);
  const specs: PublishSpec[] = [];
  for (const port of service.ports) {
    if (port.published === null) continue;
    for (let replica = 1; replica <= service.replicas; replica++) {
      const hostPort = port.published.first + replica - 1;
      if (hostPort > port.published.last) break;
      specs.push({
        protocol: port.protocol,
        hostIps: hostIpsOf(port, binding),
        hostPort,
        bridge: '',
        containerIp: '',
        containerPort: port.target,
        holder: `${stack}/${service.name}`,
      });
    }
  }
  return specs;
}
