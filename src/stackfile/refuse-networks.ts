/**
 * What networks and services' ends on them may ask by driver and option, and berth can not do.
 */
import { readNetworkOptions } from '../model/network-options.ts';
import type { Raw } from './conversion.ts';
import { optionsOf } from './convert-network.ts';
import type { Report } from './findings.ts';

const DRIVERS: Readonly<Record<string, string>> = {
  overlay: 'it is for a Swarm of machines: use bridge',
  ipvlan: 'use macvlan, which hangs on a link of this machine too',
};

/** Endpoint options: `com.docker.network.endpoint.NAME`. */
export const ENDPOINT_SYSCTLS = 'com.docker.network.endpoint.sysctls';
export const ENDPOINT_NAME = 'com.docker.network.endpoint.ifname';

/** The canonical form of those services that take part. */
export function refuseNetworks(top: Raw, report: Report): void {
  const networks = rawMap(top.networks);
  for (const [key, raw] of Object.entries(networks))
    if (isMap(raw) && !isOn(raw.external)) refuseNetwork(key, raw, report);
  for (const [name, service] of Object.entries(rawMap(top.services))) {
    const path = `services.${name}.networks`;
    for (const [network, raw] of Object.entries(rawMap(rawMap(service).networks)))
      for (const [option, value] of Object.entries(optionsOf(rawMap(raw).driver_opts)))
        refuseEndOption(`${path}.${network}.driver_opts.${option}`, { option, value }, report);
  }
}

const INTERFACE_SYSCTL = /^net\.(ipv4|ipv6|mpls)\.(conf|neigh)\.IFNAME\.\w+=.+$/;

function refuseEndOption(path: string, { option, value }: { option: string; value: string }, report: Report): void {
  if (option === ENDPOINT_NAME) return;
  if (option === ENDPOINT_SYSCTLS) {
    const wrong = value.split(',').find((setting) => !INTERFACE_SYSCTL.test(setting));
    const hint = 'write it as net.ipv4.conf.IFNAME.log_martians=1';
    if (wrong !== undefined) report.error(path, `"${wrong}" is no setting of an interface`, hint);
    return;
  }
  const message = `the option ${option} is not supported by berth`;
  report.errorAtKey(path, message, `there are ${ENDPOINT_SYSCTLS} and ${ENDPOINT_NAME}: remove it`);
}

function refuseNetwork(key: string, raw: Raw, report: Report): void {
  const driver = String(raw.driver ?? 'bridge');
  const place = `networks.${key}`;
  if (driver === 'host' || driver === 'none' || driver === 'null') {
    refuseOtherThanDriver(place, raw, report);
    return;
  }
  if (driver !== 'bridge' && driver !== 'default' && driver !== '' && driver !== 'macvlan') {
    const hint = DRIVERS[driver] ?? 'use bridge, macvlan, host or none';
    report.errorAtKey(`${place}.driver`, `networks.${key}.driver: ${driver} is not supported by berth`, hint);
    return;
  }
  const { options, faults } = readNetworkOptions(
    driver === 'macvlan' ? 'macvlan' : 'bridge',
    optionsOf(raw.driver_opts),
  );
  for (const { option, message, hint } of faults) report.errorAtKey(`${place}.driver_opts.${option}`, message, hint);
  if (driver === 'macvlan' && options.parent === null && faults.length === 0)
    report.error(
      place,
      `the macvlan network ${key} needs a link of this machine`,
      'name it: driver_opts: {parent: eth0}',
    );
}

function refuseOtherThanDriver(place: string, raw: Raw, report: Report): void {
  for (const attribute of ['ipam', 'internal', 'enable_ipv6', 'driver_opts'])
    if (raw[attribute] !== undefined && raw[attribute] !== null && raw[attribute] !== false)
      report.errorAtKey(
        `${place}.${attribute}`,
        `a network with the driver ${String(raw.driver)} has no ${attribute}`,
        'remove it',
      );
}

function rawMap(value: unknown): Raw {
  return isMap(value) ? value : {};
}

function isMap(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOn(value: unknown): boolean {
  return value === true || value === 'true' || isMap(value);
}
