/**
 * One checked service -> the model's service, every default filled in.
 */
import { isIP } from 'node:net';
import { parsePullPolicy } from '../model/pull-policy.ts';
import type { NamespaceMode, Service } from '../model/stack.ts';
import { checkSecurity } from './check-security.ts';
import {
  booleanOr,
  bytesOr,
  type Conversion,
  durationOr,
  itemsOf,
  labelsOf,
  mappingOf,
  numberOr,
  type Raw,
  rawOf,
  textList,
  textOr,
} from './conversion.ts';
import { convertBerth } from './convert-berth.ts';
import { convertBuild } from './convert-build.ts';
import { convertEnvironment, convertIgnoredFiles } from './convert-environment.ts';
import { convertDependencies, convertHealthcheck, convertRestart } from './convert-health.ts';
import { convertHooks } from './convert-hooks.ts';
import { convertLogs } from './convert-logs.ts';
import { convertMounts } from './convert-mounts.ts';
import { convertLinks, convertNetworkMode, convertServiceNetworks } from './convert-networks.ts';
import { convertPorts, convertPublishAddress } from './convert-ports.ts';
import { convertDeviceRules, convertDevices, convertResources, convertUlimits } from './convert-resources.ts';
import { convertRollouts } from './convert-rollout.ts';
import { convertVolumesFrom, convertVolumesOwner } from './convert-volumes-from.ts';
import { convertWatch } from './convert-watch.ts';
import { splitWords } from './shell-words.ts';

export type ServiceSource = { readonly name: string; readonly raw: Raw; readonly top: Raw };

export function convertService(conversion: Conversion, { name, raw, top }: ServiceSource): Service {
  const path = `services.${name}`;
  checkSecurity(conversion, raw, path);
  const surroundings = surroundingsOf(conversion, { name, raw, top });
  /* Assigned, since V8 takes ten times as long to spread as many attributes as a service has. */
  const service = Object.assign(
    programOf(conversion, name, raw),
    surroundings,
    lifeOf(conversion, raw, path),
    securityOf(raw),
  );
  return Object.assign(service, convertRollouts(conversion, raw, path), {
    ...convertWatch(conversion, { raw, top, path, mounts: surroundings.mounts }),
    ...convertIgnoredFiles(conversion, { raw, top, name }),
    ...convertLogs(conversion, raw, { top, path }),
    build: convertBuild(conversion, { raw, top, path, hostsOf: (own, place) => hostsOf(conversion, own, place) }),
    devices: convertDevices(conversion, raw, path),
    deviceRules: convertDeviceRules(conversion, raw, path),
    ulimits: convertUlimits(raw),
    resources: convertResources(raw),
    shmSizeBytes: bytesOr(raw.shm_size, null),
    oomScoreAdj: numberOr(raw.oom_score_adj, null),
  });
}

function programOf(conversion: Conversion, name: string, raw: Raw) {
  const path = `services.${name}`;
  return {
    name,
    /* As docker compose names what it builds. */
    image: textOr(raw.image, null) || (raw.build ? `${conversion.stackName}-${name}` : ''),
    ...(raw.platform != null && raw.platform !== '' && { platform: String(raw.platform) }),
    command: commandOf(conversion, raw.command, `${path}.command`),
    entrypoint: commandOf(conversion, raw.entrypoint, `${path}.entrypoint`),
    environment: convertEnvironment(conversion, raw, path),
    workingDir: textOr(raw.working_dir, null),
    user: textOr(raw.user, null),
    groupAdd: textList(raw.group_add),
    hostname: textOr(raw.hostname, null),
    domainname: textOr(raw.domainname, null),
    containerName: textOr(raw.container_name, null),
    labels: { ...labelsOf(raw.annotations), ...labelsOf(raw.labels) },
    init: booleanOr(raw.init, true),
    tty: booleanOr(raw.tty, false),
    stdinOpen: booleanOr(raw.stdin_open, false),
  };
}

/** null: the image's own. */
function commandOf({ report }: Conversion, value: unknown, path: string): string[] | null {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.map((item) => (item === null ? '' : String(item)));
  const words = splitWords(String(value));
  if (!words) report.error(path, 'a quote is not closed', 'close it, or write the command as a list');
  return words ?? [];
}

