/** What the service does not say of its health check, the image says. */
import { expect, test } from 'vitest';
import { healthcheckOf, imageHealthOf } from '../../../src/engine/health-of.ts';
import { HEALTH_DEFAULTS, type Healthcheck } from '../../../src/model/healthcheck.ts';
import { service } from '../../builders.ts';

const ofImage = imageHealthOf({ Test: ['CMD-SHELL', 'look'], Interval: 1e9, Retries: 7 })!;
const check = (healthcheck: Healthcheck | null, imageHealth: Healthcheck | null = ofImage, oneOff = false) =>
  healthcheckOf({ definition: service('web', { healthcheck }), oneOff, ...(imageHealth && { imageHealth }) });
const exec = { kind: 'exec', argv: ['own'] } as const;

test('an image counts in nanoseconds, and 0 is the default', () => {
  expect(ofImage).toEqual({
    ...HEALTH_DEFAULTS,
    test: { kind: 'exec', argv: ['/bin/sh', '-c', 'look'] },
    intervalMs: 1000,
    retries: 7,
  });
  expect(imageHealthOf({ Test: ['NONE'] })?.test).toEqual({ kind: 'none' });
  expect([imageHealthOf(null), imageHealthOf({}), imageHealthOf({ Test: [] })]).toEqual([null, null, null]);
});

test('without one of the service the image has the word, but not in a `berth run`', () => {
  expect(check(null)).toEqual(ofImage);
  expect(check(null, ofImage, true)).toBe(null);
  expect(check(null, null)).toBe(null);
});

test('a test of the service keeps the times of the image that it does not set', () => {
  const own: Healthcheck = { ...HEALTH_DEFAULTS, test: exec, timeoutMs: 5, ofImage: ['intervalMs', 'retries'] };

  expect(check(own)).toMatchObject({ test: exec, timeoutMs: 5, intervalMs: 1000, retries: 7 });
  expect(check(own, null)).toMatchObject({ test: exec, intervalMs: 30_000, retries: 3 });
});

test('times without a test are those at which the test of the image is asked', () => {
  const own: Healthcheck = { ...HEALTH_DEFAULTS, test: { kind: 'image' }, intervalMs: 9 };

  expect(check(own)).toMatchObject({ test: ofImage.test, intervalMs: 9 });
  expect(check(own, null)).toBe(null);
});

test('switched off is switched off', () => {
  const own: Healthcheck = { ...HEALTH_DEFAULTS, test: { kind: 'none' } };

  expect(check(own)).toEqual(own);
});
