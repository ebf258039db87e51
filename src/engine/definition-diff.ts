/**
 * How two definitions of one service differ, field by field.
 *
 * Pure. Decides which fields need a new container and which can be changed on
 * a running one, and words the cause down to the value and its file:line.
 */
import { basename } from 'node:path';
import type { Positions, Service } from '../model/stack.ts';
import { contentChanges, placesOf } from './mount-diff.ts';

/** Fields that describe the service, not the container: a change touches nothing that runs. */
const OUTSIDE: ReadonlySet<string> = new Set([
  'name',
  'replicas',
  'dependsOn',
  'profiles',
  'attach',
  'pullPolicy',
  'build',
  'expose',
  'update',
  'rollback',
  'watch',
  'ignoredFiles',
]);

/** Fields the engine itself acts on: a running container takes them over without being recreated. */
const LIVE: ReadonlySet<string> = new Set([
  'labels',
  'restart',
  'stopSignal',
  'stopGraceMs',
  'healthcheck',
  'ready',
  'restartUnhealthy',
  'postStart',
  'preStop',
  'links',
  'externalLinks',
  'logKeep',
  'logForward',
]);

/** Environment names whose values are never shown in a cause. */
const SECRET_NAME = /pass|secret|token|key|credential|auth/i;

export type Change = {
  /** `environment.LOG_LEVEL`, `command`. */
  readonly field: string;
  /** `debug -> info`. */
  readonly text: string;
  readonly live: boolean;
};

/** The changes from `before` to `after`, in the order of the fields; empty when a container of `before` serves `after`. */
export function diffDefinitions(before: Service, after: Service): Change[] {
  const changes: Change[] = [];
  const ignored = ignoredVariables(before, after);
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof Service>) {
    if (OUTSIDE.has(field)) continue;
    diffValues(field, comparable(before, field), comparable(after, field), (path, from, to) => {
      if (ignored.has(path)) return;
      const secret = field === 'environment' && SECRET_NAME.test(path);
      const text = secret ? '(hidden) -> (hidden, changed)' : `${valueText(from)} -> ${valueText(to)}`;
      changes.push({ field: path, text, live: LIVE.has(field) });
    });
  }
  const contents = after.ignoredFiles ? [] : contentChanges(before.mounts, after.mounts);
  return [...changes, ...autoChanges(before, after), ...contents.map((change) => ({ ...change, live: false }))];
}

/** What a container opens is noted from its start on, or never. */
function autoChanges(before: Service, after: Service): Change[] {
  if (!after.watch?.auto || before.watch?.auto) return [];
  return [{ field: 'x-berth.watch', text: 'none -> auto', live: false }];
}

/** What is in files is compared by itself. */
function comparable(service: Service, field: keyof Service): unknown {
  return field === 'mounts' ? placesOf(service.mounts) : service[field];
}

/** `environment.NAME` of variables that were or are from files, when those are not to count. */
function ignoredVariables(before: Service, after: Service): ReadonlySet<string> {
  if (!after.ignoredFiles) return new Set();
  const names = [...(before.ignoredFiles?.environment ?? []), ...after.ignoredFiles.environment];
  return new Set(names.map((name) => `environment.${name}`));
}

/** What a container that stays takes over: all but what it was made with. */
export function takeOver(before: Service, after: Service): Service {
  const isTaken = ([field]: readonly [string, unknown]) => LIVE.has(field) || OUTSIDE.has(field);
  const made = Object.entries(before).filter((entry) => !isTaken(entry));
  return Object.fromEntries([...made, ...Object.entries(after).filter(isTaken)]) as Service;
}

/** `environment.LOG_LEVEL debug -> info, stack.yaml:14`, and how many more there are. */
export function changeText(changes: readonly Change[], service: string, positions: Positions): string {
  const [first, ...rest] = changes;
  if (!first) return 'unchanged';
  const isTop = /^(configs|secrets)\./.test(first.field);
  const at = positionOf(positions, isTop ? first.field : `services.${service}.${yamlPath(first.field)}`);
  const place = at ? `, ${basename(at.file)}:${at.line}` : '';
  const more = rest.length > 0 ? ` and ${rest.length} more` : '';
  return `${yamlPath(first.field)} ${first.text}${place}${more}`;
}

/** The position of a path, or of its nearest parent that has one. */
export function positionOf(positions: Positions, path: string) {
  for (let p = path; p !== ''; p = p.replace(/(\.|\[)[^.[]*$/, '')) {
    const at = positions[p];
    if (at) return at;
    if (!/[.[]/.test(p)) return undefined;
  }
  return undefined;
}

type Report = (path: string, from: unknown, to: unknown) => void;

function diffValues(path: string, from: unknown, to: unknown, report: Report): void {
  if (isMap(from) && isMap(to)) {
    for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
      diffValues(`${path}.${key}`, from[key], to[key], report);
    }
    return;
  }
  if (JSON.stringify(from) !== JSON.stringify(to)) report(path, from, to);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function valueText(value: unknown): string {
  if (value === undefined || value === null) return 'unset';
  const text = Array.isArray(value) && value.every((v) => typeof v === 'string') ? value.join(' ') : plainText(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function plainText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Names of the model to those of the stack file, where they differ. */
const YAML_NAMES: Readonly<Record<string, string>> = {
  ready: 'x-berth.ready',
  deviceRules: 'device_cgroup_rules',
  'resources.memorySwappiness': 'mem_swappiness',
  restartUnhealthy: 'x-berth.restart',
  preStart: 'pre_start',
  postStart: 'post_start',
  preStop: 'pre_stop',
  mounts: 'volumes',
  capAdd: 'cap_add',
  capDrop: 'cap_drop',
  workingDir: 'working_dir',
  readOnly: 'read_only',
  stdinOpen: 'stdin_open',
  shmSizeBytes: 'shm_size',
  stopSignal: 'stop_signal',
  stopGraceMs: 'stop_grace_period',
  groupAdd: 'group_add',
  extraHosts: 'extra_hosts',
  networkMode: 'network_mode',
  securityOpt: 'security_opt',
  containerName: 'container_name',
  oomScoreAdj: 'oom_score_adj',
  externalLinks: 'external_links',
  dnsSearch: 'dns_search',
  dnsOptions: 'dns_opt',
  ipcMode: 'ipc',
  pidMode: 'pid',
  utsMode: 'uts',
  cgroupMode: 'cgroup',
  'resources.blockIO': 'blkio_config',
  'resources.oomKillDisable': 'oom_kill_disable',
  'resources.cpuRealtimeUs': 'cpu_rt_runtime',
  'resources.cpuRealtimePeriodUs': 'cpu_rt_period',
  'resources.cpuMillis': 'cpus',
  'resources.cpuShares': 'cpu_shares',
  'resources.cpuQuotaUs': 'cpu_quota',
  'resources.cpuPeriodUs': 'cpu_period',
  'resources.cpuset': 'cpuset',
  'resources.memoryBytes': 'mem_limit',
  'resources.memoryReservationBytes': 'mem_reservation',
  'resources.memorySwapBytes': 'memswap_limit',
  'resources.pids': 'pids_limit',
};

/** The stack file's name of a model field, keys below it kept. */
export function yamlPath(field: string): string {
  const whole = YAML_NAMES[field];
  if (whole) return whole;
  const [head = '', ...rest] = field.split('.');
  return [YAML_NAMES[head] ?? head, ...rest].join('.');
}
