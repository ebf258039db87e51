/** Which paths a rule means: its folder, its patterns, the .dockerignore of its context, and what is never meant. */
import { expect, test } from 'vitest';
import type { WatchRule } from '../../../src/model/watch.ts';
import { ruleFilter } from '../../../src/watch/rule-filter.ts';

const rule = (changes: Partial<WatchRule> = {}): WatchRule => ({
  path: '/p/src',
  action: 'restart',
  target: null,
  ignore: [],
  include: [],
  initialSync: false,
  exec: null,
  ...changes,
});

test('only what is below its path is meant', () => {
  const filter = ruleFilter(rule());

  const wanted = ['/p/src/a.js', '/p/src', '/p/src/deep/b', '/p/srcs/a.js', '/p/a.js'].filter(filter.isWanted);

  expect(wanted).toEqual(['/p/src/a.js', '/p/src', '/p/src/deep/b']);
});

test('what editors, git and package managers leave there is not', () => {
  const filter = ruleFilter(rule());
  const paths = [
    '.a.js.swp',
    '4913',
    'a.js~',
    '.#a.js',
    '#a.js#',
    '.git/index',
    'x/node_modules/y/z.js',
    'a___jb_tmp___',
  ];

  expect(paths.filter((path) => filter.isWanted(`/p/src/${path}`))).toEqual([]);
  expect(filter.isWanted('/p/src/.gitignore')).toBe(true);
  expect([filter.prunes('/p/src/.git'), filter.prunes('/p/src/x/node_modules'), filter.prunes('/p/src/x')]).toEqual([
    true,
    true,
    false,
  ]);
});

test('its own patterns leave out, and bring back', () => {
  const filter = ruleFilter(rule({ ignore: ['**/*.log', 'tmp', '!node_modules'] }));

  const wanted = ['a.log', 'x/b.log', 'tmp/c', 'x/tmp/c', 'node_modules/m/i.js'].filter((p) =>
    filter.isWanted(`/p/src/${p}`),
  );

  expect(wanted).toEqual(['x/tmp/c', 'node_modules/m/i.js']);
  expect([filter.prunes('/p/src/tmp'), filter.prunes('/p/src/node_modules')]).toEqual([true, false]);
});

test('include: nothing else counts', () => {
  const filter = ruleFilter(rule({ include: ['**/*.ts', 'assets'] }));

  const wanted = ['a.ts', 'x/y/b.ts', 'c.js', 'assets/logo.svg', 'x/assets/logo.svg'].filter((p) =>
    filter.isWanted(`/p/src/${p}`),
  );

  expect(wanted).toEqual(['a.ts', 'x/y/b.ts', 'assets/logo.svg']);
});

test('.dockerignore counts for what is in its context, from there on', () => {
  const filter = ruleFilter(rule(), [{ folder: '/p', patterns: ['src/generated', '**/*.md', '!src/keep.md'] }]);

  const wanted = ['generated/a.js', 'read.md', 'keep.md', 'a.js'].filter((p) => filter.isWanted(`/p/src/${p}`));

  expect(wanted).toEqual(['keep.md', 'a.js']);
  expect(filter.prunes('/p/src/generated')).toBe(true);
});

test('a path that is one file is meant alone, whatever its name', () => {
  const filter = ruleFilter(rule({ path: '/p/4913' }));

  expect([filter.isWanted('/p/4913'), filter.isWanted('/p/4914')]).toEqual([true, false]);
});
