/**
 * The network driver's face towards the engine.
 *
 * Level-based: the engine states all that should exist (`NetworkState`) and
 * the driver makes the kernel agree: bridges, nftables, bound ports, names.
 * The same call serves up, down and crash recovery. Knows no service.
 */

export type NetworkDriver = {
  /** Reads what the host has; repairs nothing yet. */
  open(): Promise<void>;
  /**
   * Makes the kernel agree with `state`, in at most one `ip -batch` and one `nft -f`; nothing is run when nothing differs.
   * Bridges that carry our prefix and are not in `state` are removed. Calls are serialised.
   * Rejects with PORT_TAKEN (naming the holder: program and pid) before anything is changed, else NETWORK_FAILED.
   */
  apply(state: NetworkState): Promise<void>;
  /** Ports of `wanted` that cannot be bound now, each with its holder; used by plans, binds nothing. */
  portClashes(wanted: readonly PublishSpec[]): Promise<PortClash[]>;
  /** A free host port for `protocol` on all of `hostIps`, kept bound until the next apply() either uses or drops it. */
  reservePort(protocol: 'tcp' | 'udp', hostIps: readonly string[]): Promise<number>;
  /** Those of `ends` whose other end is gone or not on its bridge: somebody has removed it. */
  findLooseEnds<End extends PluggedEnd>(ends: readonly End[]): Promise<End[]>;
  /** Addresses and routes of this machine that a new subnet must not overlap, as CIDR. */
  occupiedSubnets(): Promise<string[]>;
  /** Removes everything of ours from the kernel; restores what open()/apply() changed on the host. */
  removeAll(): Promise<void>;
  /** Closes sockets (DNS, ports, forwarders); the kernel's part stays and works on. */
  close(): Promise<void>;
};

/** An interface of a living container, and where it should be plugged in. */
export type PluggedEnd = {
  /** File of its network namespace. */
  readonly netnsPath: string;
  readonly interfaceName: string;
  readonly bridge: string;
};

export type NetworkState = {
  readonly bridges: readonly BridgeSpec[];
  readonly publishes: readonly PublishSpec[];
  readonly names: readonly NameSpec[];
  readonly clients: readonly ClientSpec[];
  readonly ends: readonly EndSpec[];
};

export type BridgeSpec = {
  /** Interface name, at most 15 bytes, made by bridgeName(). */
  readonly bridge: string;
  /** For messages and link alias: `shop_default`. */
  readonly title: string;
  /** Of version 4 and 6; each with the address that is our end of the bridge. */
  readonly subnets: readonly SubnetSpec[];
  /** No way out. */
  readonly internal: boolean;
  /** What goes out has the machine's address as its sender. */
  readonly masquerade: boolean;
  /** Another name for the interface, of a person's choice. */
  readonly alternativeName?: string | null;
  readonly mtu: number;
};

/** `subnet` as CIDR, e.g. 172.31.255.0/24. */
export type SubnetSpec = { readonly subnet: string; readonly gateway: string };

export type PublishSpec = {
  readonly protocol: 'tcp' | 'udp';
  /** 127.0.0.1, ::1, 0.0.0.0, ::, or an address of the host. */
  readonly hostIps: readonly string[];
  readonly hostPort: number;
  readonly bridge: string;
  readonly containerIp: string;
  /** Its address of version 6 on a bridge of ours; absent: what comes by version 6 is forwarded by the bound sockets. */
  readonly containerIp6?: string;
  readonly containerPort: number;
  /** For messages: `shop/web`. */
  readonly holder: string;
};

export type NameSpec = {
  readonly bridge: string;
  /** Lower case, without trailing dot. Several with one name are given round robin. */
  readonly name: string;
  /** null: nobody has the name now, and nobody else shall be asked for it. */
  readonly address: string | null;
};

/** A container as one that asks for names. */
export type ClientSpec = {
  readonly addresses: readonly string[];
  /** It sees the names of all of these. */
  readonly bridges: readonly string[];
  /** Names that this one alone sees. */
  readonly names: readonly OwnName[];
  /** Servers to ask for other names; empty: the machine's. */
  readonly servers: readonly string[];
};

export type OwnName = { readonly name: string; readonly address: string };

/** A container's end on a bridge: what it may send from. */
export type EndSpec = {
  readonly bridge: string;
  readonly mac: string;
  readonly addresses: readonly string[];
  /** It was made to forward packets of others: their sender addresses are not its own. */
  readonly forwards: boolean;
};

export type PortClash = {
  readonly protocol: 'tcp' | 'udp';
  readonly hostIp: string;
  readonly hostPort: number;
  /** `nginx (pid 812)`, `shop/web`, or `another program`. */
  readonly holder: string;
  readonly wantedBy: string;
};
