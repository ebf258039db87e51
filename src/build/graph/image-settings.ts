/**
 * The settings of the image that is being made: what ENV, CMD, USER and the like change.
 *
 * Pure: each change returns new settings. OCI image-spec, config.md; Shell,
 * OnBuild and Healthcheck are Docker's additions.
 */
import { BerthError } from '../../base/errors.ts';
import type { OciHealthcheck, OciImage } from '../../image/image-config.ts';
import type { CommandLine, HealthTest } from '../dockerfile/instruction.ts';

export type Settings = {
  readonly env: readonly string[];
  readonly entrypoint: readonly string[] | null;
  readonly cmd: readonly string[] | null;
  readonly workingDir: string;
  readonly user: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly exposed: readonly string[];
  readonly volumes: readonly string[];
  readonly stopSignal: string | null;
  readonly healthcheck: OciHealthcheck | null;
  readonly shell: readonly string[] | null;
  readonly onBuild: readonly string[];
  readonly author: string | null;
};

const DEFAULT_PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const DEFAULT_SHELL = ['/bin/sh', '-c'];

export const SCRATCH: Settings = {
  env: [DEFAULT_PATH],
  entrypoint: null,
  cmd: null,
  workingDir: '/',
  user: '',
  labels: {},
  exposed: [],
  volumes: [],
  stopSignal: null,
  healthcheck: null,
  shell: null,
  onBuild: [],
  author: null,
};

export function settingsOf({ config = {}, author }: Pick<OciImage, 'config' | 'author'>): Settings {
  const env = config.Env ?? [];
  return {
    env: env.some((pair) => pair.startsWith('PATH=')) ? env : [DEFAULT_PATH, ...env],
    entrypoint: config.Entrypoint ?? null,
    cmd: config.Cmd ?? null,
    workingDir: config.WorkingDir || '/',
    user: config.User ?? '',
    labels: config.Labels ?? {},
    exposed: Object.keys(config.ExposedPorts ?? {}),
    volumes: Object.keys(config.Volumes ?? {}),
    stopSignal: config.StopSignal ?? null,
    healthcheck: config.Healthcheck ?? null,
    shell: config.Shell ?? null,
    onBuild: config.OnBuild ?? [],
    author: author ?? null,
  };
}

/** The part `config` of an image's config; keys in one order, so that the same settings are the same bytes. */
export function configOf(settings: Settings): NonNullable<OciImage['config']> {
  const { entrypoint, cmd, user, labels, exposed, volumes, stopSignal, healthcheck, shell, onBuild } = settings;
  const set = (names: readonly string[]) => Object.fromEntries([...names].sort().map((name) => [name, {}]));
  return {
    ...(user === '' ? {} : { User: user }),
    ...(exposed.length === 0 ? {} : { ExposedPorts: set(exposed) }),
    Env: settings.env,
    ...(entrypoint === null ? {} : { Entrypoint: entrypoint }),
    ...(cmd === null ? {} : { Cmd: cmd }),
    ...(healthcheck === null ? {} : { Healthcheck: healthcheck }),
    ...(volumes.length === 0 ? {} : { Volumes: set(volumes) }),
    WorkingDir: settings.workingDir,
    ...(Object.keys(labels).length === 0 ? {} : { Labels: sorted(labels) }),
    ...(stopSignal === null ? {} : { StopSignal: stopSignal }),
    ...(shell === null ? {} : { Shell: shell }),
    ...(onBuild.length === 0 ? {} : { OnBuild: onBuild }),
  };
}

function sorted(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A variable keeps its place when it gets another value. */
export function withVariable(env: readonly string[], name: string, value: string): string[] {
  const pair = `${name}=${value}`;
  const at = env.findIndex((one) => one.startsWith(`${name}=`));
  return at < 0 ? [...env, pair] : env.map((one, index) => (index === at ? pair : one));
}

export function variable(env: readonly string[], name: string): string | undefined {
  return env.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** The argv of a command line. */
export function argvOf(command: CommandLine, shell: readonly string[] | null): string[] {
  if (command.kind === 'exec') return [...command.argv];
  return command.text === '' ? [] : [...(shell ?? DEFAULT_SHELL), command.text];
}

export function healthcheckOf(health: HealthTest): OciHealthcheck {
  if (health.test.kind === 'none') return { Test: ['NONE'] };
  const { command } = health.test;
  const test = command.kind === 'exec' ? ['CMD', ...command.argv] : ['CMD-SHELL', command.text];
  return {
    Test: test,
    ...(health.intervalNs === null ? {} : { Interval: health.intervalNs }),
    ...(health.timeoutNs === null ? {} : { Timeout: health.timeoutNs }),
    ...(health.startPeriodNs === null ? {} : { StartPeriod: health.startPeriodNs }),
    ...(health.startIntervalNs === null ? {} : { StartInterval: health.startIntervalNs }),
    ...(health.retries === null ? {} : { Retries: health.retries }),
  };
}

/** `80`, `80/udp`, `3000-3002` -> `80/tcp` and so on. DOCKERFILE_INVALID for what is none. */
export function portsOf(text: string): string[] {
  const [, first = '', last = first, protocol = 'tcp'] = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(\w+))?$/.exec(text) ?? [];
  const from = Number(first);
  const to = Number(last);
  const isPort = first !== '' && from >= 1 && to <= 65_535 && from <= to;
  if (!isPort || !/^(tcp|udp|sctp)$/i.test(protocol)) {
    throw new BerthError('DOCKERFILE_INVALID', `${JSON.stringify(text)} is no port`, {
      hint: 'write 80, 53/udp or 3000-3010',
    });
  }
  return Array.from({ length: to - from + 1 }, (_, index) => `${from + index}/${protocol.toLowerCase()}`);
}
