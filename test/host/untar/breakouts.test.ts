/**
 * Archives that try to write, link or change something outside of their folder.
 *
 * Symlinks are resolved as in the container, below the folder; the cases are
 * the classes of containerd's breakout tests, CVE-2021-32760 and CVE-2026-17106.
 */
import { lstatSync, mkdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TarEntry, tar } from './tar-archive.ts';
import { type UntarWorld, untarWorld } from './untar-world.ts';

let world: UntarWorld;

beforeEach(() => {
  world = untarWorld();
});
afterEach(() => world.close());

const ETC: TarEntry = { path: 'etc/' };
const PASSWD: TarEntry = { path: 'etc/passwd', content: 'inside' };
const link = (path: string, target: string): TarEntry => ({ path, type: 'symlink', link: target });
const hard = (path: string, target: string): TarEntry => ({ path, type: 'hardlink', link: target });
const file = (path: string): TarEntry => ({ path, content: 'written' });

const THROUGH_LINKS: Readonly<Record<string, readonly TarEntry[]>> = {
  'an absolute link': [ETC, link('out', '/etc'), file('out/file')],
  'an absolute link with a slash at its end': [ETC, link('out', '/etc/'), file('out/file')],
  'a link up and out': [ETC, link('out', '../../../../../../../etc'), file('out/file')],
  'a link down, up and out': [
    ETC,
    { path: 'down/' },
    link('down/out', '../down/../../../../etc'),
    file('down/out/file'),
  ],
  'a link to a link': [ETC, { path: 'dummy/' }, link('dummy/etc', '/etc'), link('out', '/dummy/etc'), file('out/file')],
  'a relative link to an absolute one': [
    ETC,
    { path: 'dummy/' },
    link('dummy/etc', '/etc'),
    link('out', './dummy/etc'),
    file('out/file'),
  ],
  'a link to the root': [ETC, link('root', '/'), file('root/etc/file')],
  'a link to dot dot of the root': [ETC, link('root', '../../..'), file('root/etc/file')],
  'a link whose target is made on the way': [link('out', '/etc'), file('out/file')],
};

test.each(Object.entries(THROUGH_LINKS))('a file through %s is written below the folder', (_name, entries) => {
  const before = world.outside();

  const unpacked = world.unpack(tar(...entries));

  expect(unpacked).toMatchObject({ code: 0, complaint: '' });
  expect(world.read('etc/file')).toBe('written');
  expect(world.outside()).toEqual(before);
});

const HARD_LINKS: Readonly<Record<string, readonly TarEntry[]>> = {
  'by name': [hard('mine', 'etc/passwd')],
  'by absolute name': [hard('mine', '/etc/passwd')],
  'through an absolute link': [link('local', '/etc'), hard('mine', 'local/passwd')],
  'through a link up and out': [link('local', 'up/../../../../../etc'), { path: 'up/' }, hard('mine', 'local/passwd')],
  'through a long relative link': [link('local', '../../../../../../../etc'), hard('mine', '/local/passwd')],
  'through a link in a folder': [{ path: 'b/' }, link('b/d1', '../../etc'), hard('mine', 'b/d1/passwd')],
};

test.each(Object.entries(HARD_LINKS))('a hard link %s is one to the file of the archive', (_name, entries) => {
  const before = world.outside();

  const unpacked = world.unpack(tar(ETC, PASSWD, ...entries));

  expect(unpacked).toMatchObject({ code: 0, complaint: '' });
  expect(lstatSync(join(world.folder, 'mine')).ino).toBe(lstatSync(join(world.folder, 'etc/passwd')).ino);
  expect(world.outside()).toEqual(before);
});

test('a hard link to a symlink is the symlink, and writing to it replaces it', () => {
  const before = world.outside();

  const unpacked = world.unpack(
    tar(link('out', world.canary), hard('mine', 'out'), { ...file('mine'), mode: 0o4777, uid: 7 }),
  );

  expect(unpacked).toMatchObject({ code: 0 });
  expect(lstatSync(join(world.folder, 'mine')).isFile()).toBe(true);
  expect(readlinkSync(join(world.folder, 'out'))).toBe(world.canary);
  expect(world.outside()).toEqual(before);
});

