/** Wanted states for tests, with what a test does not care for filled in. */
import { gatewayOf, macFor } from '../../../src/network/addresses.ts';
import type { BridgeSpec, EndSpec, NetworkState, PublishSpec } from '../../../src/network/network.ts';

export function stateOf(state: Partial<NetworkState>): NetworkState {
  return { bridges: [], publishes: [], names: [], clients: [], ends: [], ...state };
}

/** One subnet, and what tests ask for most at hand. */
export type PlainBridge = BridgeSpec & { readonly subnet: string; readonly gateway: string };

export function bridge(name: string, subnet: string, more: Partial<BridgeSpec> = {}): PlainBridge {
  const gateway = gatewayOf(subnet);
  return {
    bridge: name,
    title: 'shop_default',
    subnet,
    gateway,
    subnets: [{ subnet, gateway }],
    internal: false,
    masquerade: true,
    mtu: 1500,
    ...more,
  };
}

/** `127.0.0.1:8080 -> 172.31.255.2:80/tcp`, but for what `more` says. */
export function publish(more: Partial<PublishSpec> = {}): PublishSpec {
  return {
    protocol: 'tcp',
    hostIps: ['127.0.0.1'],
    hostPort: 8080,
    bridge: 'bta1b2front',
    containerIp: '172.31.255.2',
    containerPort: 80,
    holder: 'shop/web',
    ...more,
  };
}

/** The end of a container with that address. */
export function end(on: BridgeSpec, address: string, more: Partial<EndSpec> = {}): EndSpec {
  return { bridge: on.bridge, mac: macFor(address), addresses: [address], forwards: false, ...more };
}
