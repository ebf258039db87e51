/**
 * How a service is on the network, and the stack's networks.
 */
import { canonicalAddress, familyOf, parseAddress } from '../model/cidr.ts';
import type { Link, NetworkMode, Service, ServiceNetwork, StackNetwork } from '../model/stack.ts';
import { type Conversion, numberOr, type Raw, rawOf, textList, textOr } from './conversion.ts';
import { convertNetwork, optionsOf } from './convert-network.ts';
import { ENDPOINT_NAME, ENDPOINT_SYSCTLS } from './refuse-networks.ts';

const DEFAULT = 'default';

export function convertNetworkMode(conversion: Conversion, service: Raw, { path, top }: Where): NetworkMode {
  const mode = textOr(service.network_mode, null);
  const [kind = '', name = ''] = (mode ?? '').split(/:(.*)/s);
  if (mode === null) return modeOfNetworks(conversion, service, { path, top });
  if (mode === 'bridge' || mode === 'default') return { kind: 'networks' };
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

type Where = { readonly path: string; readonly top: Raw };

/** Docker's networks `host` and `none` are no networks: a service on one is on nothing else. */
function modeOfNetworks({ report }: Conversion, { networks }: Raw, { path, top }: Where): NetworkMode {
  const names = Array.isArray(networks) ? textList(networks) : Object.keys(rawOf(networks));
  const [special] = names.flatMap((name) => specialMode(rawOf(rawOf(top.networks)[name])) ?? []);
  if (special === undefined) return { kind: 'networks' };
  if (names.length > 1)
    report.error(
      `${path}.networks`,
      `a service on the network of the ${special} can be on no other`,
      'remove the others',
    );
  return { kind: special };
}

function specialMode(network: Raw): 'host' | 'none' | undefined {
  const isExternal = network.external === true || network.external === 'true';
  const name = isExternal ? network.name : network.driver;
  if (name === 'host') return 'host';
  return name === 'none' || name === 'null' ? 'none' : undefined;
}

export function convertServiceNetworks(conversion: Conversion, service: Raw, path: string): ServiceNetwork[] {
  const { networks } = service;
  const written: [string, Raw][] = Array.isArray(networks)
    ? textList(networks).map((name) => [name, {}])
    : Object.entries(rawOf(networks)).map(([name, value]) => [name, rawOf(value)]);
  /* An empty list is no wish to be alone: that is `network_mode: none`. */
  const named: [string, Raw][] = written.length > 0 ? written : [[DEFAULT, {}]];
  const converted = named.map(([network, raw]) => convertEnd(conversion, { network, raw, path }));
  return withMacAddress(converted, macOf(conversion, service.mac_address, `${path}.mac_address`));
}

/** That of the service is for the network that comes first. */
function withMacAddress(networks: readonly ServiceNetwork[], mac: string | null): ServiceNetwork[] {
  const first = [...networks].sort((a, b) => b.priority - a.priority)[0];
  return networks.map((n) => (n === first ? { ...n, macAddress: n.macAddress ?? mac } : n));
}

type End = { readonly network: string; readonly raw: Raw; readonly path: string };

function convertEnd(conversion: Conversion, { network, raw, path }: End): ServiceNetwork {
  const place = `${path}.networks.${network}`;
  const options = optionsOf(raw.driver_opts);
  return {
    network,
    aliases: textList(raw.aliases),
    ipv4Address: addressOf(conversion, raw.ipv4_address, { version: 4, at: `${place}.ipv4_address` }),
    ipv6Address: addressOf(conversion, raw.ipv6_address, { version: 6, at: `${place}.ipv6_address` }),
    linkLocalIps: textList(raw.link_local_ips).flatMap(
      (ip, index) => addressOf(conversion, ip, { version: null, at: `${place}.link_local_ips[${index}]` }) ?? [],
    ),
    macAddress: macOf(conversion, raw.mac_address, `${place}.mac_address`),
    priority: numberOr(raw.priority, 0),
    gwPriority: numberOr(raw.gw_priority, 0),
    interfaceName: textOr(raw.interface_name, options[ENDPOINT_NAME] ?? null),
    sysctls: sysctlsOf(options[ENDPOINT_SYSCTLS]),
  };
}

type Place = { readonly version: 4 | 6 | null; readonly at: string };

/** In canonical form, so that equal addresses are equal texts. */
function addressOf({ report }: Conversion, value: unknown, { version, at }: Place): string | null {
  if (value === undefined || value === null) return null;
  const text = String(value);
  if (parseAddress(text) !== undefined && (version === null || familyOf(text) === version))
    return canonicalAddress(text);
  report.error(at, `"${text}" is no ${version === null ? 'address' : `IPv${version} address`}`);
  return null;
}

function macOf({ report }: Conversion, value: unknown, at: string): string | null {
  const mac = textOr(value, null);
  if (mac === null) return null;
  const bytes = mac.split(/[:-]/);
  const isMac = bytes.length === 6 && bytes.every((byte) => /^[0-9a-f]{2}$/i.test(byte));
  if (!isMac) report.error(at, `"${mac}" is no MAC address`, 'write it as 02:42:ac:11:00:02');
  else if (Number.parseInt(bytes[0]!, 16) % 2 === 1)
    report.error(at, `"${mac}" is the address of a group, not of an interface`, 'make its first byte even');
  return bytes.join(':').toLowerCase();
}

/** `net.ipv4.conf.IFNAME.log_martians=1,...`: settings of this interface alone; checked by refuse-networks.ts. */
function sysctlsOf(text: string | undefined): Record<string, string> {
  const settings = (text ?? '').split(',').filter((part) => part !== '');
  return Object.fromEntries(settings.map((setting) => setting.split(/=(.*)/s).slice(0, 2)));
}

/** `TARGET[:ALIAS]`. */
export function convertLinks({ report }: Conversion, written: unknown, path: string): Link[] {
  return textList(written).map((text, index) => {
    const [target = '', alias = target, more] = text.split(':');
    if (target === '' || alias === '' || more !== undefined)
      report.error(`${path}[${index}]`, `"${text}" is no link`, 'write NAME or NAME:ALIAS');
    return { target, alias };
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
