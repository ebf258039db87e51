import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { contentMark } from '../../../src/stackfile/content-mark.ts';
import { load } from './stack-files.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'berth-mark-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the mark of a file changes with its content only; a folder has that of all below', () => {
  const path = join(folder, 'sub/app.conf');
  mkdirSync(join(folder, 'sub'));
  const marks = ['one', 'two', 'one'].map((text) => {
    writeFileSync(path, text);
    return [contentMark(path), contentMark(folder)];
  });

  expect(marks[0]).toEqual(marks[2]);
  for (const which of [0, 1]) expect(marks[0]![which]).not.toBe(marks[1]![which]);
});

test('what is not there has no mark, and a pipe keeps nobody waiting', () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);

  expect(contentMark(join(folder, 'none'))).toBeNull();
  expect(contentMark(pipe)).toMatch(/^[0-9a-f]{6}$/);
});

test('file-changes: ignore names the variables that only files give, of a service or of all', async () => {
  writeFileSync(join(folder, 'a.env'), 'A=1\nB=2\n');
  const text = (service: string, top: string) =>
    `services:\n  web: {image: host, env_file: ${folder}/a.env, environment: {B: "3", C: "4"}${service}}\n${top}`;
  const ignore = 'x-berth: {file-changes: ignore}';

  const ofService = await load(text(`, ${ignore}`, ''));
  const ofAll = await load(text('', ignore));
  const back = await load(text(', x-berth: {file-changes: recreate}', ignore));

  expect(ofService.stack.services[0]?.ignoredFiles).toEqual({ environment: ['A'] });
  expect(ofAll.stack.services[0]?.ignoredFiles).toEqual({ environment: ['A'] });
  expect(back.stack.services[0]?.ignoredFiles).toBeUndefined();
});
