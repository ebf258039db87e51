/**
 * Records and live sides -> the rows of `ps` and `ls`.
 *
 * Field names and texts are those of `docker compose ps --format json`, so
 * that scripts written for it work.
 */
import { printAge } from '../base/age.ts';
import { isStandalone } from '../model/standalone.ts';
import type { PublishSpec } from '../network/network.ts';
import type { ContainerState, ContainerSummary, Publisher, StackSummary } from './answers.ts';
import { exitCodeOf } from './exit-code.ts';
import { stateOf } from './observe.ts';
import type { ContainerRecord, StackRecord } from './records.ts';
import type { World } from './world.ts';

export function summarize(world: World, record: ContainerRecord): ContainerSummary {
  const live = world.live.get(record.id);
  const state = stateOf(live);
  const running = state === 'running' || state === 'paused';
  const publishes = running ? record.publishes : [];
  const created = Date.parse(record.createdAt);
  return {
    ID: record.id,
    Name: record.name,
    Project: record.stack,
    Service: record.service,
    Image: record.image.reference,
    ImageID: record.image.id,
    Command: commandText(record),
    State: state,
    Status: statusText(record, state, live?.running?.startedAt, live?.health ?? ''),
    Health: live?.health ?? '',
    ExitCode: exitCodeOf(record.exit),
    Publishers: publishes.flatMap(publishersOf),
    Ports: portsText(publishes),
    Networks: record.attachments.map((a) => a.network).join(','),
    Labels: labelsText(record),
    Mounts: record.definition.mounts.map((m) => m.target).join(','),
    Created: Math.floor(created / 1000),
    CreatedAt: record.createdAt,
    RunningFor: `${printAge(created)} ago`,
    Replica: record.replica,
    Restarts: record.restarts,
    OOMKilled: record.exit?.oomKilled ?? false,
    Pid: live?.running?.pid ?? 0,
  };
}

function commandText(record: ContainerRecord): string {
  const { entrypoint, command } = record.definition;
  return [...(entrypoint ?? []), ...(command ?? [])].join(' ');
}

function statusText(
  record: ContainerRecord,
  state: ContainerState,
  startedAt: string | undefined,
  health: string,
): string {
  switch (state) {
    case 'running':
    case 'paused': {
      const up = `Up ${printAge(Date.parse(startedAt ?? record.createdAt))}`;
      if (state === 'paused') return `${up} (Paused)`;
      return health === '' ? up : `${up} (${health === 'starting' ? 'health: starting' : health})`;
    }
    case 'restarting':
      return `Restarting (${record.exit?.code ?? 'unknown'}) ${printAge(Date.parse(record.exit?.finishedAt ?? record.createdAt))} ago`;
    case 'exited': {
      const exit = record.exit;
      const oom = exit?.oomKilled ? ', out of memory' : '';
      return exit ? `Exited (${exit.code ?? 'unknown'}${oom}) ${printAge(Date.parse(exit.finishedAt))} ago` : 'Exited';
    }
    case 'created':
      return 'Created';
    case 'dead':
      return 'Dead';
  }
}

function publishersOf(publish: PublishSpec): Publisher[] {
  return publish.hostIps.map((URL) => ({
    URL,
    TargetPort: publish.containerPort,
    PublishedPort: publish.hostPort,
    Protocol: publish.protocol,
  }));
}

/** `127.0.0.1:8080->80/tcp, [::1]:8080->80/tcp`. */
function portsText(publishes: readonly PublishSpec[]): string {
  return publishes
    .flatMap((p) =>
      p.hostIps.map((ip) => `${ip.includes(':') ? `[${ip}]` : ip}:${p.hostPort}->${p.containerPort}/${p.protocol}`),
    )
    .join(', ');
}

function labelsText(record: ContainerRecord): string {
  return Object.entries(labelsOf(record))
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/** The service's labels and those by which other tools find compose containers. */
export function labelsOf(record: ContainerRecord): Record<string, string> {
  if (isStandalone(record.stack)) return { ...record.definition.labels };
  return {
    ...record.definition.labels,
    'com.docker.compose.project': record.stack,
    'com.docker.compose.service': record.service,
    'com.docker.compose.container-number': String(record.replica),
    'com.docker.compose.oneoff': record.oneOff ? 'True' : 'False',
  };
}

/** `running(3), exited(1)`, the most alive first. */
export function summarizeStack(
  name: string,
  record: StackRecord | undefined,
  states: readonly ContainerState[],
): StackSummary {
  const order: ContainerState[] = ['running', 'restarting', 'paused', 'created', 'exited', 'dead'];
  const counts = order.map((state) => ({ state, count: states.filter((s) => s === state).length }));
  return {
    Name: name,
    Status: counts
      .filter((c) => c.count > 0)
      .map((c) => `${c.state}(${c.count})`)
      .join(', '),
    ConfigFiles: record?.stack.files.join(',') ?? '',
  };
}
