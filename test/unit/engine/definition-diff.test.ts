import { expect, test } from 'vitest';
import { changeText, diffDefinitions, takeOver } from '../../../src/engine/definition-diff.ts';
import type { FileContent, FileMount, Positions } from '../../../src/model/stack.ts';
import { service } from '../../builders.ts';

function config(name: string, content: FileContent, changes: Partial<FileMount> = {}): FileMount {
  const of = content.kind === 'secret-value' ? 'secret' : 'config';
  const target = `/${name}`;
  return {
    kind: 'file',
    of,
    name,
    content,
    target,
    uid: 0,
    gid: 0,
    mode: 0o444,
    live: true,
    readOnly: true,
    ...changes,
  };
}

const file = (mark: string | null): FileContent => ({ kind: 'file', path: '/srv/app.conf', mark });
const web = (content: FileContent, changes = {}) => service('web', { mounts: [config('app', content)], ...changes });
const AT = { file: '/srv/stack.yaml', line: 8, col: 3 };
const POSITIONS: Positions = { 'configs.app': AT, 'secrets.app': AT };

test.each<[string, FileContent, FileContent, string]>([
  ['a file', file('aaaaaa'), file('bbbbbb'), 'configs.app content changed (/srv/app.conf), stack.yaml:8'],
  ['text', { kind: 'text', text: 'a' }, { kind: 'text', text: 'b' }, 'configs.app content changed, stack.yaml:8'],
  [
    'a variable',
    { kind: 'secret-value', variable: 'TOKEN', mark: 'aaaaaa' },
    { kind: 'secret-value', variable: 'TOKEN', mark: 'bbbbbb' },
    'secrets.app content changed (variable TOKEN), stack.yaml:8',
  ],
])('new content of %s is a change by itself', (_, before, after, text) => {
  const changes = diffDefinitions(web(before), web(after));

  expect(changeText(changes, 'web', POSITIONS)).toBe(text);
  expect(changes.map((change) => change.live)).toEqual([false]);
});

test('content that can not be compared is no change; another source or place is one of the mounts', () => {
  const unknown = diffDefinitions(web(file('aaaaaa')), web(file(null)));
  const earlier = diffDefinitions(web({ kind: 'file', path: '/srv/app.conf' } as FileContent), web(file('aaaaaa')));
  const moved = diffDefinitions(web(file('aaaaaa')), web({ kind: 'file', path: '/srv/other', mark: 'bbbbbb' }));

  expect([unknown, earlier]).toEqual([[], []]);
  expect(moved.map((change) => change.field)).toEqual(['mounts', 'configs.app']);
});

test('with file-changes: ignore new contents and variables of files are no change, and what is written is', () => {
  const ignoredFiles = { environment: ['A', 'NEW'] };
  const before = web(file('aaaaaa'), {
    environment: { A: '1', B: '1', OLD: '1' },
    ignoredFiles: { environment: ['A', 'OLD'] },
  });
  const inFiles = web(file('bbbbbb'), { environment: { A: '2', B: '1', NEW: '1' }, ignoredFiles });
  const written = web(file('bbbbbb'), { environment: { A: '2', B: '2', NEW: '1' }, ignoredFiles });
  const counted = web(file('bbbbbb'), { environment: { A: '2', B: '1', NEW: '1' } });

  expect(diffDefinitions(before, inFiles)).toEqual([]);
  expect(diffDefinitions(before, written)).toEqual([{ field: 'environment.B', text: '1 -> 2', live: false }]);
  expect(diffDefinitions(before, counted).map((change) => change.field)).toEqual([
    'environment.A',
    'environment.OLD',
    'environment.NEW',
    'configs.app',
  ]);
});

test('a container that stays takes over labels and policies, and keeps what it was made with', () => {
  const before = service('web', { labels: { l: 'x' }, command: ['old'], ignoredFiles: { environment: [] } });
  const after = service('web', { labels: { l: 'y' }, command: ['new'], replicas: 3 });

  const taken = takeOver(before, after);

  expect(taken).toEqual(service('web', { labels: { l: 'y' }, command: ['old'], replicas: 3 }));
  expect(diffDefinitions(taken, after).map((change) => change.field)).toEqual(['command']);
});
