import { relative } from 'node:path';
import { expect, test } from 'vitest';
import { type FileRequest, findFiles } from '../../../src/stackfile/find-files.ts';
import { type Files, folderOf } from './stack-files.ts';

function found(files: Files, request: Partial<FileRequest> = {}, below = ''): readonly string[] {
  const folder = folderOf(files);
  const { files: paths } = findFiles({ cwd: `${folder}/${below}`, env: {}, files: [], ...request });
  return paths.map((path) => relative(folder, path));
}

const EMPTY = '{}';

test('stack.yaml comes before compose.yaml before docker-compose.yml', () => {
  expect(found({ 'stack.yaml': EMPTY, 'compose.yaml': EMPTY })).toEqual(['stack.yaml']);
  expect(found({ 'docker-compose.yml': EMPTY, 'compose.yml': EMPTY })).toEqual(['compose.yml']);
});

test('an override beside it comes along, whatever its ending', () => {
  expect(found({ 'compose.yaml': EMPTY, 'compose.override.yml': EMPTY })).toEqual([
    'compose.yaml',
    'compose.override.yml',
  ]);
});

test('folders above are looked in', () => {
  expect(found({ 'stack.yaml': EMPTY, 'deep/er/x': '' }, {}, 'deep/er')).toEqual(['stack.yaml']);
});

test('COMPOSE_FILE names them, from the environment or from .env', () => {
  const files = { '.env': 'COMPOSE_FILE=a.yaml:b.yaml\n', 'a.yaml': EMPTY, 'b.yaml': EMPTY, 'c.yaml': EMPTY };

  expect(found(files)).toEqual(['a.yaml', 'b.yaml']);
  expect(found(files, { env: { COMPOSE_FILE: 'b.yaml,c.yaml', COMPOSE_PATH_SEPARATOR: ',' } })).toEqual([
    'b.yaml',
    'c.yaml',
  ]);
  expect(found(files, { files: ['c.yaml'] })).toEqual(['c.yaml']);
});

test('a file that is not there is told', () => {
  expect(() => found({}, { files: ['none.yaml'] })).toThrow(/none.yaml does not exist/);
});

test('files on other machines are to be fetched first', () => {
  for (const file of ['oci://docker.io/me/app', 'https://github.com/me/app.git', 'git@github.com:me/app.git#main:dir'])
    expect(() => found({}, { files: [file] })).toThrow(`${file} is on another machine, and was not fetched`);
});

/* Only one of the same name was looked for. */
test("any of docker compose's override names goes with any of its files", () => {
  expect(found({ 'docker-compose.yml': EMPTY, 'compose.override.yaml': EMPTY })).toEqual([
    'docker-compose.yml',
    'compose.override.yaml',
  ]);
  expect(found({ 'compose.yaml': EMPTY, 'compose.override.yaml': EMPTY, 'compose.override.yml': EMPTY })).toEqual([
    'compose.yaml',
    'compose.override.yml',
  ]);
  expect(found({ 'stack.yaml': EMPTY, 'compose.yaml': EMPTY, 'compose.override.yaml': EMPTY })).toEqual(['stack.yaml']);
});
