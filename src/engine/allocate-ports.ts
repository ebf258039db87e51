/**
 * Gives a new container its host ports.
 *
 * A port asked for is that port; a range gives each replica the first that is
 * free of it; none given is a free one, kept when the container is replaced.
 */
import { isIPv6 } from 'node:net';
import { BerthError } from '../base/errors.ts';
import { canonicalAddress } from '../model/cidr.ts';
import type { PortMapping, Service, Stack, StackNetwork } from '../model/stack.ts';
import type { PublishSpec } from '../network/network.ts';
import { mainAttachment } from './attachments.ts';
import { positionOf } from './definition-diff.ts';
import { recordsOf } from './observe.ts';
import type { Operation } from './ops/operation.ts';
import { findLack, type Obstacle, type OtherPublish, type PortRange, takeFromRange } from './range-ports.ts';
import type { ContainerRecord } from './records.ts';
import type { World } from './world.ts';

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
  const { record } = wanted;
  const inside = mainAttachment(record);
  const containerIp = inside?.address ?? inside?.address6;
  if (!inside || !containerIp) return [];
  const binding = operation.world.store.networks.get(inside.network)?.definition.options.hostBinding ?? null;
  const { macvlan, address6 } = inside;
  /* A macvlan network is not routed by this machine: only the bound sockets reach it. */
  const containerIp6 = macvlan === null && address6 !== null ? { containerIp6: address6 } : {};
  const publishes: PublishSpec[] = [];
  for (const [index, port] of wanted.ports.entries()) {
    const publish = {
      protocol: port.protocol,
      hostIps: hostIpsOf(port, binding),
      bridge: inside.bridge,
      containerIp,
      ...containerIp6,
      containerPort: port.target,
      holder: `${record.stack}/${record.service}`,
    };
    const hostPort = await hostPortOf(operation, wanted, { port, index, publish, publishes });
    publishes.push({ ...publish, hostPort });
    hold(operation, record, publishes);
  }
  return publishes;
}

/** Others that are made at the same time see what is taken. */
function hold({ world }: Operation, record: ContainerRecord, publishes: readonly PublishSpec[]): void {
  world.store.containers.hold(record.id, { ...record, publishes: [...publishes] });
}

function hostIpsOf(port: PortMapping, binding: string | null): readonly string[] {
  if (port.hostIp === 'all') return ALL_HOST_IPS;
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
  readonly publish: Omit<PublishSpec, 'hostPort'>;
  /** What the container has already. */
  readonly publishes: readonly PublishSpec[];
};

async function hostPortOf(operation: Operation, { service, record, old }: PortsOf, wanted: Wanted): Promise<number> {
  const { port, index, publish, publishes } = wanted;
  const kept = old?.publishes.find((p) => p.containerPort === port.target && p.protocol === port.protocol)?.hostPort;
  const { world } = operation;
  if (port.published === null) return kept ?? (await world.network.reservePort(port.protocol, publish.hostIps));
  const range = port.published;
  if (range.first === range.last) {
    if (record.replica === 1) return range.first;
    throw rangeLacking(operation, service, { index, range, obstacles: [] });
  }
  const others = () => [
    ...publishesOfOthers(world, { stack: record.stack, service: record.service, except: [record.id, old?.id] }),
    ...publishes.map((one) => ({ publish: one, owner: `port ${one.containerPort} of ${record.name}` })),
    ...fixedOfStack(operation.stack),
  ];
  const taken = await takeFromRange(
    world,
    { range, publish, others },
    {
      kept,
      claim: (claimed) => hold(operation, record, [...publishes, claimed]),
      letGo: () => hold(operation, record, publishes),
    },
  );
  if (typeof taken === 'number') return taken;
  throw rangeLacking(operation, service, { index, range, obstacles: taken });
}

type Whose = { readonly stack: string; readonly service: string; readonly except: readonly (string | undefined)[] };

/** Of containers that run or are being made; another replica keeps its port also while it is down. */
function publishesOfOthers({ store }: World, { stack, service, except }: Whose): OtherPublish[] {
  return store.containers
    .all()
    .filter((c) => !except.includes(c.id))
    .filter((c) => c.desired === 'running' || !c.startedOnce || (c.stack === stack && c.service === service))
    .flatMap((c) => c.publishes.map((publish) => ({ publish, owner: c.name })));
}

/** A port that a service of the stack names is not for a range. */
function fixedOfStack(stack: Stack): OtherPublish[] {
  return stack.services.flatMap((service) =>
    fixedPublishes(service, stack).map((publish) => ({ publish, owner: publish.holder })),
  );
}

type Lacking = { readonly index: number; readonly range: PortRange; readonly obstacles: readonly Obstacle[] };

const MOST_NAMED = 20;

function rangeLacking({ positions }: Pick<Operation, 'positions'>, { name, replicas }: Service, lacking: Lacking) {
  const { index, range, obstacles } = lacking;
  const size = range.last - range.first + 1;
  const ports = size === 1 ? `port ${range.first} is one` : `ports ${range.first}-${range.last} are too few`;
  const holders = obstacles.slice(0, MOST_NAMED).map(({ hostPort, holder }) => `${hostPort} is taken by ${holder}`);
  if (obstacles.length > MOST_NAMED) holders.push(`${obstacles.length - MOST_NAMED} more are taken`);
  const why = holders.length === 0 ? '' : `: ${holders.join(', ')}`;
  const count = replicas === 1 ? 'one container' : `${replicas} replicas`;
  return new BerthError('PORT_TAKEN', `service ${name}: host ${ports} for ${count}${why}`, {
    at: positionOf(positions, `services.${name}.ports[${index}]`),
    hint: `publish a range with ${replicas} free ports (${range.first}-${range.first + replicas - 1 + obstacles.length}), or leave the host port out`,
  });
}

/** PORT_TAKEN when a range of the service has not enough free ports for its replicas: before anything is started. */
export async function refuseLackingRanges(
  world: World,
  { stack, positions }: Pick<Operation, 'stack' | 'positions'>,
  service: Service,
): Promise<void> {
  const binding = hostBinding(service, stack.networks);
  const own = recordsOf(world, stack.name).filter((c) => c.service === service.name && !c.oneOff);
  const except = own.map((c) => c.id);
  const others = () => [
    ...publishesOfOthers(world, { stack: stack.name, service: service.name, except }),
    ...fixedOfStack(stack),
  ];
  for (const [index, port] of service.ports.entries()) {
    if (port.published === null || port.published.first === port.published.last) continue;
    const publish = fixedPublish(service, port, { stack: stack.name, binding });
    const range = port.published;
    const obstacles = await findLack(world, { range, publish, others, count: service.replicas });
    if (obstacles) throw rangeLacking({ positions }, service, { index, range, obstacles });
  }
}

/** What the containers of a plan would publish with a port that is one: for the check before anything is started. */
export function fixedPublishes(service: Service, { name: stack, networks }: Stack): PublishSpec[] {
  const binding = hostBinding(service, networks);
  return service.ports.flatMap((port) => {
    if (port.published === null || port.published.first !== port.published.last) return [];
    return [{ ...fixedPublish(service, port, { stack, binding }), hostPort: port.published.first }];
  });
}

/** Nothing leads anywhere yet. */
function fixedPublish(
  service: Service,
  port: PortMapping,
  { stack, binding }: { readonly stack: string; readonly binding: string | null },
): Omit<PublishSpec, 'hostPort'> {
  return {
    protocol: port.protocol,
    hostIps: hostIpsOf(port, binding),
    bridge: '',
    containerIp: '',
    containerPort: port.target,
    holder: `${stack}/${service.name}`,
  };
}
