/**
 * The part of the firewall that knows our subnets: sets of them, and the rules of either version of IP over these sets.
 *
 * Pure. What is for version 6 is there only when a network has it.
 */
import { type Family, familyOf } from '../model/cidr.ts';
import { map, quoted, set } from './firewall-text.ts';
import type { ServerPorts } from './name-servers.ts';
import type { BridgeSpec, SubnetSpec } from './network.ts';

/** Words of nft for a version, and the suffix of the sets' names. */
type Words = { readonly family: Family; readonly ip: string; readonly type: string; readonly suffix: string };

const VERSIONS: readonly Words[] = [
  { family: 4, ip: 'ip', type: 'ipv4_addr', suffix: '' },
  { family: 6, ip: 'ip6', type: 'ipv6_addr', suffix: '6' },
];

/** `subnets`: all of ours; `hidden`: those whose containers go out by the machine's address. */
export function subnetSets(bridges: readonly BridgeSpec[]): string[] {
  return versionsOf(bridges).flatMap(({ family, type, suffix }) => {
    const own = ends(bridges, family);
    return [
      ...set(
        `subnets${suffix}`,
        `${type}; flags interval`,
        own.map((end) => end.subnet),
      ),
      ...set(
        `hidden${suffix}`,
        `${type}; flags interval`,
        own.filter((end) => end.bridge.masquerade).map((end) => end.subnet),
      ),
      ...set(
        `gateways${suffix}`,
        type,
        own.map((end) => end.gateway),
      ),
      ...set(
        `own_gateway${suffix}`,
        `ifname . ${type}`,
        own.map((end) => `${quoted(end.bridge.bridge)} . ${end.gateway}`),
      ),
    ];
  });
}

/** Name servers that are not on port 53, by bridge and gateway. */
export function serverMaps(bridges: readonly BridgeSpec[], serverPorts: ServerPorts): string[] {
  return versionsOf(bridges).flatMap(({ family, type, suffix }) => {
    const elements = ends(bridges, family).flatMap(({ bridge, gateway }) => {
      const port = serverPorts.get(gateway);
      return port === undefined ? [] : [`${quoted(bridge.bridge)} . ${gateway} : ${port}`];
    });
    return map(`servers${suffix}`, `ifname . ${type} : inet_service`, elements);
  });
}

/** Where port 53 is somebody else's: what containers ask of their gateway goes to the port that our server has. */
export function serverRules(bridges: readonly BridgeSpec[]): string[] {
  return versionsOf(bridges).flatMap(({ family, ip, suffix }) =>
    ['udp', 'tcp'].map(
      (protocol) =>
        `meta nfproto ipv${family} ${protocol} dport 53 redirect to iifname . ${ip} daddr map @servers${suffix}`,
    ),
  );
}

export function sourceRules(bridges: readonly BridgeSpec[]): string[] {
  return versionsOf(bridges).flatMap(({ ip, suffix }) => [
    `${ip} saddr @hidden${suffix} oifname != @bridges masquerade`,
    /* A container that reaches itself or a neighbour by a published port: the answer must come back through us. */
    `${ip} saddr @subnets${suffix} ct status dnat masquerade`,
  ]);
}

/** A container has business with its own networks' gateways only; one without a way out not with our other addresses either. */
export function gatewayRules(bridges: readonly BridgeSpec[]): string[] {
  return versionsOf(bridges).flatMap(({ family, ip, suffix }) => [
    `iifname @bridges ${ip} daddr @gateways${suffix} iifname . ${ip} daddr != @own_gateway${suffix} drop`,
    `iifname @sealed meta nfproto ipv${family} ${neighbours(family)}iifname . ${ip} daddr != @own_gateway${suffix} drop`,
  ]);
}

/** Version 6 finds its neighbours by link-local and multicast addresses. */
function neighbours(family: Family): string {
  return family === 6 ? 'ip6 daddr != { fe80::/10, ff00::/8 } ' : '';
}

function versionsOf(bridges: readonly BridgeSpec[]): readonly Words[] {
  return VERSIONS.filter(({ family }) => family === 4 || ends(bridges, family).length > 0);
}

type End = SubnetSpec & { readonly bridge: BridgeSpec };

function ends(bridges: readonly BridgeSpec[], family: Family): End[] {
  return bridges.flatMap((bridge) =>
    bridge.subnets.filter(({ subnet }) => familyOf(subnet) === family).map((subnet) => ({ ...subnet, bridge })),
  );
}
