/** Which files COPY finds in a context, and where it puts them: patterns, --parents with a pivot, --exclude, .dockerignore. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ignorePatterns } from '../../../src/base/ignore-patterns.ts';
import { contextEntry, findInContext } from '../../../src/build/context/folder-context.ts';
import { type Found, type Placement, placeFiles } from '../../../src/build/files/place-files.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'berth-copied-'));
  for (const path of ['x/a.txt', 'x/y/a.txt', 'x/y/b.md', 'x/y/z/c.txt', 'v/x/a.txt', 'v/b.txt', 'top.txt', 'we ird']) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), path);
  }
  symlinkSync('../v', join(root, 'x/link'));
  symlinkSync('..', join(root, 'v/up'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const INTO = { target: '/t', isFolder: true };

test('--parents keeps the folders, from the pivot on where there is one', async () => {
  const parents = { ...INTO, parents: true };

  expect(await placed('x/a.txt', parents)).toEqual(['t/x/a.txt']);
  expect(await placed('./x/./y/*.txt', parents)).toEqual(['t/y/a.txt']);
  expect(await placed('x/y/./*.txt', parents)).toEqual(['t/a.txt']);
  expect(await placed('./v/./x/a.txt', parents)).toEqual(['t/x/a.txt']);
  expect(await placed('**/c.txt', parents)).toEqual(['t/x/y/z/c.txt']);
  expect(await placed('x/**/a.txt', parents)).toEqual(['t/x/a.txt', 't/x/y/a.txt']);
});

test('without it a folder gives what is in it, a pattern each thing by its name', async () => {
  expect(await placed('x/y', INTO)).toEqual(['t/a.txt', 't/b.md', 't/z/c.txt']);
  expect(await placed('x/y', { target: '/t', isFolder: false })).toEqual(['t/a.txt', 't/b.md', 't/z/c.txt']);
  expect(await placed('x/*.txt', INTO)).toEqual(['t/a.txt']);
  expect(await placed('*/a.*', INTO)).toEqual(['t/a.txt']);
  expect(await placed('t?p.txt', INTO)).toEqual(['t/top.txt']);
  expect(await placed('we ird', INTO)).toEqual(['t/we ird']);
  expect(await placed('none*', INTO)).toEqual([]);
});

test('--exclude leaves out by path below the source', async () => {
  expect(await placed('x', { ...INTO, exclude: ['**/*.txt'] })).toEqual(['t/link', 't/y/b.md']);
  expect(await placed('x', { ...INTO, exclude: ['y/z', '!**/c.txt'] })).toEqual([
    't/a.txt',
    't/link',
    't/y/a.txt',
    't/y/b.md',
    't/y/z/c.txt',
  ]);
  expect(await placed('x', { ...INTO, exclude: ['y'] })).toEqual(['t/a.txt', 't/link']);
});

test('.dockerignore leaves out, its later lines bring back, and links are kept as links', async () => {
  expect(await placed('.', INTO, ['**', '!x/y/*.md'])).toEqual(['t/x/y/b.md']);
  expect(await placed('x', INTO, ['x/y', '!x/y/z'])).toEqual(['t/a.txt', 't/link', 't/y/z/c.txt']);
  expect(await placed('x/link/b.txt', INTO)).toEqual(['t/b.txt']);
  await expect(placed('top.txt', INTO, ['*.txt'])).rejects.toThrow('top.txt is not in the context');
});

/** Paths of files and links that the layer would have. */
async function placed(pattern: string, change: Partial<Placement>, ignored: readonly string[] = []): Promise<string[]> {
  const context = { title: 'the context', root, ignore: ignorePatterns([...ignored]) };
  const matches = await findInContext(context, pattern);
  const found = async function* (): AsyncGenerator<Found> {
    for (const { path, files } of matches)
      for (const file of files) yield { match: path, root: files[0]!.kind, entry: contextEntry(file) };
  };
  const placement: Placement = {
    target: '/',
    isFolder: false,
    existing: 'missing',
    many: matches.length > 1,
    parents: false,
    owner: null,
    chmod: null,
    exclude: [],
    ...change,
  };
  const paths: string[] = [];
  for await (const { path, kind } of placeFiles(found(), placement)) if (kind !== 'folder') paths.push(path);
  return paths.sort();
}
