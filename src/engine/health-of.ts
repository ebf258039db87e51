/**
 * The health check that a container has: its service's, its image's, or of both.
 *
 * Pure. As Docker has it: what the service does not say, the image says.
 */
import type { OciHealthcheck } from '../image/image-config.ts';
import { HEALTH_DEFAULTS, type Healthcheck } from '../model/healthcheck.ts';
import type { ContainerRecord } from './records.ts';

/** null: none; one whose test is `none` was switched off. A `berth run` has none. */
export function healthcheckOf(
  record: Pick<ContainerRecord, 'definition' | 'oneOff' | 'imageHealth'>,
): Healthcheck | null {
  const own = record.definition.healthcheck;
  const ofImage = record.imageHealth ?? null;
  if (!own) return record.oneOff ? null : ofImage;
  if (!ofImage || own.test.kind === 'none') return own.test.kind === 'image' ? null : own;
  const left = Object.fromEntries((own.ofImage ?? []).map((key) => [key, ofImage[key]]));
  return { ...own, ...left, test: own.test.kind === 'image' ? ofImage.test : own.test };
}

/** OCI's and Docker's form: times in nanoseconds, 0 for the default. null: the image says nothing. */
export function imageHealthOf(health: OciHealthcheck | null): Healthcheck | null {
  const [kind, ...rest] = health?.Test ?? [];
  const test = testOf(kind, rest);
  if (!health || !test) return null;
  const ms = (nanoseconds: number | undefined, key: keyof typeof HEALTH_DEFAULTS) =>
    nanoseconds ? nanoseconds / 1e6 : HEALTH_DEFAULTS[key];
  return {
    test,
    intervalMs: ms(health.Interval, 'intervalMs'),
    timeoutMs: ms(health.Timeout, 'timeoutMs'),
    retries: health.Retries || HEALTH_DEFAULTS.retries,
    startPeriodMs: ms(health.StartPeriod, 'startPeriodMs'),
    startIntervalMs: ms(health.StartInterval, 'startIntervalMs'),
  };
}

function testOf(kind: string | undefined, rest: readonly string[]): Healthcheck['test'] | undefined {
  if (kind === 'NONE') return { kind: 'none' };
  if (kind === 'CMD' && rest.length > 0) return { kind: 'exec', argv: rest };
  return kind === 'CMD-SHELL' && rest.length > 0 ? { kind: 'exec', argv: ['/bin/sh', '-c', ...rest] } : undefined;
}