function surroundingsOf(conversion: Conversion, { name, raw, top }: ServiceSource) {
  const path = `services.${name}`;
  const networkMode = convertNetworkMode(conversion, raw, { path, top });
  const volumesFrom = convertVolumesFrom(conversion, raw, path);
  const modes = {
    networkMode,
    pidMode: namespaceMode(conversion, raw, 'pid', path),
    ipcMode: namespaceMode(conversion, raw, 'ipc', path),
  };
  const ports = convertPorts(conversion, { raw, path, address: convertPublishAddress(conversion, top) });
  if (ports.length > 0 && networkMode.kind !== 'networks' && networkMode.kind !== 'host') {
    conversion.report.error(
      `${path}.ports`,
      `a service with network_mode ${networkMode.kind} can not publish ports`,
      'publish them at the service that owns the network',
    );
  }
  return {
    ...modes,
    utsMode: raw.uts === 'host' ? ('host' as const) : ('private' as const),
    ...(raw.cgroup === 'host' ? { cgroupMode: 'host' as const } : {}),
    mounts: convertMounts(conversion, { raw, top, path }),
    volumesFrom,
    volumesOwner: convertVolumesOwner(conversion, raw, top),
    ports: networkMode.kind === 'networks' ? ports : [],
    expose: textList(raw.expose),
    networks: networkMode.kind === 'networks' ? convertServiceNetworks(conversion, raw, path) : [],
    links: convertLinks(conversion, raw.links, `${path}.links`),
    externalLinks: convertLinks(conversion, raw.external_links, `${path}.external_links`),
    dns: dnsOf(conversion, raw, path),
    dnsSearch: textList(raw.dns_search),
    dnsOptions: textList(raw.dns_opt),
    extraHosts: hostsOf(conversion, raw, path),
    dependsOn: convertDependencies(raw, modes),
  };
}

function namespaceMode({ report }: Conversion, raw: Raw, key: 'pid' | 'ipc', path: string): NamespaceMode {
  const value = textOr(raw[key], 'private');
  const [kind = '', name = ''] = value.split(/:(.*)/s);
  if (value === 'private' || value === 'shareable' || value === '') return { kind: 'private' };
  if (value === 'host') return { kind: 'host' };
  if (kind === 'service' && name !== '') return { kind: 'service', service: name };
  if (kind === 'container' && name !== '') return { kind: 'container', container: name };
  report.error(
    `${path}.${key}`,
    `"${value}" is no mode of \`${key}\``,
    'use private, host, service:NAME or container:NAME',
  );
  return { kind: 'private' };
}

/** Servers that the engine asks on the container's behalf. */
function dnsOf({ report }: Conversion, raw: Raw, path: string): string[] {
  return textList(raw.dns).map((server, index) => {
    if (isIP(server) === 0)
      report.error(
        Array.isArray(raw.dns) ? `${path}.dns[${index}]` : `${path}.dns`,
        `"${server}" is no address of a name server`,
      );
    return server;
  });
}

/** A name may have several addresses; IPv6 ones may stand in brackets. */
function hostsOf({ report }: Conversion, raw: Raw, path: string): Record<string, string[]> {
  const hosts = new Map<string, string[]>();
  for (const [name, written, place] of hostEntries(raw.extra_hosts, `${path}.extra_hosts`)) {
    const address = written.replace(/^\[|\]$/g, '');
    const hint = 'write NAME=ADDRESS; `host-gateway` is the address of this machine';
    if (name === '' || (isIP(address) === 0 && address !== 'host-gateway'))
      report.error(place, `"${written}" is no address for the host "${name}"`, hint);
    hosts.set(name, [...new Set([...(hosts.get(name) ?? []), address])]);
  }
  return Object.fromEntries(hosts);
}

function hostEntries(written: unknown, path: string): [name: string, address: string, place: string][] {
  if (Array.isArray(written)) {
    return itemsOf(written).flatMap(([index, item]) =>
      mappingOf([item], /[=:]/).map(([name, address]): [string, string, string] => [
        name,
        address ?? '',
        `${path}[${index}]`,
      ]),
    );
  }
  return Object.entries(rawOf(written)).flatMap(([name, value]) =>
    textList(value).map((address): [string, string, string] => [name, address, `${path}.${name}`]),
  );
}

function lifeOf(conversion: Conversion, raw: Raw, path: string) {
  const deploy = rawOf(raw.deploy);
  return {
    healthcheck: convertHealthcheck(raw),
    restart: convertRestart(raw),
    ...convertBerth(conversion, raw, path),
    ...convertHooks(conversion, raw, path),
    replicas: numberOr(raw.scale ?? deploy.replicas, 1),
    stopSignal: textOr(raw.stop_signal, null),
    stopGraceMs: durationOr(raw.stop_grace_period, null),
    profiles: textList(raw.profiles),
    attach: booleanOr(raw.attach, true),
    pullPolicy: parsePullPolicy(textOr(raw.pull_policy, ''), textOr(raw.pull_refresh_after, undefined)) ?? null,
  };
}

function securityOf(raw: Raw) {
  return {
    capAdd: textList(raw.cap_add),
    capDrop: textList(raw.cap_drop),
    privileged: booleanOr(raw.privileged, false),
    readOnly: booleanOr(raw.read_only, false),
    securityOpt: textList(raw.security_opt),
    sysctls: Object.fromEntries(mappingOf(raw.sysctls).map(([key, value]) => [key, value ?? ''])),
  };
}
