/**
 * Records -> what the network driver should make true.
 *
 * Pure. Ports are published as soon as a container exists, so that one
 * firewall change serves a whole `up`; names are those of running containers.
 */
import type { BridgeSpec, EndSpec, NameSpec, NetworkState } from '../network/network.ts';
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
    bridges: networks.map(bridgeOf),
    publishes: wanted.flatMap((c) => c.publishes),
    names: wanted.filter((c) => isUp(c.id)).flatMap(namesOf),
    clients: wanted.flatMap(({ attachments }) =>
      attachments.map(({ address }) => ({ address, bridges: attachments.map((a) => a.bridge) })),
    ),
    ends: wanted.flatMap(endsOf),
  };
}

/** A service that switches forwarding on is a router: that is what the setting is for. */
function endsOf({ attachments, definition }: ContainerRecord): EndSpec[] {
  const forwards = FORWARDING.some((key) => definition.sysctls[key] === '1');
  return attachments.map(({ bridge, mac, address }) => ({ bridge, mac, addresses: [address], forwards }));
}

function bridgeOf(network: NetworkRecord): BridgeSpec {
  const { bridge, name, subnet, gateway, internal, mtu } = network;
  return { bridge, title: name, subnet, gateway, internal, mtu };
}

function namesOf(container: ContainerRecord): NameSpec[] {
  return container.attachments.flatMap((attachment) =>
    namesOn(container, attachment).map((name) => ({
      bridge: attachment.bridge,
      name: name.toLowerCase(),
      address: attachment.address,
    })),
  );
}

function namesOn(container: ContainerRecord, attachment: Attachment): string[] {
  const own = container.oneOff ? [container.name] : [container.service, container.name];
  const names = new Set([...own, container.id.slice(0, 12), ...attachment.aliases]);
  return [...names].flatMap((name) => [name, `${name}.${attachment.network}`]);
}
