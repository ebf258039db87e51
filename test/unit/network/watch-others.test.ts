import { expect, test } from 'vitest';
import { findingsOf } from '../../../src/network/watch-others.ts';

test('lines of the watcher are gathered into one finding', () => {
  const lines = ['bridge bt1a', 'bridge bt1b', 'bridge bt1a', 'port v1x', 'rules', 'rules', 'foreign-bridge docker0'];

  expect(findingsOf(lines)).toEqual({
    bridges: new Set(['bt1a', 'bt1b']),
    ports: true,
    rules: 2,
    foreignRules: false,
    foreignBridges: new Set(['docker0']),
    forwarding: false,
    lost: false,
  });
  expect(findingsOf(['foreign-rules', 'forwarding', 'lost'])).toMatchObject({
    rules: 0,
    foreignRules: true,
    forwarding: true,
    lost: true,
  });
});
