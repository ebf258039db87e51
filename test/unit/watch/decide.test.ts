/** What changes of files lead to: one piece of work for a service, in the right parts. */
import { expect, test } from 'vitest';
import type { WatchAction, WatchRule } from '../../../src/model/watch.ts';
import { causeText, decide, workText } from '../../../src/watch/decide.ts';
import type { FileChange } from '../../../src/watch/file-change.ts';
import { ruleFilter } from '../../../src/watch/rule-filter.ts';

const rule = (path: string, action: WatchAction, changes: Partial<WatchRule> = {}) =>
  ruleFilter({
    path,
    action,
    target: action.startsWith('sync') ? '/app' : null,
    ignore: [],
    include: [],
    initialSync: false,
    exec: null,
    ...changes,
  });
const written = (path: string): FileChange => ({ path, kind: 'written' });
const removed = (path: string): FileChange => ({ path, kind: 'removed' });

test('what no rule means leads to nothing', () => {
  expect(decide([rule('/p/src', 'restart')], [written('/p/readme')])).toBeUndefined();
});

test('a build anew needs no restart beside it', () => {
  const work = decide(
    [rule('/p/src', 'restart'), rule('/p/package.json', 'rebuild')],
    [written('/p/src/a'), written('/p/package.json')],
  );

  expect(work && workText(work)).toBe('rebuild');
});

test('files are brought there before the restart, folders before what is in them', () => {
  const exec = { command: ['reload'], user: null, privileged: false, workingDir: null, environment: {} };
  const filters = [rule('/p/a', 'sync+restart'), rule('/p/b', 'sync+exec', { exec })];

  const work = decide(filters, [written('/p/a/x/y'), written('/p/b/z'), written('/p/a/x')]);

  expect(work && workText(work)).toBe('sync+restart+exec');
  expect(work?.syncs.map(({ changes }) => changes.map(({ path }) => path))).toEqual([
    ['/p/a/x', '/p/a/x/y'],
    ['/p/b/z'],
  ]);
  expect(work?.execs).toEqual([exec]);
});

test('the cause names the first file and how many more', () => {
  expect(causeText([written('/p/src/a.js')], '/p')).toBe('src/a.js changed');
  expect(causeText([written('/p/src/a.js'), removed('/p/src/b.js')], '/p')).toBe('src/a.js and 1 more changed');
  expect(causeText([removed('/q/b.js')], '/p')).toBe('/q/b.js removed');
});