test('mode and owner of a hard link entry do not reach the file behind a symlink', () => {
  const before = world.outside();

  world.unpack(tar(link('out', world.canary), { ...hard('mine', 'out'), mode: 0o4777, uid: 7, gid: 7 }));

  expect(world.outside()).toEqual(before);
});

test.each([
  ['a file', file('out')],
  ['an empty file', { path: 'out' }],
  ['a folder', { path: 'out/', mode: 0o777 }],
  ['a fifo', { path: 'out', type: 'fifo' }],
  ['a device', { path: 'out', type: 'char', device: [1, 3] }],
] as const)('%s over a link that leads outside replaces the link', (_name, entry) => {
  const before = world.outside();

  const unpacked = world.unpack(tar(link('out', world.canary), entry as TarEntry), '--devices');

  expect(unpacked).toMatchObject({ code: 0 });
  expect(lstatSync(join(world.folder, 'out')).isSymbolicLink()).toBe(false);
  expect(world.outside()).toEqual(before);
});

test('a link in the folder from before is not followed either', () => {
  const before = world.outside();
  mkdirSync(join(world.folder, 'etc'));
  symlinkSync(join(world.base, 'etc'), join(world.folder, 'out'));

  world.unpack(tar(file('out/passwd'), { path: 'out/', mode: 0o777 }));

  expect(world.outside()).toEqual(before);
});

test('a folder that is replaced by an entry loses its content, not that of what it links to', () => {
  const before = world.outside();

  const unpacked = world.unpack(
    tar({ path: 'd/' }, link('d/out', join(world.base, 'etc')), { path: 'd/e/' }, file('d/e/f'), file('d')),
  );

  expect(unpacked).toMatchObject({ code: 0 });
  expect(world.read('d')).toBe('written');
  expect(world.outside()).toEqual(before);
});

test.each([
  ['dot dot', '../escape'],
  ['dot dot inside', 'a/../../escape'],
  ['dot dot at the end', 'a/..'],
  ['only dot dot', '..'],
  ['an absolute name', '/escape'],
])('an entry whose name has %s is refused', (_name, path) => {
  const before = world.outside();

  const unpacked = world.unpack(tar({ path, content: 'x' }));

  expect(unpacked).toEqual({
    code: 1,
    answer: '',
    complaint: `untar: ${path}: the name leads outside`,
  });
  expect(world.outside()).toEqual(before);
});

test.each(['../../etc/passwd', '../../../../../../etc/passwd', 'a/../../../etc/passwd'])(
  'a hard link to %s is refused',
  (target) => {
    const unpacked = world.unpack(tar(hard('mine', target)));

    expect(unpacked).toMatchObject({ code: 1, complaint: expect.stringContaining('leads outside') });
  },
);

test('a hard link to what is not in the archive is refused, also when it is on this machine', () => {
  const unpacked = world.unpack(tar(hard('mine', world.canary)));

  expect(unpacked).toMatchObject({ code: 1, complaint: expect.stringContaining('No such file or directory') });
});

test.each([
  ['the root itself', '.wh.'],
  ['this folder', '.wh..'],
  ['the folder above', '.wh...'],
  ['the folder above of a folder', 'd/.wh...'],
])('a whiteout of %s is refused', (_name, path) => {
  const before = world.outside();

  const unpacked = world.unpack(tar({ path: 'd/' }, { path }), '--whiteouts=overlay');

  expect(unpacked).toMatchObject({ code: 1, complaint: expect.stringContaining('whiteout of nothing') });
  expect(world.outside()).toEqual(before);
});

test.each([
  ['a link', [link('out', '../../etc'), { path: 'out/.wh.passwd' }]],
  ['an absolute link', [link('out', '/etc'), { path: 'out/.wh.passwd' }]],
  ['a dead link', [link('out', '/nowhere/at/all'), { path: 'out/.wh.passwd' }]],
  ['a link that it names', [link('passwd', '../../etc/passwd'), { path: '.wh.passwd' }]],
  ['dot dot', [{ path: 'd/' }, { path: 'd/../../../etc/.wh.passwd' }]],
])('a whiteout by %s removes nothing outside', (_name, entries) => {
  const before = world.outside();

  world.unpack(tar(...(entries as TarEntry[])), '--whiteouts=overlay');

  expect(world.outside()).toEqual(before);
});
