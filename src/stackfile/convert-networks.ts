/**
 * How a service is on the network, and the stack's networks.
 */
import { isIPv4 } from 'node:net';
import type { NetworkMode, Service, ServiceNetwork, StackNetwork } from '../model/stack.ts';
import {
  booleanOr,
  type Conversion,
  itemsOf,
  labelsOf,
  numberOr,
  type Raw,
  rawOf,
  textList,
  textOr,
} from './conversion.ts';

const DEFAULT = 'default';

export function convertNetworkMode(conversion: Conversion, service: Raw, path: string): NetworkMode {
  const mode = textOr(service.network_mode, null);
  const [kind = '', name = ''] = (mode ?? '').split(/:(.*)/s);
  if (mode === null || mode === 'bridge' || mode === 'default') return { kind: 'networks' };
  if (mode === 'none' || mode === 'host') return { kind: mode };
  if (kind === 'service' && name !== '') return { kind: 'service', service: name };
  if (kind === 'container' && name !== '') return { kind: 'container', container: name };
  conversion.report.error(
    `${path}.network_mode`,
    `"${mode}" is no network mode`,
    'use none, host, service:NAME or container:NAME',
  );
  return { kind: 'none' };
}

export function convertServiceNetworks(conversion: Conversion, service: Raw, path: string): ServiceNetwork[] {
  const { networks } = service;
  const written: [string, Raw][] = Array.isArray(networks)
    ? textList(networks).map((name) => [name, {}])
    : Object.entries(rawOf(networks)).map(([name, value]) => [name, rawOf(value)]);
  /* An empty list is no wish to be alone: that is `network_mode: none`. */
  const named: [string, Raw][] = written.length > 0 ? written : [[DEFAULT, {}]];
  return named.map(([network, raw]) => {
    const place = `${path}.networks.${network}`;
    const address = textOr(raw.ipv4_address, null);
    if (address !== null && !isIPv4(address))
      conversion.report.error(`${place}.ipv4_address`, `"${address}" is no IPv4 address`);
    const mac = textOr(raw.mac_address, null);
    if (mac !== null && !/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(mac))
      conversion.report.error(`${place}.mac_address`, `"${mac}" is no MAC address`, 'write it as 02:42:ac:11:00:02');
    return {
      network,
      aliases: textList(raw.aliases),
      ipv4Address: address,
      ipv6Address: null,
      macAddress: mac,
      priority: numberOr(raw.priority, 0),
      gwPriority: numberOr(raw.gw_priority, 0),
      interfaceName: textOr(raw.interface_name, null),
    };
  });
}

/** Those that the services are on. */
export function convertNetworks(conversion: Conversion, top: Raw, services: readonly Service[]): StackNetwork[] {
  const declared = rawOf(top.networks);
  const used = new Set(
    services.flatMap((s) => (s.networkMode.kind === 'networks' ? s.networks.map(({ network }) => network) : [])),
  );
  /* Those that nobody uses are converted for their faults alone. */
  const keys = Object.keys(declared).sort();
  return keys.map((key) => convertNetwork(conversion, key, rawOf(declared[key]))).filter(({ key }) => used.has(key));
}

function convertNetwork(conversion: Conversion, key: string, raw: Raw): StackNetwork {
  const external = raw.external !== undefined && raw.external !== false && raw.external !== 'false';
  const oldName = typeof raw.external === 'object' ? textOr(rawOf(raw.external).name, null) : null;
  const subnets = itemsOf(rawOf(raw.ipam).config).map(([, item]) => ({
    subnet: String(rawOf(item).subnet),
    gateway: textOr(rawOf(item).gateway, null),
  }));
  for (const [index, subnet] of subnets.entries())
    checkSubnet(conversion, subnet, `networks.${key}.ipam.config[${index}]`);
  return {
    key,
    name: textOr(raw.name, oldName ?? (external ? key : `${conversion.stackName}_${key}`)),
    external,
    driver: 'bridge',
    internal: booleanOr(raw.internal, false),
    subnets,
    mtu: mtuOf(conversion, key, raw),
    labels: labelsOf(raw.labels),
  };
}

function checkSubnet(
  { report }: Conversion,
  { subnet, gateway }: StackNetwork['subnets'][number],
  place: string,
): void {
  const [, address = '', prefix = ''] = /^([\d.]+)\/([89]|[12]\d|30)$/.exec(subnet) ?? [];
  if (!isIPv4(address)) {
    const hint = subnet.includes(':') ? 'IPv6 networks are not supported yet: remove it' : 'write it as 172.28.0.0/24';
    report.error(`${place}.subnet`, `"${subnet}" is no IPv4 subnet`, hint);
    return;
  }
  const first = networkOf(address, Number(prefix));
  if (first !== address)
    report.error(`${place}.subnet`, `"${subnet}" is an address, not a subnet`, `write it as ${first}/${prefix}`);
  if (gateway !== null && !(isIPv4(gateway) && networkOf(gateway, Number(prefix)) === first))
    report.error(`${place}.gateway`, `"${gateway}" is no address of ${first}/${prefix}`);
}

/** The address with all bits behind the prefix cleared. */
function networkOf(address: string, prefix: number): string {
  const bits = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - prefix);
  const first = Math.floor(bits / size) * size;
  return [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.');
}

const MTU = 'com.docker.network.driver.mtu';

function mtuOf(conversion: Conversion, key: string, raw: Raw): number | null {
  const options = rawOf(raw.driver_opts);
  for (const name of Object.keys(options)) {
    if (name !== MTU)
      conversion.report.errorAtKey(
        `networks.${key}.driver_opts.${name}`,
        `the option ${name} is not supported by berth`,
        `only ${MTU} is: remove it`,
      );
  }
  return numberOr(options[MTU], null);
}
