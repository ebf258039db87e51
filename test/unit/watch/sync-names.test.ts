import { expect, test } from 'vitest';
import type { WatchRule } from '../../../src/model/watch.ts';
import { syncNames } from '../../../src/watch/sync-names.ts';

const rule = (path: string, target: string): WatchRule => ({
  path,
  target,
  action: 'sync',
  ignore: [],
  include: [],
  initialSync: false,
  exec: null,
});
const written = (...paths: string[]) => paths.map((path) => ({ path, kind: 'written' as const }));

test('names are below the folder, each once, folders before what is in them', () => {
  const changes = [...written('/s/b/c/d', '/s/b', '/s', '/s/a', '/s/b/c'), { path: '/s/a', kind: 'removed' as const }];

  const { source, target, names } = syncNames({ rule: rule('/s', '/app'), changes }, false);

  expect([source, target, names.map(({ from }) => from)]).toEqual(['/s', '/app', ['a', 'b', 'b/c', 'b/c/d']]);
  expect(names.every(({ from, to }) => from === to)).toBe(true);
});

test('a single file goes to the file that is named, or into the folder with a slash', () => {
  const changes = written('/s/dev.json');

  expect(syncNames({ rule: rule('/s/dev.json', '/app/config.json'), changes }, true)).toEqual({
    source: '/s',
    target: '/app',
    names: [{ from: 'dev.json', to: 'config.json' }],
  });
  expect(syncNames({ rule: rule('/s/dev.json', '/app/'), changes }, true)).toEqual({
    source: '/s',
    target: '/app',
    names: [{ from: 'dev.json', to: 'dev.json' }],
  });
});
