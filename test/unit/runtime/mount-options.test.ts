import { expect, test } from 'vitest';
import { bindOptions, mountFlags } from '../../../src/runtime/mount-options.ts';

test('options that are flags become bits, the rest is data', () => {
  expect(mountFlags(['nosuid', 'noexec', 'mode=1777', 'size=64m'])).toEqual({ flags: 10, data: 'mode=1777,size=64m' });
});

test('a later option takes back an earlier one', () => {
  expect(mountFlags(['ro', 'nodev', 'rw'])).toEqual({ flags: 4, data: '' });
});

test.each([
  [['rbind', 'ro'], 'rec,ro,rprivate'],
  [['bind', 'rw'], 'rprivate'],
  [['rbind', 'rslave', 'rro'], 'rec,rslave,rro'],
  [['bind', 'shared', 'nosuid', 'noexec', 'nodev'], 'shared,nosuid,noexec,nodev'],
])('bind options %o are %s', (options, expected) => {
  expect(bindOptions(options, '/data')).toBe(expected);
});

test('a bind option that does not exist is refused', () => {
  expect(() => bindOptions(['cached'], '/data')).toThrow('"cached" is not an option of the bind mount on /data');
});
