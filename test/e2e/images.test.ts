/** Images made of tar archives: imported, run, shown, removed; and archives that are none. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { BERTH, eventually, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;
/** Outside the world's folder: the archives are the tests' own, not the project's. */
let archives: string;

const BUSYBOX = ['/usr/bin/busybox', '/bin/busybox'].find((path) => existsSync(path));

beforeAll(() => {
  world = testWorld('images');
  archives = mkdtempSync(join(tmpdir(), 'berth-archives-'));
  if (BUSYBOX) makeArchives(BUSYBOX);
});
afterEach(() => {
  world.berth('down', '-v');
  for (const name of names()) if (name !== 'host') world.berth('image', 'rm', name);
  expect(world.leaks()).toEqual([]);
});
afterAll(() => {
  rmSync(archives, { recursive: true, force: true });
  world.close();
});

/** The Debian package busybox-static: one program that needs no library is a whole root filesystem. */
function makeArchives(busybox: string): void {
  const rootfs = join(archives, 'rootfs');
  mkdirSync(join(rootfs, 'bin'), { recursive: true });
  mkdirSync(join(rootfs, 'etc'));
  copyFileSync(busybox, join(rootfs, 'bin/busybox'));
  for (const applet of ['sh', 'cat', 'sleep', 'uname']) symlinkSync('busybox', join(rootfs, 'bin', applet));
  writeFileSync(join(rootfs, 'etc/motd'), 'from the image\n');
  execFileSync('tar', ['-C', rootfs, '-cf', join(archives, 'rootfs.tar'), '.']);
  execFileSync('gzip', ['-k', join(archives, 'rootfs.tar')]);
}

const names = () =>
  (JSON.parse(world.berth('image', 'ls', '--json').stdout) as { names: string[] }[]).flatMap((image) => image.names);

const IMPORTS = {
  'a plain archive': (name: string) => world.berth('image', 'import', join(archives, 'rootfs.tar'), name),
  'a gzip archive': (name: string) => world.berth('image', 'import', join(archives, 'rootfs.tar.gz'), name),
  'an archive on stdin': (name: string) =>
    world.inside('sh', '-c', `${BERTH} image import - ${name} < ${join(archives, 'rootfs.tar')}`),
};

test.skipIf(!BUSYBOX).each(Object.entries(IMPORTS))('%s becomes an image that a service runs of', async (_, load) => {
  const imported = load('tiny:1');
  world.write(
    'stack.yaml',
    'services:\n  one:\n    image: tiny:1\n    command: ["sh", "-c", "cat /etc/motd; sleep 1000"]\n',
  );
  const up = world.berth('up', '-d');

  expect([imported.code, up.code], imported.stderr + up.stderr).toEqual([0, 0]);
  expect(world.ps()[0]).toMatchObject({ State: 'running' });
  await eventually(() => world.berth('logs', '--no-log-prefix').stdout === 'from the image\n');
  /* Nothing of this machine shines through. */
  expect(world.berth('exec', '-T', 'one', '/bin/busybox', 'ls', '/usr/bin').code).not.toBe(0);
});

test.skipIf(!BUSYBOX)('what a service writes stays out of its image', () => {
  IMPORTS['a plain archive']('tiny:1');
  world.write('stack.yaml', 'services:\n  one:\n    image: tiny:1\n    command: ["sleep", "1000"]\n');
  const motd = () => world.berth('exec', '-T', 'one', 'cat', '/etc/motd').stdout;
  world.berth('up', '-d');
  world.berth('exec', '-T', 'one', 'sh', '-c', 'echo changed > /etc/motd');
  const changed = motd();

  world.berth('up', '-d', '--force-recreate');

  expect([changed, motd()]).toEqual(['changed\n', 'from the image\n']);
});

test.skipIf(!BUSYBOX)('an image is listed and shown under its name', () => {
  IMPORTS['a gzip archive']('tiny');

  const shown = JSON.parse(world.berth('image', 'inspect', 'tiny').stdout) as Record<string, unknown>;
  const listed = world.berth('image', 'ls').stdout;

  expect(names()).toContain('tiny:latest');
  expect(shown).toMatchObject({ names: ['tiny:latest'], os: 'linux', config: { cmd: ['/bin/sh'], user: '' } });
  expect(listed).toMatch(/^tiny +latest +[0-9a-f]{12} /m);
});

test.skipIf(!BUSYBOX)('an image in use is not removed, and its service goes on', () => {
  IMPORTS['a plain archive']('tiny:1');
  world.write('stack.yaml', 'services:\n  one:\n    image: tiny:1\n    command: ["sleep", "1000"]\n');
  world.berth('up', '-d');
  const before = world.ps()[0]?.Pid;

  const refused = world.berth('image', 'rm', 'tiny:1');
  const exec = world.berth('exec', '-T', 'one', 'cat', '/etc/motd');
  world.berth('down');
  const removed = world.berth('image', 'rm', 'tiny:1');

  expect([refused.code, exec.stdout, removed.code, names().includes('tiny:1')]).toEqual([
    1,
    'from the image\n',
    0,
    false,
  ]);
  expect(before).toBeGreaterThan(0);
  expect(refused.stderr).toContain('image tiny:1 is used by a container');
});

test.skipIf(!BUSYBOX)('an archive that is junk, or cut short, is refused and leaves nothing', () => {
  const junk = join(archives, 'junk.tar');
  const cut = join(archives, 'cut.tar');
  const cutGzip = join(archives, 'cut.tar.gz');
  writeFileSync(junk, randomBytes(5_000));
  writeFileSync(cut, readFileSync(join(archives, 'rootfs.tar')).subarray(0, 300_000));
  writeFileSync(cutGzip, readFileSync(join(archives, 'rootfs.tar.gz')).subarray(0, 300_000));

  const refused = [junk, cut, cutGzip].map((path) => world.berth('image', 'import', path, 'junk'));

  expect(names()).not.toContain('junk:latest');
  expect(world.leaks()).toEqual([]);
  expect(refused.map((run) => run.code)).toEqual([1, 1, 1]);
  expect(refused.map((run) => run.stderr.split('\n')[0])).toEqual([
    'error: the archive was refused: it is no tar archive (wrong checksum)',
    'error: the archive was refused: ./bin/busybox: the archive is cut short',
    expect.stringContaining('unexpected end of file'),
  ]);
});

test('an image that is not there is named, with the command that lists what is', () => {
  const removed = world.berth('image', 'rm', 'no-such-image:9');
  const missing = world.berth('image', 'import', 'nowhere.tar', 'x');

  expect([removed.code, removed.stderr]).toEqual([1, expect.stringContaining('`berth image ls`')]);
  expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('there is no file nowhere.tar')]);
});
