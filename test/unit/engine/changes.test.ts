import { expect, test } from 'vitest';
import { coalesce } from '../../../src/base/coalesce.ts';
import { changeHub } from '../../../src/engine/changes.ts';

test('until answers at once, at a change, or with the abort', async () => {
  const hub = changeHub();
  const control = new AbortController();
  let value: number | undefined;

  const later = hub.until(() => value);
  const never = hub.until(() => undefined, control.signal);
  value = 7;
  hub.changed();
  control.abort();

  await expect(hub.until(() => 1)).resolves.toBe(1);
  await expect(later).resolves.toBe(7);
  await expect(never).rejects.toMatchObject({ code: 'ABORTED' });
});

test('callers of one moment share a round; a call during a round gets the next', async () => {
  let rounds = 0;
  let release: () => void = () => {};
  const run = coalesce(async () => {
    rounds++;
    if (rounds === 1) await new Promise<void>((resolve) => (release = resolve));
  });

  const first = [run(), run(), run()];
  await new Promise((resolve) => setTimeout(resolve, 5));
  const during = [run(), run()];
  release();
  await Promise.all([...first, ...during]);

  expect(rounds).toBe(2);
});

test('a failed round is told to those who shared it, and the next one runs', async () => {
  let rounds = 0;
  const run = coalesce(async () => {
    rounds++;
    if (rounds === 1) throw new Error('first');
  });

  await expect(run()).rejects.toThrow('first');
  await expect(run()).resolves.toBeUndefined();
});
