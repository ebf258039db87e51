/**
 * Records -> what the network driver should make true.
 *
 * Pure. What a container may send is allowed as soon as it exists, so that one
 * firewall change serves a whole `up` and a start has none to wait for: its
 * port of the bridge lets nobody else use the address. Ports and names are
 * those of containers that run, or are about to.
 */
import type { BridgeSpec, ClientSpec, EndSpec, NameSpec, NetworkState, OwnName } from '../network/network.ts';
import { addressesOf } from './attachments.ts';
import type { Attachment, ContainerRecord, NetworkRecord } from './records.ts';

const FORWARDING = ['net.ipv4.ip_forward', 'net.ipv4.conf.all.forwarding', 'net.ipv6.conf.all.forwarding'];

/** `isUp`: whether a container runs or is about to. */
export function networkStateOf(
  networks: readonly NetworkRecord[],
  containers: readonly ContainerRecord[],
  isUp: (id: string) => boolean,
): NetworkState {
  const wanted = containers.filter((c) => c.desired === 'running' || isUp(c.id));
  return {
    bridges: networks.filter((n) => n.definition.driver === 'bridge').map(bridgeOf),
    publishes: wanted.flatMap((c) => c.publishes),
    names: containers.flatMap((c) => namesOf(c, isUp(c.id))),
    clients: wanted.map((c) =>
      clientOf(
        c,
        containers.filter((other) => isUp(other.id)),
      ),
    ),
    ends: containers.flatMap(endsOf),
  };
}

/** A service that switches forwarding on is a router: that is what the setting is for. */
function endsOf({ attachments, definition }: ContainerRecord): EndSpec[] {
  const forwards = FORWARDING.some((key) => definition.sysctls[key] === '1');
  return attachments
    .filter((a) => a.macvlan === null)
    .map((a) => ({ bridge: a.bridge, mac: a.mac, addresses: [...addressesOf(a), ...linkLocalOf(a)], forwards }));
}

function linkLocalOf({ linkLocal }: Attachment): string[] {
  return linkLocal.map((text) => text.split('/')[0]!);
}

function bridgeOf({ bridge, name, subnets, definition, mtu }: NetworkRecord): BridgeSpec {
  const { internal, options } = definition;
  return {
    bridge,
    title: name,
    subnets: subnets.map(({ subnet, gateway }) => ({ subnet, gateway })),
    internal,
    masquerade: options.masquerade,
    alternativeName: options.bridgeName,
    mtu,
  };
}

/** A container that is down has its names still, without an address: nobody else is asked for them. */
function namesOf(container: ContainerRecord, isUp: boolean): NameSpec[] {
  return container.attachments.flatMap((attachment) =>
    namesOn(container, attachment).flatMap((name): NameSpec[] => {
      const spec = { bridge: attachment.bridge, name: name.toLowerCase() };
      if (!isUp) return [{ ...spec, address: null }];
      return addressesOf(attachment).map((address) => ({ ...spec, address }));
    }),
  );
}

function clientOf(container: ContainerRecord, others: readonly ContainerRecord[]): ClientSpec {
  const { attachments, definition } = container;
  return {
    addresses: attachments.flatMap(addressesOf),
    bridges: attachments.map((a) => a.bridge),
    names: [...ownNamesOf(container, others), ...handLinksOf(container, others)],
    servers: definition.dns,
  };
}

/** Links are names for this container alone, on the networks that it shares with the other. */
function ownNamesOf(
  { stack, attachments, definition }: ContainerRecord,
  others: readonly ContainerRecord[],
): OwnName[] {
  const bridges = new Set(attachments.map((a) => a.bridge));
  const services = definition.links.flatMap(({ target, alias }) =>
    others
      .filter((c) => c.stack === stack && c.service === target && !c.oneOff)
      .flatMap((c) => ownNames(c, alias, bridges)),
  );
  const containers = definition.externalLinks.flatMap(({ target, alias }) =>
    others.filter((c) => isCalled(c, target)).flatMap((c) => ownNames(c, alias, bridges)),
  );
  return [...services, ...containers];
}

function handLinksOf({ attachments }: ContainerRecord, others: readonly ContainerRecord[]): OwnName[] {
  return attachments.flatMap(({ bridge, links }) =>
    links.flatMap(({ target, alias }) =>
      others.filter((c) => isCalled(c, target)).flatMap((c) => ownNames(c, alias, new Set([bridge]))),
    ),
  );
}

function isCalled(container: ContainerRecord, name: string): boolean {
  return container.name === name || container.id.startsWith(name);
}

function ownNames(container: ContainerRecord, alias: string, bridges: ReadonlySet<string>): OwnName[] {
  return container.attachments
    .filter((a) => bridges.has(a.bridge))
    .flatMap(addressesOf)
    .map((address) => ({ name: alias.toLowerCase(), address }));
}

function namesOn(container: ContainerRecord, attachment: Attachment): string[] {
  const own = container.oneOff ? [container.name] : [container.service, container.name];
  const names = new Set([...own, container.id.slice(0, 12), ...attachment.aliases]);
  return [...names].flatMap((name) => [name, `${name}.${attachment.network}`]);
}
