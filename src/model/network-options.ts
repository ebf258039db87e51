/**
 * Options of network drivers by the names that Docker gives them -> NetworkOptions.
 *
 * Shared by the stack file's `driver_opts` and by `network create -o`: what
 * berth can not do is a fault with the option's name, never left out.
 */
import { isIP } from 'node:net';
import type { MacvlanMode, NetworkDefinition, NetworkOptions } from './stack.ts';

export type OptionFault = { readonly option: string; readonly message: string; readonly hint: string };

export const DEFAULT_NETWORK_OPTIONS: NetworkOptions = {
  mtu: null,
  bridgeName: null,
  icc: true,
  masquerade: true,
  hostBinding: null,
  parent: null,
  macvlanMode: 'bridge',
};

/** A bridge with a subnet of berth's choice. */
export const DEFAULT_NETWORK: NetworkDefinition = {
  driver: 'bridge',
  internal: false,
  attachable: false,
  enableIPv4: true,
  enableIPv6: false,
  subnets: [],
  options: DEFAULT_NETWORK_OPTIONS,
  labels: {},
};

type Read = (value: string) => Partial<NetworkOptions> | { readonly wrong: string };

const SWITCH_HINT = 'use true or false';
const BRIDGE: Readonly<Record<string, Read>> = {
  'com.docker.network.driver.mtu': readMtu,
  'com.docker.network.mtu': readMtu,
  mtu: readMtu,
  'com.docker.network.bridge.name': (value) =>
    /^[A-Za-z0-9_.-]{1,15}$/.test(value) && value !== '.' && value !== '..'
      ? { bridgeName: value }
      : { wrong: 'an interface name has 1 to 15 letters, digits, dots, dashes' },
  'com.docker.network.bridge.enable_icc': (value) => readSwitch(value, (icc) => ({ icc })),
  'com.docker.network.bridge.enable_ip_masquerade': (value) => readSwitch(value, (masquerade) => ({ masquerade })),
  'com.docker.network.bridge.host_binding_ipv4': (value) =>
    isIP(value) === 4 ? { hostBinding: value } : { wrong: 'use an IPv4 address of this machine' },
};

const MODES: readonly string[] = ['bridge', 'private', 'vepa', 'passthru'];
const MACVLAN: Readonly<Record<string, Read>> = {
  'com.docker.network.driver.mtu': readMtu,
  parent: (value) =>
    /^[^\s/]{1,15}$/.test(value) ? { parent: value } : { wrong: 'use the name of an interface of this machine' },
  macvlan_mode: (value) =>
    MODES.includes(value) ? { macvlanMode: value as MacvlanMode } : { wrong: `use ${MODES.join(', ')}` },
};

/** All that could be read, and a fault for each that could not. */
export function readNetworkOptions(
  driver: 'bridge' | 'macvlan',
  written: Readonly<Record<string, string>>,
): { readonly options: NetworkOptions; readonly faults: readonly OptionFault[] } {
  const known = driver === 'bridge' ? BRIDGE : MACVLAN;
  let options = DEFAULT_NETWORK_OPTIONS;
  const faults: OptionFault[] = [];
  for (const [option, value] of Object.entries(written)) {
    const read = Object.hasOwn(known, option) ? known[option] : undefined;
    if (!read) {
      const hint = `a ${driver} network of berth has ${Object.keys(known).join(', ')}: remove it`;
      faults.push({ option, message: `the option ${option} is not supported by berth`, hint });
      continue;
    }
    const result = read(value);
    if ('wrong' in result) faults.push({ option, message: `"${value}" does not fit ${option}`, hint: result.wrong });
    else options = { ...options, ...result };
  }
  return { options, faults };
}

function readMtu(value: string): Partial<NetworkOptions> | { readonly wrong: string } {
  const mtu = Number(value);
  const fits = /^\d+$/.test(value) && (mtu === 0 || (mtu >= 68 && mtu <= 65_535));
  return fits ? { mtu: mtu === 0 ? null : mtu } : { wrong: 'use a number of bytes from 68 to 65535' };
}

function readSwitch(value: string, make: (on: boolean) => Partial<NetworkOptions>) {
  const word = value.toLowerCase();
  if (word === 'true' || word === '1') return make(true);
  if (word === 'false' || word === '0') return make(false);
  return { wrong: SWITCH_HINT };
}
