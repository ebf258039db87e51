import { expect, test } from 'vitest';
import { openedFiles } from '../../../src/watch/opened-files.ts';

const there = (files: Record<string, string>) => ({ identify: (path: string) => files[path] });

test('a file that was opened and is another by now is wanted, its neighbours are not; each folder is named once', () => {
  const files: Record<string, string> = { '/a/x': '1 1', '/a/y': '2 2', '/a/b/c/z': '3 3' };
  const opened = openedFiles(there(files));

  expect([opened.opened('/a/x', '/a'), opened.opened('/a/x', '/a'), opened.opened('/a/b/c/z', '/a')]).toEqual([
    ['/a'],
    [],
    ['/a/b', '/a/b/c'],
  ]);
  expect(opened.isWanted('/a/x')).toBe(false);
  for (const path of ['/a/x', '/a/y', '/a/b/c/z']) files[path] = '9 9';
  expect(['/a/x', '/a/y', '/a/b/c/z', '/a'].map((path) => opened.isWanted(path))).toEqual([true, false, true, false]);
  expect(['/a', '/a/b', '/a/b/c', '/a/c', '/'].map((folder) => opened.holds(folder))).toEqual([
    ...[true, true, true],
    ...[false, false],
  ]);
});

test('what the service writes is its own, before or after it has opened it', () => {
  const files: Record<string, string> = { '/a/log': '1 1', '/a/db': '2 2' };
  const opened = openedFiles(there(files));
  opened.opened('/a/log', '/a');

  opened.written('/a/log');
  opened.written('/a/db');
  opened.opened('/a/db', '/a');
  for (const path of ['/a/log', '/a/db']) files[path] = '9 9';

  expect(['/a/log', '/a/db'].map((path) => opened.isWanted(path))).toEqual([false, false]);
});

test('a file that the service has put in place by renaming is its own until somebody else writes it', () => {
  const files: Record<string, string> = { '/a/state': '7 100' };
  const opened = openedFiles(there(files));
  opened.opened('/a/state', '/a');
  opened.closed('8 200');

  files['/a/state'] = '8 200';
  expect(opened.isWanted('/a/state')).toBe(false);
  files['/a/state'] = '8 300';
  expect(opened.isWanted('/a/state')).toBe(true);
});

test('what is gone is not wanted: there is nothing to start with', () => {
  const opened = openedFiles(there({}));
  opened.opened('/a/x', '/a');

  expect(opened.isWanted('/a/x')).toBe(false);
});

test('a package folder counts as a whole, by what lies directly in it; caches and histories never do', () => {
  const opened = openedFiles({ identify: () => '1 1' });

  const folders = [
    '/a/node_modules/p/lib/index.js',
    '/a/node_modules/p/node_modules/q/i.js',
    '/v/lib/site-packages/six.py',
    '/a/__pycache__/m.pyc',
    '/a/.git/HEAD',
  ].map((path) => opened.opened(path, path.slice(0, 2)));

  expect(folders).toEqual([['/a', '/a/node_modules'], [], ['/v', '/v/lib', '/v/lib/site-packages'], [], []]);
  expect(opened.isWanted('/a/node_modules/.package-lock.json')).toBe(true);
  expect(opened.isWanted('/a/node_modules/p/lib/index.js')).toBe(false);
  expect(opened.holds('/a/node_modules/p')).toBe(false);
});

test('past the limit folders stand for their files, and then nothing is added', () => {
  const opened = openedFiles({ identify: () => '1 1', most: 2 });
  for (const path of ['/a/1', '/a/2', '/a/3', '/b/1', '/c/1']) opened.opened(path, path.slice(0, 2));

  expect([opened.count(), opened.holds('/b'), opened.holds('/c')]).toEqual([2, true, false]);
  expect(['/a/9', '/b/9', '/c/1'].map((path) => opened.isWanted(path))).toEqual([true, true, false]);
});
