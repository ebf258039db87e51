/**
 * A container's record -> what the runtime is asked for.
 *
 * The only place that knows both what a service is and what a ContainerSpec
 * is. Each part carries as `origin` the path of the stack file that asked for it.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { BerthError } from '../base/errors.ts';
import type { ResolvedImage } from '../image/image.ts';
import { DEFAULT_LOGGING } from '../model/service-logs.ts';
import type { NamespaceMode, NetworkMode, Service } from '../model/stack.ts';
import { portPrefix } from '../network/bridge-name.ts';
import {
  DEFAULT_NETWORK_SYSCTLS,
  DEFAULT_READONLY_PATHS,
  DEFAULT_SHM_BYTES,
  defaultConfig,
  defaultMaskedPaths,
  defaultMounts,
} from '../runtime/defaults.ts';
import type { ContainerSpec, InterfaceSpec, LogSpec, OciConfig, OciNamespace } from '../runtime/spec.ts';
import { containerCgroup, containerFolder, stateFolder } from './container-paths.ts';
import { logPath } from './logs/run-folder.ts';
import type { MountSources } from './mount-sources.ts';
import type { Attachment, ContainerRecord } from './records.ts';
import { hostnameOf } from './state-folder.ts';
import { translateDevices } from './translate-devices.ts';
import { translateMounts } from './translate-mounts.ts';
import { securityOption, serviceProcess } from './translate-process.ts';
import { translateResources } from './translate-resources.ts';
import type { LiveContainer, World } from './world.ts';

export type TranslateOptions = {
  readonly record: ContainerRecord;
  readonly live: LiveContainer;
  readonly image: ResolvedImage;
  readonly sources: MountSources;
  readonly terminal?: { readonly rows: number; readonly cols: number } | null;
  readonly awaitAttach?: boolean;
};

export function translate(world: World, options: TranslateOptions): ContainerSpec {
  const { record, live, image } = options;
  const folder = containerFolder(world.roots, record.id);
  const service = record.definition;
  return {
    id: record.id,
    stateDir: stateFolder(world.roots, record.id),
    rootfs: { lowers: image.lowers, upper: { dir: join(folder, 'upper'), work: join(folder, 'work') } },
    config: configOf(world, options),
    interfaces: live.netns === null ? interfacesOf(world, record) : [],
    cgroup: containerCgroup(world.parentCgroup, record.id),
    init: service.init,
    stdin: service.stdinOpen ? (record.oneOff ? 'once' : 'open') : 'null',
    log: logOf(world, record),
    awaitAttach: options.awaitAttach ?? false,
    ...(service.watch?.auto && !record.oneOff && { noteOpens: noteOpensOf(service) }),
  };
}

/** Of driver none everything goes where nothing is kept: without any log a slow terminal would hold the program up. */
function logOf(world: World, record: ContainerRecord): LogSpec {
  const { driver, maxBytes, maxFiles, bufferBytes } = record.definition.logging ?? DEFAULT_LOGGING;
  if (driver === 'none') return { path: '/dev/null', maxBytes: 0, maxFiles: 1, bufferBytes: 0 };
  return { path: logPath(world.roots, record), maxBytes, maxFiles, bufferBytes };
}

/** `x-berth.watch: auto`: of the mounts where its files lie. */
function noteOpensOf({ name, mounts }: Service): ContainerSpec['noteOpens'] {
  const targets = mounts.flatMap((mount) => (mount.kind === 'bind' ? [mount.target] : []));
  return { targets, origin: `services.${name}.x-berth.watch` };
}

function configOf(world: World, { record, live, image, sources, terminal }: TranslateOptions): OciConfig {
  const service = record.definition;
  const process = serviceProcess(service, image.config, hostnameOf(record), terminal ?? null);
  const base = defaultConfig(process);
  const systemPaths = service.privileged || securityOption(service, 'systempaths') === 'unconfined';
  return {
    ...base,
    hostname: service.utsMode === 'host' ? null : hostnameOf(record),
    domainname: service.domainname,
    root: { readonly: service.readOnly },
    mounts: [
      ...defaultMounts({
        shmBytes: service.shmSizeBytes ?? DEFAULT_SHM_BYTES,
        ownIpc: service.ipcMode.kind !== 'host',
        privileged: service.privileged,
      }),
      ...translateMounts(world, record, { image, sources }),
    ],
    linux: {
      namespaces: namespacesOf(world, record, live),
      resources: translateResources(service),
      sysctl: {
        ...(isOwnNetwork(service.networkMode) && live.netns === null ? DEFAULT_NETWORK_SYSCTLS : {}),
        ...service.sysctls,
        ...(live.netns === null ? interfaceSysctls(record) : {}),
      },
      devices: translateDevices(service),
      maskedPaths: systemPaths ? [] : defaultMaskedPaths(),
      readonlyPaths: systemPaths ? [] : DEFAULT_READONLY_PATHS,
      seccomp: service.privileged || securityOption(service, 'seccomp') === 'unconfined' ? 'unconfined' : 'default',
      rootfsPropagation: sharesMounts(service) ? 'slave' : 'private',
    },
  };
}

