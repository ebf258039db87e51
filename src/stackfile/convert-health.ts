/**
 * healthcheck and depends_on of a service.
 */
import type { Dependency, Healthcheck, RestartPolicy, Service } from '../model/stack.ts';
import { booleanOr, type Conversion, durationOr, numberOr, type Raw, rawOf, textList, textOr } from './conversion.ts';

const DEFAULTS = { intervalMs: 30_000, timeoutMs: 30_000, retries: 3, startPeriodMs: 0, startIntervalMs: 5_000 };

export function convertHealthcheck(conversion: Conversion, service: Raw, path: string): Healthcheck | null {
  if (service.healthcheck === undefined || service.healthcheck === null) return null;
  const raw = rawOf(service.healthcheck);
  const test = booleanOr(raw.disable, false)
    ? ({ kind: 'none' } as const)
    : testOf(conversion, raw, `${path}.healthcheck`);
  if (!test) return null;
  return {
    test,
    intervalMs: durationOr(raw.interval, DEFAULTS.intervalMs),
    timeoutMs: durationOr(raw.timeout, DEFAULTS.timeoutMs),
    retries: numberOr(raw.retries, DEFAULTS.retries),
    startPeriodMs: durationOr(raw.start_period, DEFAULTS.startPeriodMs),
    startIntervalMs: durationOr(raw.start_interval, DEFAULTS.startIntervalMs),
  };
}

function testOf({ report }: Conversion, raw: Raw, path: string): Healthcheck['test'] | undefined {
  if (typeof raw.test === 'string') return { kind: 'exec', argv: ['/bin/sh', '-c', raw.test] };
  const [kind, ...rest] = textList(raw.test);
  if (kind === 'NONE') return { kind: 'none' };
  if (kind === 'CMD' && rest.length > 0) return { kind: 'exec', argv: rest };
  if (kind === 'CMD-SHELL' && rest.length === 1) return { kind: 'exec', argv: ['/bin/sh', '-c', rest[0]!] };
  if (kind === undefined && Object.keys(raw).length > 0)
    report.warning(path, "a healthcheck without `test` has no effect: the image's own is used", 'write a test');
  return undefined;
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
