/**
 * One checked service -> the model's service, every default filled in.
 */
import type { NamespaceMode, Service } from '../model/stack.ts';
import { checkSecurity } from './check-security.ts';
import {
  booleanOr,
  bytesOr,
  type Conversion,
  durationOr,
  labelsOf,
  mappingOf,
  numberOr,
  type Raw,
  rawOf,
  textList,
  textOr,
} from './conversion.ts';
import { convertEnvironment } from './convert-environment.ts';
import { convertDependencies, convertHealthcheck, convertRestart } from './convert-health.ts';
import { convertMounts } from './convert-mounts.ts';
import { convertNetworkMode, convertServiceNetworks } from './convert-networks.ts';
import { convertPorts } from './convert-ports.ts';
import { convertDevices, convertResources, convertUlimits } from './convert-resources.ts';
import { splitWords } from './shell-words.ts';

export type ServiceSource = { readonly name: string; readonly raw: Raw; readonly top: Raw };

export function convertService(conversion: Conversion, { name, raw, top }: ServiceSource): Service {
  const path = `services.${name}`;
  checkSecurity(conversion, raw, path);
  return {
    ...programOf(conversion, name, raw),
    ...surroundingsOf(conversion, { name, raw, top }),
    ...lifeOf(conversion, raw, path),
    ...securityOf(raw),
    devices: convertDevices(conversion, raw, path),
    ulimits: convertUlimits(raw),
    resources: convertResources(raw),
    shmSizeBytes: bytesOr(raw.shm_size, null),
    oomScoreAdj: numberOr(raw.oom_score_adj, null),
  };
}

function programOf(conversion: Conversion, name: string, raw: Raw) {
  const path = `services.${name}`;
  return {
    name,
    image: textOr(raw.image, ''),
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
  const networkMode = convertNetworkMode(conversion, raw, path);
  const modes = {
    networkMode,
    pidMode: namespaceMode(conversion, raw, 'pid', path),
    ipcMode: namespaceMode(conversion, raw, 'ipc', path),
  };
  const ports = convertPorts(conversion, raw, path);
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
    mounts: convertMounts(conversion, { raw, top, path }),
    ports: networkMode.kind === 'networks' ? ports : [],
    expose: textList(raw.expose),
    networks: networkMode.kind === 'networks' ? convertServiceNetworks(conversion, raw, path) : [],
    dns: [],
    dnsSearch: textList(raw.dns_search),
    dnsOptions: textList(raw.dns_opt),
    extraHosts: hostsOf(raw),
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

/** A name may have several addresses; IPv6 ones may stand in brackets. */
function hostsOf(raw: Raw): Record<string, string[]> {
  const hosts: Record<string, string[]> = {};
  const written = raw.extra_hosts;
  const add = (name: string, address: string) => {
    hosts[name] = [...(hosts[name] ?? []), address.replace(/^\[|\]$/g, '')];
  };
  if (Array.isArray(written)) for (const [name, address] of mappingOf(written, /[=:]/)) add(name, address ?? '');
  else
    for (const [name, value] of Object.entries(rawOf(written)))
      for (const address of textList(value)) add(name, address);
  return hosts;
}

function lifeOf(conversion: Conversion, raw: Raw, path: string) {
  const deploy = rawOf(raw.deploy);
  return {
    healthcheck: convertHealthcheck(conversion, raw, path),
    restart: convertRestart(raw),
    replicas: numberOr(raw.scale ?? deploy.replicas, 1),
    stopSignal: textOr(raw.stop_signal, null),
    stopGraceMs: durationOr(raw.stop_grace_period, null),
    profiles: textList(raw.profiles),
    attach: booleanOr(raw.attach, true),
    pullPolicy: null,
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