/** Settings of single interfaces, under their names. */
function interfaceSysctls({ attachments }: ContainerRecord): Record<string, string> {
  return Object.fromEntries(
    attachments.flatMap(({ sysctls, interfaceName }) =>
      Object.entries(sysctls).map(([key, value]) => [key.replace('IFNAME', interfaceName), value]),
    ),
  );
}

function sharesMounts(service: Service): boolean {
  return service.mounts.some((m) => m.kind === 'bind' && /shared|slave/.test(m.propagation ?? ''));
}

function isOwnNetwork(mode: NetworkMode): boolean {
  return mode.kind === 'networks' || mode.kind === 'none';
}

/** One for each of `attachments`, which are the record's. */
export function interfacesOf(
  world: World,
  record: ContainerRecord,
  attachments: readonly Attachment[] = record.attachments,
): InterfaceSpec[] {
  return attachments.map((a) => ({
    /* Unique per start: the old pair dies with its namespace some time after the container. */
    hostName: `${portPrefix(world.roots.tag)}${randomBytes(5).toString('hex')}`,
    name: a.interfaceName,
    bridge: a.bridge,
    macvlan: a.macvlan,
    isolated: a.isolated,
    mac: a.mac,
    mtu: a.mtu,
    addresses: [
      ...(a.address === null ? [] : [`${a.address}/${a.prefix}`]),
      ...(a.address6 === null ? [] : [`${a.address6}/${a.prefix6}`]),
      ...a.linkLocal,
    ],
    gateways: [a.gateway, a.gateway6].filter((gateway) => gateway !== null),
    origin: `services.${record.service}.networks`,
  }));
}

function namespacesOf(world: World, record: ContainerRecord, live: LiveContainer): OciNamespace[] {
  const service = record.definition;
  const cgroup: OciNamespace[] = service.cgroupMode === 'host' ? [] : [{ type: 'cgroup' }];
  const uts: OciNamespace[] = service.utsMode === 'host' ? [] : [{ type: 'uts' }];
  return [
    { type: 'mount' },
    ...cgroup,
    ...uts,
    ...modeNamespace(world, record, { type: 'pid', mode: service.pidMode }),
    ...modeNamespace(world, record, { type: 'ipc', mode: service.ipcMode }),
    ...networkNamespace(world, record, live),
  ];
}

function networkNamespace(world: World, record: ContainerRecord, live: LiveContainer): OciNamespace[] {
  const mode = record.definition.networkMode;
  if (mode.kind === 'networks' && live.netns !== null) {
    return [{ type: 'network', path: `/proc/${process.pid}/fd/${live.netns}` }];
  }
  if (mode.kind === 'networks' || mode.kind === 'none') return [{ type: 'network' }];
  return modeNamespace(world, record, { type: 'network', mode });
}

type Joined = { readonly type: 'pid' | 'ipc' | 'network'; readonly mode: NamespaceMode | NetworkMode };

function modeNamespace(world: World, record: ContainerRecord, { type, mode }: Joined): OciNamespace[] {
  switch (mode.kind) {
    case 'host':
      return [];
    case 'service':
      return [{ type, path: namespacePath(world, record, { type, of: mode.service, isService: true }) }];
    case 'container':
      return [{ type, path: namespacePath(world, record, { type, of: mode.container, isService: false }) }];
    default:
      return [{ type }];
  }
}

const NS_FILE = { pid: 'pid', ipc: 'ipc', network: 'net' } as const;

type Target = { readonly type: 'pid' | 'ipc' | 'network'; readonly of: string; readonly isService: boolean };

/** The namespace file of a running container of that service or name. */
function namespacePath(world: World, record: ContainerRecord, { type, of, isService }: Target): string {
  const target = world.store.containers
    .all()
    .find((c) =>
      isService ? c.stack === record.stack && c.service === of && !c.oneOff : c.name === of || c.id.startsWith(of),
    );
  const running = target && world.live.get(target.id)?.running;
  if (running) return `/proc/${running.pid}/ns/${NS_FILE[type]}`;
  throw new BerthError(
    'CONTAINER_NOT_RUNNING',
    `service ${record.service} joins the ${type} namespace of ${of}, which does not run`,
    {
      hint: `start ${of} first`,
    },
  );
}
