/** What an unpacked entry is: owner, mode, times, extended attributes, links, whiteouts. Kernel state, not output. */
import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { executorPath } from '../../../src/runtime/executor-path.ts';
import { block, longLink, longName, pax, tar } from './tar-archive.ts';
import { treeOf, type UntarWorld, untarWorld } from './untar-world.ts';

let world: UntarWorld;

beforeEach(() => {
  world = untarWorld();
});
afterEach(() => world.close());

const statOf = (path: string) => lstatSync(join(world.folder, path));

/** Extended attributes as Python sees them: there is no getfattr everywhere. */
function xattrsOf(path: string): Record<string, string> {
  const program =
    'import os,sys,json;p=sys.argv[1];print(json.dumps({n:os.getxattr(p,n,follow_symlinks=False).hex() for n in os.listxattr(p,follow_symlinks=False)}))';
  return JSON.parse(execFileSync('python3', ['-c', program, join(world.folder, path)], { encoding: 'utf8' })) as Record<
    string,
    string
  >;
}

test('owner, mode with the set-user-id bit and time are those of the archive', () => {
  world.unpack(
    tar(
      { path: 'su', content: 'x', mode: 0o4755, uid: 1234, gid: 56, mtime: 1_234_567_890 },
      { path: 'd/', mode: 0o1777, uid: 9, gid: 8 },
    ),
  );

  const { mode, uid, gid, mtimeMs } = statOf('su');

  expect({ mode, uid, gid, mtimeMs }).toEqual({ mode: 0o104755, uid: 1234, gid: 56, mtimeMs: 1_234_567_890_000 });
  expect(statOf('d')).toMatchObject({ mode: 0o41777, uid: 9, gid: 8 });
});

test('a folder keeps its time although files are put into it later', () => {
  world.unpack(
    tar({ path: 'd/', mtime: 1_000_000_000 }, { path: 'd/e/', mtime: 1_100_000_000 }, { path: 'd/e/f', content: 'x' }),
  );

  expect([statOf('d').mtimeMs, statOf('d/e').mtimeMs]).toEqual([1_000_000_000_000, 1_100_000_000_000]);
});

test('times before 1970 are read in both notations', () => {
  const negative = Buffer.alloc(12, 0xff);
  negative.writeBigInt64BE(-86_400n, 4);

  world.unpack(tar({ path: 'gnu', raw: [[136, negative]] }, pax({ mtime: '-86400.5' }), { path: 'pax' }));

  expect([statOf('gnu').mtimeMs, statOf('pax').mtimeMs]).toEqual([-86_400_000, -86_400_000]);
});

test('a symlink keeps owner and time, and may point anywhere', () => {
  world.unpack(tar({ path: 'l', type: 'symlink', link: '/nowhere/../else', uid: 5, gid: 6, mtime: 1_000_000_000 }));

  expect(statOf('l')).toMatchObject({ uid: 5, gid: 6, mtimeMs: 1_000_000_000_000 });
  expect(readlinkSync(join(world.folder, 'l'))).toBe('/nowhere/../else');
});

test('the root of the archive gives the folder its mode and owner', () => {
  world.unpack(tar({ path: './', mode: 0o751, uid: 3, gid: 4 }, { path: './f' }));

  expect(statOf('.')).toMatchObject({ mode: 0o40751, uid: 3, gid: 4 });
});

test('folders the archive does not name are made for root, 0755', () => {
  world.unpack(tar({ path: 'a/b/f', content: 'x' }));

  expect(statOf('a/b')).toMatchObject({ mode: 0o40755, uid: 0, gid: 0 });
});

test('names that end in a dot or slashes are the folder itself', () => {
  world.unpack(
    tar({ path: 'usr/./', mode: 0o711 }, { path: 'usr/./bin//', mode: 0o700 }, { path: './usr/./bin/f', content: 'x' }),
  );

  expect([statOf('usr').mode, statOf('usr/bin').mode, world.read('usr/bin/f')]).toEqual([0o40711, 0o40700, 'x']);
});

test('long names and links, of GNU and of pax, and the ustar prefix are read', () => {
  const long = `${'d'.repeat(120)}/${'f'.repeat(130)}`;

  world.unpack(
    tar(
      longName(`gnu/${long}`),
      { path: 'cut', content: '1' },
      longLink(`gnu/${long}`),
      { path: 'linked', type: 'hardlink', link: 'cut' },
      pax({ path: `pax/${long}`, linkpath: `../${long}` }),
      { path: 'cut', type: 'symlink', link: 'cut' },
      { path: 'f', content: '2', raw: [[345, 'prefix/folder']] },
    ),
  );

  expect([world.read(`gnu/${long}`), world.read('linked'), world.read('prefix/folder/f')]).toEqual(['1', '1', '2']);
  expect(readlinkSync(join(world.folder, `pax/${long}`))).toBe(`../${long}`);
});

