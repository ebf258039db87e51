import { expect, test } from 'vitest';
import { placeFor } from '../../../src/commands/copy-files.ts';

const stat = (kind: 'file' | 'folder' | 'link') => ({ kind, mode: 0o644, size: 1, target: '' });
const place = (kind: 'file' | 'folder' | 'link', from: string, to: string, target: 'none' | 'file' | 'folder') => {
  try {
    const { folder, name } = placeFor({ source: stat(kind), from, to, target });
    return `${name} in ${folder}`;
  } catch (error) {
    return (error as Error).message;
  }
};

/* Source: docker's reference of `docker container cp`, "Description". */
test.each([
  ['file', '/a/f', '/b/new', 'none', 'new in /b'],
  ['file', '/a/f', '/b/new/', 'none', 'there is no folder /b/new/'],
  ['file', '/a/f', '/b/old', 'file', 'old in /b'],
  ['file', '/a/f', '/b/old/', 'file', '/b/old/ is no folder'],
  ['file', '/a/f', '/b', 'folder', 'f in /b'],
  ['link', '/a/l', '/b/new', 'none', 'new in /b'],
  ['folder', '/a/d', '/b/new', 'none', 'new in /b'],
  ['folder', '/a/d', '/b/new/', 'none', 'new in /b'],
  ['folder', '/a/d', '/b/old', 'file', '/a/d is a folder, /b/old is none'],
  ['folder', '/a/d', '/b', 'folder', 'd in /b'],
  ['folder', '/a/d/', '/b', 'folder', 'd in /b'],
  ['folder', '/a/d/.', '/b', 'folder', '. in /b'],
  ['folder', '/a/d/.', '/b/new', 'none', 'new in /b'],
  ['folder', '/', '/b', 'folder', '. in /b'],
] as const)('a %s %s to %s, which is %s there', (kind, from, to, target, expected) => {
  expect(place(kind, from, to, target)).toBe(expected);
});
