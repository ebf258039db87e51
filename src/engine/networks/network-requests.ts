/**
 * What is asked and answered about networks over the engine's interface.
 *
 * Data only; field names of answers are those of docker.
 */
import type { Link, NetworkDefinition, NetworkOptions } from '../../model/stack.ts';

/** The engine's calls about networks. */
export type NetworkCalls = {
  networks(): Promise<NetworkSummary[]>;
  /** NETWORK_NOT_FOUND; also by the beginning of an id. */
  networkInspect(name: string): Promise<NetworkInspect>;
  networkCreate(request: CreateNetworkRequest): Promise<NetworkInspect>;
  /** NETWORK_IN_USE when a container is on it. */
  networkRemove(name: string): Promise<RemovedNetwork>;
  networkPrune(request: PruneNetworksRequest): Promise<PrunedNetworks>;
  networkConnect(request: ConnectRequest): Promise<NetworkInspect>;
  networkDisconnect(request: DisconnectRequest): Promise<NetworkInspect>;
};

/** Field names of `docker network ls --format json`, plus Project and Users. */
export type NetworkSummary = {
  readonly ID: string;
  readonly Name: string;
  readonly Driver: string;
  readonly Scope: 'local';
  readonly Internal: boolean;
  readonly EnableIPv6: boolean;
  readonly Labels: Readonly<Record<string, string>>;
  readonly CreatedAt: string;
  /** Stack that it belongs to; empty: none. */
  readonly Project: string;
  /** How many containers are on it, running or not. */
  readonly Users: number;
};

/** Field names of `docker network inspect`. */
export type NetworkInspect = NetworkSummary & {
  readonly EnableIPv4: boolean;
  readonly Attachable: boolean;
  readonly IPAM: {
    readonly Driver: 'default';
    readonly Config: readonly {
      readonly Subnet: string;
      readonly Gateway: string;
      readonly IPRange?: string;
      readonly AuxiliaryAddresses?: Readonly<Record<string, string>>;
    }[];
  };
  readonly Options: NetworkOptions;
  readonly Mtu: number;
  /** The bridge, or the link of a macvlan. */
  readonly Interface: string;
  /** By container id. */
  readonly Containers: Readonly<Record<string, NetworkEnd>>;
};

export type NetworkEnd = {
  readonly Name: string;
  readonly Service: string;
  readonly MacAddress: string;
  /** With prefix length; empty: none. */
  readonly IPv4Address: string;
  readonly IPv6Address: string;
  readonly Interface: string;
  readonly Aliases: readonly string[];
};

export type CreateNetworkRequest = { readonly name: string; readonly definition: NetworkDefinition };
export type RemovedNetwork = { readonly Name: string };
export type PrunedNetworks = { readonly NetworksDeleted: readonly string[] };

export type PruneNetworksRequest = {
  /** Only those with all of these labels: `KEY` or `KEY=VALUE`. */
  readonly labels: readonly string[];
  readonly notLabels: readonly string[];
  /** Only those made before. */
  readonly untilMs?: number;
};

export type ConnectRequest = {
  readonly network: string;
  /** Name or id. */
  readonly container: string;
  readonly ipv4Address?: string;
  readonly ipv6Address?: string;
  readonly linkLocalIps?: readonly string[];
  readonly macAddress?: string;
  readonly aliases?: readonly string[];
  readonly links?: readonly Link[];
  readonly interfaceName?: string;
  readonly gwPriority?: number;
};

export type DisconnectRequest = {
  readonly network: string;
  readonly container: string;
  /** That it is not on the network is fine. */
  readonly force?: boolean;
};
