import { expect, test } from 'vitest';
import { ignorePatterns, readIgnoreFile } from '../../../src/base/ignore-patterns.ts';

test('an ignore file is read without comments, blank lines and slashes in front', () => {
  expect(readIgnoreFile('\uFEFF# no\n\n  a/ \r\n/b/../c\n! /d\n #e\n!\n')).toEqual(['a', 'c', '!d', '#e', '!.']);
});

test('the last pattern that matches decides, and a folder decides for what is in it', () => {
  const { ignores } = ignorePatterns(['docs', '!docs/a.md', '*.log']);

  expect(['docs', 'docs/b', 'docs/a.md', 'x.log', 'y/x.log', 'a'].filter(ignores)).toEqual(['docs', 'docs/b', 'x.log']);
});

test('an ignored folder is not looked into, unless an exception may lie in it', () => {
  const { prunes } = ignorePatterns(['**/node_modules', 'build', '!build/*/keep', '!src/**/x']);

  const folders = ['node_modules', 'a/node_modules', 'build', 'build/a', 'build/a/keep', 'build/a/other', 'src/b/c'];
  expect(folders.filter(prunes)).toEqual(['node_modules', 'a/node_modules', 'build/a/other']);
});

test('a pattern that can not be read is refused with its text', () => {
  expect(() => ignorePatterns(['[a'])).toThrow('"[a"');
  expect(() => ignorePatterns(['!'])).toThrow('"!"');
});
