/**
 * A container in the shape of docker's inspect, so that scripts that read it work.
 *
 * What berth has no such thing for is left out rather than made up.
 */

import type { ImageConfig } from '../image/image.ts';
import type { ContainerInspect } from './answers.ts';
import { recordByName } from './choose-containers.ts';
import { containerFolder } from './container-paths.ts';
import { exitCodeOf } from './exit-code.ts';
import { healthcheckOf } from './health-of.ts';
import { hostConfigOf, mountsOf } from './inspect-host.ts';
import { networkSettingsOf } from './inspect-network.ts';
import { logPath } from './logs/run-folder.ts';
import { stateOf } from './observe.ts';
import type { ContainerRecord } from './records.ts';
import { hostnameOf } from './state-folder.ts';
import { stopSignalOf } from './stop-signal.ts';
import { labelsOf } from './summary.ts';
import { serviceProcess } from './translate-process.ts';
import type { LiveContainer, World } from './world.ts';

/** CONTAINER_NOT_FOUND for the first name that is none. */
export async function inspectContainers(world: World, names: readonly string[]): Promise<ContainerInspect[]> {
  return await Promise.all(names.map((name) => inspect(world, recordByName(world, name))));
}

async function inspect(world: World, record: ContainerRecord): Promise<ContainerInspect> {
  const live = world.live.get(record.id);
  const image = await world.images.resolve(record.image.reference);
  const config = image?.config;
  const [path = '', ...args] = commandOf(record, config);
  return {
    Id: record.id,
    Created: record.createdAt,
    Path: path,
    Args: args,
    State: stateDetails(record, live),
    Image: record.image.id,
    LogPath: logPath(world.roots, record),
    Name: `/${record.name}`,
    RestartCount: record.restarts,
    Driver: 'overlay',
    Platform: 'linux',
    HostConfig: hostConfigOf(record),
    GraphDriver: {
      Name: 'overlay',
      Data: { LowerDir: image?.lowers.join(':') ?? '', UpperDir: `${containerFolder(world.roots, record.id)}/upper` },
    },
    Mounts: mountsOf(world, record),
    Config: configDetails(record, config),
    NetworkSettings: networkSettingsOf(world, record, live),
  };
}

/** The program as it is started; of an image that is gone, what the container itself says. */
function commandOf(record: ContainerRecord, config: ImageConfig | undefined): readonly string[] {
  const { entrypoint, command } = record.definition;
  if (!config) return [...(entrypoint ?? []), ...(command ?? [])];
  return serviceProcess(record.definition, config, hostnameOf(record), null).args;
}

const NEVER = '0001-01-01T00:00:00Z';

function stateDetails(record: ContainerRecord, live: LiveContainer | undefined) {
  const state = stateOf(live);
  const { exit } = record;
  const health = live?.health;
  return {
    Status: state,
    Running: live?.running !== null && live !== undefined,
    Paused: state === 'paused',
    Restarting: state === 'restarting',
    OOMKilled: exit?.oomKilled ?? false,
    Dead: state === 'dead',
    Pid: live?.running?.pid ?? 0,
    ExitCode: exitCodeOf(exit ?? null),
    Error: '',
    StartedAt: live?.running?.startedAt ?? exit?.startedAt ?? NEVER,
    FinishedAt: exit?.finishedAt ?? NEVER,
    ...(health ? { Health: { Status: health, LastOutput: live?.probe?.lastOutput() ?? '' } } : {}),
  };
}

function configDetails(record: ContainerRecord, config: ImageConfig | undefined) {
  const { definition } = record;
  const exposed = [...definition.ports.map((p) => `${p.target}/${p.protocol}`), ...(config?.exposedPorts ?? [])];
  const environment = Object.entries(definition.environment).map(([name, value]) => `${name}=${value}`);
  return {
    Hostname: hostnameOf(record),
    Domainname: definition.domainname ?? '',
    User: definition.user ?? config?.user ?? '',
    Tty: definition.tty,
    OpenStdin: definition.stdinOpen,
    ...(exposed.length > 0 ? { ExposedPorts: Object.fromEntries(exposed.map((port) => [port, {}])) } : {}),
    Env: [...merged([...(config?.env ?? []), ...environment])],
    Cmd: definition.command ?? (definition.entrypoint === null ? (config?.cmd ?? null) : null),
    Image: record.image.reference,
    WorkingDir: definition.workingDir ?? config?.workingDir ?? '',
    Entrypoint: definition.entrypoint ?? config?.entrypoint ?? null,
    Labels: { ...config?.labels, ...labelsOf(record) },
    ...((definition.stopSignal ?? record.imageStopSignal) ? { StopSignal: stopSignalOf(record) } : {}),
    ...(definition.stopGraceMs === null ? {} : { StopTimeout: Math.round(definition.stopGraceMs / 1000) }),
    ...healthDetails(record),
  };
}

/** Later ones of one name win. */
function merged(variables: readonly string[]): Iterable<string> {
  return new Map(variables.map((text) => [text.split('=', 1)[0], text])).values();
}

/** docker counts these in nanoseconds. */
function healthDetails(record: ContainerRecord) {
  const healthcheck = healthcheckOf(record);
  if (!healthcheck) return {};
  const { test, intervalMs, timeoutMs, retries, startPeriodMs, startIntervalMs } = healthcheck;
  return {
    Healthcheck: {
      Test: test.kind === 'exec' ? ['CMD', ...test.argv] : ['NONE'],
      Interval: intervalMs * 1e6,
      Timeout: timeoutMs * 1e6,
      StartPeriod: startPeriodMs * 1e6,
      StartInterval: startIntervalMs * 1e6,
      Retries: retries,
    },
  };
}
