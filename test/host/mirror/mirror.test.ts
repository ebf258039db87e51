/** What `mirror` makes of a container's folder: kernel state, not output. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { executorPath } from '../../../src/runtime/executor-path.ts';
import { contentsOf, type MirrorWorld, mirrorWorld } from './mirror-world.ts';

let world: MirrorWorld;

beforeEach(() => {
  world = mirrorWorld();
});
afterEach(() => world.close());

test('a file gets content, mode and time; it and new folders belong to the user', async () => {
  world.write('deep/down/run.sh', 'echo');
  chmodSync(world.here('deep/down/run.sh'), 0o750);
  chmodSync(world.here('deep'), 0o711);
  utimesSync(world.here('deep/down/run.sh'), 1_000_000, 1_234_567);

  const result = await world.mirror(['deep/down/run.sh'], { user: 'node' });

  const file = statSync(world.there('deep/down/run.sh'));
  expect(result).toEqual({ written: ['deep/down/run.sh'], removed: [], bytes: 4, left: [] });
  expect([file.mode & 0o7777, file.uid, file.gid, file.mtimeMs]).toEqual([0o750, 1234, 5678, 1_234_567_000]);
  const folder = statSync(world.there('deep'));
  expect([folder.mode & 0o7777, folder.uid, folder.gid]).toEqual([0o711, 1234, 5678]);
  expect(contentsOf(world.there(''))['deep/down/run.sh']).toBe('750 echo');
});

test('what is the same is not written: the file stays the one it was', async () => {
  world.write('same', 'text');
  world.write('grown', 'text');
  await world.mirror(['same', 'grown']);
  const before = [lstatSync(world.there('same')).ino, lstatSync(world.there('same')).mtimeMs];
  utimesSync(world.here('same'), 1, 2);
  world.write('grown', 'teXt');

  const result = await world.mirror(['same', 'grown']);

  expect(result.written).toEqual(['grown']);
  expect([lstatSync(world.there('same')).ino, lstatSync(world.there('same')).mtimeMs]).toEqual(before);
  expect(readFileSync(world.there('grown'), 'utf8')).toBe('teXt');
  chmodSync(world.here('same'), 0o700);
  expect((await world.mirror(['same'])).written).toEqual(['same']);
  expect([lstatSync(world.there('same')).ino, statSync(world.there('same')).mode & 0o777]).toEqual([before[0], 0o700]);
});

test('a program that has the old file open never reads a half of the new one', async () => {
  world.write('big', 'a'.repeat(3_000_000));
  await world.mirror(['big']);
  const reader = spawn('sh', [
    '-c',
    `while test ! -e ${world.root}/stop; do tr -d 'a' < ${world.there('big')} | tr -d '\\n' | wc -c; done | sort -u`,
  ]);
  let seen = '';
  reader.stdout.on('data', (data: Buffer) => (seen += data));
  const ended = new Promise((resolve) => reader.once('close', resolve));

  for (let i = 0; i < 12; i++) {
    writeFileSync(world.here('big'), (i % 2 === 0 ? 'b' : 'a').repeat(3_000_000));
    await world.mirror(['big']);
  }

  writeFileSync(join(world.root, 'stop'), '');
  await ended;
  expect(new Set(seen.trim().split('\n'))).toEqual(new Set(['0', '3000000']));
  expect(existsSync(world.there('.berth-sync~'))).toBe(false);
});

test('what is gone goes, with the folders that hold nothing else; files of the container stay', async () => {
  const names = ['a', 'a/f', 'a/g', 'b', 'b/f', 'top'];
  for (const name of ['a/f', 'a/g', 'b/f', 'top']) world.write(name, name);
  await world.mirror(names);
  writeFileSync(world.there('b/of-its-own'), 'kept');
  for (const name of ['a', 'b', 'top']) rmSync(world.here(name), { recursive: true });

  const result = await world.mirror(names);

  expect(contentsOf(world.there(''))).toEqual({ b: '755/', 'b/of-its-own': '644 kept' });
  expect(result.left).toEqual([{ name: 'b', kind: 'kept', reason: 'the container has files of its own in it' }]);
  expect([...result.removed].sort()).toEqual(['a', 'a/f', 'a/g', 'b/f', 'top']);
});

test('without its source nothing is removed, and the target itself never is', async () => {
  world.write('f', 'f');
  await world.mirror(['f']);
  rmSync(world.here('f'));

  await expect(world.mirror([''])).rejects.toThrow('damaged');
  await expect(world.mirror(['..'])).rejects.toThrow('damaged');
  rmSync(world.source, { recursive: true });
  await expect(world.mirror(['f'])).rejects.toThrow(/source: No such file or directory/);

  expect(readFileSync(world.there('f'), 'utf8')).toBe('f');
});

test('kinds change into each other; a whole compare lets the container keep its own', async () => {
  world.write('x', 'file');
  mkdirSync(world.here('y'));
  symlinkSync('x', world.here('z'));
  await world.mirror(['x', 'y', 'z']);
  for (const name of ['x', 'y', 'z']) rmSync(world.here(name), { recursive: true });
  world.write('x/in', 'in');
  symlinkSync('/etc/hostname', world.here('y'));
  world.write('z', 'file');

  await world.mirror(['x', 'x/in', 'y', 'z']);

  expect(contentsOf(world.there(''))).toEqual(contentsOf(world.source));
  rmSync(world.here('x'), { recursive: true });
  world.write('x', 'file again');
  const result = await world.mirror(['x'], { keepKinds: true });
  expect(result.left).toEqual([{ name: 'x', kind: 'kept', reason: 'it is a folder of the container' }]);
});

test('links are brought as links; fifos, sockets and devices are left out by name', async () => {
  symlinkSync('/nowhere/../x', world.here('link'));
  execFileSync('mkfifo', [world.here('fifo')]);
  execFileSync('mknod', [world.here('device'), 'c', '1', '3']);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(world.here('socket'), resolve));

  const result = await world.mirror(['device', 'fifo', 'link', 'socket']);

  server.close();
  expect(readlinkSync(world.there('link'))).toBe('/nowhere/../x');
  expect(result.left.map(({ name, kind, reason }) => `${kind} ${name}: ${reason}`)).toEqual([
    'special device: a device',
    'special fifo: a fifo',
    'special socket: a socket',
  ]);
  expect(Object.keys(contentsOf(world.there('')))).toEqual(['link']);
});

test('links on the way to the target are followed below the root, links in it are not', async () => {
  world.write('f', 'f');
  world.write('way/f', 'f');
  symlinkSync(world.canary, join(world.root, 'out'));
  symlinkSync(world.canary, world.there('way'));
  mkdirSync(join(world.root, 'real'));
  symlinkSync('/real', join(world.root, 'link'));

  await world.mirror(['f'], { target: '/link/new' });
  await world.mirror(['f'], { target: '/out' });
  const result = await world.mirror(['way/f']);

  expect(readFileSync(join(world.root, 'real/new/f'), 'utf8')).toBe('f');
  expect(readFileSync(join(world.root, world.canary, 'f'), 'utf8')).toBe('f');
  expect(result.left[0]).toMatchObject({ kind: 'kept', reason: 'a link of the container is on the way there' });
  expect(readFileSync(join(world.canary, 'f'), 'utf8')).toBe('canary');
});

test('a single file may have another name; a thousand files go in one call', async () => {
  world.write('dev.json', '{}');
  const names = Array.from({ length: 1000 }, (_, i) => `many/${i % 50}/${i}`);
  for (const name of names) world.write(name, name);

  await world.mirror([], { names: [{ from: 'dev.json', to: 'config.json' }] });
  const result = await world.mirror(names);

  expect(readFileSync(world.there('config.json'), 'utf8')).toBe('{}');
  expect(result.written).toHaveLength(1000);
  rmSync(world.here('many'), { recursive: true });
  const dirs = ['many', ...Array.from({ length: 50 }, (_, i) => `many/${i}`)];
  expect((await world.mirror([...dirs, ...names])).removed).toHaveLength(1051);
});

test('a file that is a mount is written in place; what is read-only says so', async () => {
  const { canary, root } = world;
  world.write('mounted', 'new text');
  world.write('ro/f', 'x');
  writeFileSync(world.there('mounted'), '');
  mkdirSync(world.there('ro'));
  const script = `mount --bind ${canary}/f ${world.there('mounted')} && mount --bind ${canary} ${world.there('ro')} &&
    mount -o remount,bind,ro ${world.there('ro')} && printf 'mounted\\0mounted\\0ro/f\\0ro/f\\0' |
    "$0" mirror ${world.source} /app --root=${root}; umount ${world.there('mounted')}; umount ${world.there('ro')}`;

  const run = spawnSync('unshare', ['-m', 'sh', '-c', script, executorPath()], { encoding: 'utf8' });

  expect(run.stdout.split('\0')).toEqual(['w mounted', '', 'f ro/f', 'Read-only file system', '. ', '8', '']);
  expect(readFileSync(join(canary, 'f'), 'utf8')).toBe('new text');
  expect(readFileSync(world.there('mounted'), 'utf8')).toBe('');
});

test("the kernel's own files are never written", () => {
  const { canary, root } = world;
  world.write('comm', 'mirrored');
  writeFileSync(world.there('comm'), '');
  /* In a process of its own, so that there is something harmless to write to. */
  const script = `mount --bind /proc/$$/comm ${world.there('comm')} && printf 'comm\\0comm\\0' |
    "$0" mirror ${world.source} /app --root=${root}; cat /proc/$$/comm > ${canary}/comm; umount ${world.there('comm')}`;

  const run = spawnSync('unshare', ['-m', 'sh', '-c', script, executorPath()], { encoding: 'utf8' });

  expect(run.stdout).toMatch(/^f comm\0.*busy\0\. \x000\0$/);
  expect(readFileSync(join(canary, 'comm'), 'utf8')).toBe('sh\n');
});

