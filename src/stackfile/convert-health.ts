/**
 * healthcheck and depends_on of a service.
 */
import { HEALTH_DEFAULTS, type Healthcheck } from '../model/healthcheck.ts';
import type { Dependency, RestartPolicy, Service } from '../model/stack.ts';
import { booleanOr, durationOr, numberOr, type Raw, rawOf, textList, textOr } from './conversion.ts';

const KEYS = {
  interval: 'intervalMs',
  timeout: 'timeoutMs',
  retries: 'retries',
  start_period: 'startPeriodMs',
  start_interval: 'startIntervalMs',
} as const;

export function convertHealthcheck(service: Raw): Healthcheck | null {
  if (service.healthcheck === undefined || service.healthcheck === null) return null;
  const raw = rawOf(service.healthcheck);
  const test = booleanOr(raw.disable, false) ? ({ kind: 'none' } as const) : testOf(raw);
  if (!test) return null;
  const ofImage = Object.entries(KEYS).flatMap(([key, field]) => (raw[key] === undefined ? [field] : []));
  return {
    test,
    ...(test.kind !== 'none' && ofImage.length > 0 && { ofImage }),
    intervalMs: durationOr(raw.interval, HEALTH_DEFAULTS.intervalMs),
    timeoutMs: durationOr(raw.timeout, HEALTH_DEFAULTS.timeoutMs),
    retries: numberOr(raw.retries, HEALTH_DEFAULTS.retries),
    startPeriodMs: durationOr(raw.start_period, HEALTH_DEFAULTS.startPeriodMs),
    startIntervalMs: durationOr(raw.start_interval, HEALTH_DEFAULTS.startIntervalMs),
  };
}

function testOf(raw: Raw): Healthcheck['test'] | undefined {
  if (typeof raw.test === 'string') return { kind: 'exec', argv: ['/bin/sh', '-c', raw.test] };
  const [kind, ...rest] = textList(raw.test);
  if (kind === 'NONE') return { kind: 'none' };
  if (kind === 'CMD' && rest.length > 0) return { kind: 'exec', argv: rest };
  if (kind === 'CMD-SHELL' && rest.length === 1) return { kind: 'exec', argv: ['/bin/sh', '-c', rest[0]!] };
  return kind === undefined && Object.keys(raw).length > 0 ? { kind: 'image' } : undefined;
}

/** Those written, and those that sharing a namespace implies. */
export function convertDependencies(
  service: Raw,
  converted: Pick<Service, 'networkMode' | 'pidMode' | 'ipcMode'>,
): Dependency[] {
  const written = service.depends_on ?? [];
  const declared: [string, Raw][] = Array.isArray(written)
    ? textList(written).map((name) => [name, {}])
    : Object.entries(rawOf(written)).map(([n, v]) => [n, rawOf(v)]);
  const dependencies = declared.map(
    ([name, raw]): Dependency => ({
      service: name,
      condition: textOr(raw.condition, 'service_started') as Dependency['condition'],
      restart: booleanOr(raw.restart, false),
      required: booleanOr(raw.required, true),
    }),
  );
  const implied = [converted.networkMode, converted.pidMode, converted.ipcMode]
    .flatMap((mode) => (mode.kind === 'service' ? [mode.service] : []))
    .filter((name) => !dependencies.some((d) => d.service === name));
  return [
    ...dependencies,
    ...[...new Set(implied)].map(
      (name): Dependency => ({ service: name, condition: 'service_started', restart: true, required: true }),
    ),
  ];
}

/** A policy of berth's own: as on-failure, and when its health check fails. */
export const ON_UNHEALTHY = 'on-unhealthy';

export function convertRestart(service: Raw): RestartPolicy {
  const policy = rawOf(rawOf(service.deploy).restart_policy);
  const written = textOr(service.restart, null);
  if (written === null && Object.keys(policy).length > 0) return deployPolicy(policy);
  const [kind, retries] = (written ?? 'no').split(':');
  if (kind === ON_UNHEALTHY) return { kind: 'on-failure', maxRetries: null };
  if (kind === 'always' || kind === 'unless-stopped') return { kind };
  return kind === 'on-failure' ? { kind, maxRetries: retries === undefined ? null : Number(retries) } : { kind: 'no' };
}

function deployPolicy({ condition, delay, max_attempts, window }: Raw): RestartPolicy {
  if (condition === 'none') return { kind: 'no' };
  return {
    kind: 'deploy',
    condition: condition === 'on-failure' ? 'on-failure' : 'any',
    delayMs: durationOr(delay, null),
    maxAttempts: numberOr(max_attempts, null),
    windowMs: durationOr(window, null),
  };
}