test('sizes and owners of an extended header come before those of the header', () => {
  const content = 'x'.repeat(700);
  const data = block({ path: 'f', content });
  const zero = Buffer.from('00000000000\0');

  const { code } = world.unpack(
    tar(
      pax({ size: '700', uid: '70000', gid: '4294967290' }),
      Buffer.concat([block({ path: 'f', raw: [[124, zero]] }), data.subarray(512)]),
      { path: 'after' },
    ),
  );

  expect({ code, content: world.read('f') }).toEqual({ code: 0, content });
  expect(statOf('f')).toMatchObject({ uid: 70_000, gid: 4_294_967_290 });
});

test('capabilities and user attributes are set, others are left out', () => {
  const capability = Buffer.from('0100000202000000000000000000000000000000', 'hex');

  world.unpack(
    tar(
      pax({
        'SCHILY.xattr.security.capability': capability,
        'SCHILY.xattr.trusted.overlay.opaque': 'y',
        'SCHILY.xattr.security.selinux': 's',
      }),
      { path: 'ping', mode: 0o755 },
    ),
  );

  expect(xattrsOf('ping')).toEqual({ 'security.capability': capability.toString('hex') });
});

test('a second extended header can not rewrite the attributes that were checked in the first', () => {
  /* Both texts lie at the same place: without care the checked name becomes the second one's. */
  const first = pax({ 'SCHILY.xattr.user.aaaaaaaaaaaaaaaaa': 'y' });
  const second = pax({ 'comment.xattr.trusted.overlay.opaque\0': 'y' });

  world.unpack(tar(first, second, { path: 'd/' }));

  expect(xattrsOf('d')).toEqual({});
});

test('devices are left out and counted, and made when asked for', () => {
  const archive = tar(
    { path: 'null', type: 'char', device: [1, 3], mode: 0o666 },
    { path: 'fifo', type: 'fifo', mode: 0o600 },
  );

  const skipped = world.unpack(archive);
  const made = world.unpack(archive, '--devices');

  expect([skipped.answer, made.answer]).toEqual(['ok 2 0 1', 'ok 2 0 0']);
  expect(statOf('null')).toMatchObject({ mode: 0o020666, rdev: 0x103 });
  expect(statOf('fifo').isFIFO()).toBe(true);
});

test('a later entry replaces an earlier one of the same name', () => {
  const twice = world.unpack(
    tar(
      { path: 'f', content: 'old', mode: 0o600 },
      { path: 'f', content: 'new', mode: 0o644 },
      { path: 'd/' },
      { path: 'd/kept' },
      { path: 'd/', mode: 0o700 },
    ),
  );

  expect(twice.code).toBe(0);
  expect(world.read('f')).toBe('new');
  expect([statOf('d').mode, statOf('d/kept').isFile()]).toEqual([0o40700, true]);
});

test('whiteouts become those of overlayfs', () => {
  world.unpack(
    tar({ path: 'd/' }, { path: 'd/.wh.gone' }, { path: 'o/' }, { path: 'o/.wh..wh..opq' }, { path: '.wh..wh.plnk' }),
    '--whiteouts=overlay',
  );

  expect(Object.keys(treeOf(world.folder)).sort()).toEqual(['d', 'd/gone', 'o']);
  expect(statOf('d/gone')).toMatchObject({ rdev: 0, mode: 0o020000 });
  expect(xattrsOf('o')).toEqual({ 'trusted.overlay.opaque': Buffer.from('y').toString('hex') });
});

test('a whiteout hides what is below and nothing of its own layer, in either order', () => {
  world.unpack(
    tar(
      { path: 'before/' },
      { path: 'before/new', content: 'x' },
      { path: '.wh.before' },
      { path: '.wh.after' },
      { path: 'after/' },
      { path: 'after/new', content: 'x' },
      { path: 'file', content: 'x' },
      { path: '.wh.file' },
    ),
    '--whiteouts=overlay',
  );

  const opaque = { 'trusted.overlay.opaque': Buffer.from('y').toString('hex') };
  expect([world.read('before/new'), world.read('after/new'), world.read('file')]).toEqual(['x', 'x', 'x']);
  expect([xattrsOf('before'), xattrsOf('after')]).toEqual([opaque, opaque]);
});

test('without the flag whiteouts are files like any other', () => {
  world.unpack(tar({ path: '.wh.x', content: 'text' }));

  expect(world.read('.wh.x')).toBe('text');
});

test.each(['gnu', 'posix', 'ustar'])('what tar packs in format %s is unpacked as it was', (format) => {
  const source = mkdtempSync(join(tmpdir(), 'berth-untar-source-'));
  mkdirSync(join(source, 'sub'), { mode: 0o750 });
  writeFileSync(join(source, 'sub', 'b'.repeat(90)), 'text', { mode: 0o640 });
  execFileSync('ln', [join(source, 'sub', 'b'.repeat(90)), join(source, 'hard')]);
  execFileSync('ln', ['-s', '/else/where', join(source, 'sub', 'soft')]);

  const packed = execFileSync('tar', [`--format=${format}`, '-C', source, '-cf', '-', '.']);
  const { code } = world.unpack(packed);
  const expected = treeOf(source);
  rmSync(source, { recursive: true });

  expect(code).toBe(0);
  expect(treeOf(world.folder)).toEqual(expected);
});

test('the program is found where the tests expect it', () => {
  expect(execFileSync(executorPath(), ['version'], { encoding: 'utf8' })).toBe('1\n');
});