const SWAPPER = `
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
int main (int argc, char **argv) {
  (void) argc;
  for (;;) {
    syscall (SYS_renameat2, AT_FDCWD, argv[1], AT_FDCWD, argv[2], 2);
    syscall (SYS_renameat2, AT_FDCWD, argv[3], AT_FDCWD, argv[4], 2);
  }
}
`;

/* T-CP: a folder on the way, or the target itself, is a link to the machine every other moment. */
test('whoever swaps folders and links in the container can not lead a file outside', async () => {
  const { canary, root } = world;
  writeFileSync(join(root, 'swap.c'), SWAPPER);
  execFileSync('cc', ['-O2', '-o', join(root, 'swap'), join(root, 'swap.c')]);
  for (const folder of ['app/way', 'other']) mkdirSync(join(root, folder));
  const out = `../../..${canary}`;
  symlinkSync(out, join(root, 'link'));
  symlinkSync(canary, world.there('link'));
  mkdirSync(world.here('way'));
  const swapper = spawn(join(root, 'swap'), [
    ...[world.there('way'), world.there('link')],
    ...[join(root, 'other'), join(root, 'link')],
  ]);
  const seen = new Set<string>();

  const until = Date.now() + 3000;
  for (let i = 0; Date.now() < until; i++) {
    world.write('way/f', `${i}`);
    if (i % 2 === 1) rmSync(world.here('way/f'));
    const { written, removed, left } = await world.mirror(['way/f']);
    for (const { reason } of left) seen.add(reason);
    if (written.length + removed.length > 0) seen.add('done');
    await world.mirror(['way/f'], { target: '/other' }).catch(() => {});
  }

  swapper.kill('SIGKILL');
  await new Promise((resolve) => swapper.once('close', resolve));
  expect(contentsOf(canary)).toEqual({ f: '644 canary' });
  expect([...seen].sort()).toEqual(['a link of the container is on the way there', 'done']);
});
