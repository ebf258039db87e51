/**
 * `--network` and what goes with it -> what a stack file would say.
 */
import { BerthError } from '../../base/errors.ts';
import type { ServiceFlags } from '../flags-file.ts';
import type { MakeFlagValues } from './container-flags.ts';

export type Networking = {
  /** Of the service. */
  readonly values: ServiceFlags;
  /** Of the file. */
  readonly networks: ServiceFlags | undefined;
};

/** The network of containers that name none. */
export const BRIDGE = 'bridge';

export function containerNetworks(flags: MakeFlagValues): Networking {
  const asked = (flags.network ?? [BRIDGE]).map(parseNetwork);
  const mode = asked.find(({ name }) => name === 'host' || name === 'none' || name.startsWith('container:'));
  const common = {
    ports: flags.publish,
    expose: flags.expose,
    extra_hosts: flags['add-host'],
    dns: flags.dns,
    dns_search: flags['dns-search'],
    dns_opt: flags['dns-option'],
    external_links: flags.link,
  };
  if (mode) {
    if (asked.length > 1) throw new BerthError('USAGE', `--network ${mode.name} can not stand beside others`);
    return { values: { ...common, network_mode: mode.name }, networks: undefined };
  }
  const [first, ...others] = asked;
  const ends = [{ ...first!, values: { ...flagValues(flags), ...first!.values } }, ...others];
  return {
    values: { ...common, networks: Object.fromEntries(ends.map(({ name, values }) => [name, values])) },
    networks: Object.fromEntries(ends.map(({ name }) => [name, { external: true, name }])),
  };
}

type Asked = { readonly name: string; readonly values: ServiceFlags };

/** `NAME`, or `name=NAME,alias=...,ip=...`. */
function parseNetwork(text: string): Asked {
  if (!text.includes('=')) return { name: text === 'default' ? BRIDGE : text, values: {} };
  let name = '';
  const aliases: string[] = [];
  const values: Record<string, string> = {};
  for (const field of text.split(',')) {
    const [key = '', value = ''] = field.split(/=(.*)/s, 2);
    const known = KEYS[key];
    if (key === 'name') name = value;
    else if (key === 'alias') aliases.push(value);
    else if (known) values[known] = value;
    else throw new BerthError('USAGE', `--network ${text}: there is no key ${key}`);
  }
  if (name === '') throw new BerthError('USAGE', `--network ${text} names no network`, { hint: 'add name=NAME' });
  return { name, values: { ...values, ...(aliases.length > 0 ? { aliases } : {}) } };
}

const KEYS: Readonly<Record<string, string>> = {
  ip: 'ipv4_address',
  ip6: 'ipv6_address',
  'mac-address': 'mac_address',
  'gw-priority': 'gw_priority',
};

/** Flags beside --network are about the first. */
function flagValues(flags: MakeFlagValues): ServiceFlags {
  return {
    aliases: flags['network-alias'],
    ipv4_address: flags.ip,
    ipv6_address: flags.ip6,
    link_local_ips: flags['link-local-ip'],
    mac_address: flags['mac-address'],
  };
}
