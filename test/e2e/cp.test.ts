import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BERTH, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('cp');
  world.write('single', 'of the host');
  world.write(
    'stack.yaml',
    `services:
  box: {image: host, command: sleep 1000, volumes: ["data:/data", "./fixed:/fixed:ro", "./single:/single"], scale: 2}
  still: {image: host, command: "true", volumes: ["data:/data"]}
volumes: {data: {}}
`,
  );
  expect(world.berth('up', '-d').code).toBe(0);
});
afterAll(() => {
  world.berth('down', '-v');
  world.close();
});

const cp = (...args: string[]) => world.berth('cp', ...args);
const here = (...path: string[]) => join(world.folder, ...path);

function sh(script: string, index = '1'): string {
  const { code, stdout, stderr } = world.berth('exec', '-T', '--index', index, 'box', 'sh', '-c', script);
  return code === 0 ? stdout.trim() : `exit ${code}: ${stderr}`;
}

test('a file goes to a new name, over a file, and into a folder', () => {
  writeFileSync(here('f'), 'one');
  for (const index of ['1', '2']) sh('mkdir -p /work/dir; echo old > /work/old', index);

  cp('f', 'box:/work/new');
  cp('f', 'box:/work/old');
  cp('f', 'box:/work/dir');

  expect(sh('cat /work/new /work/old /work/dir/f; stat -c " %u:%g" /work/new')).toBe('oneoneone 0:0');
  expect(sh('cat /work/new', '2')).toBe('one');
  expect(cp('f', 'box:/work/none/').stderr).toContain('there is no folder /work/none/');
  expect(cp('f', 'box:/no/such/folder').stderr).toMatch(/it can not be copied: \/no\/such: No such file or directory/);
  expect(cp('f/', 'box:/work').stderr).toContain('is no folder');
});

test('a folder becomes what is not there, goes into what is, and with /. only what is in it', () => {
  mkdirSync(here('dir/deep'), { recursive: true });
  writeFileSync(here('dir/deep/f'), 'deep');
  symlinkSync('/etc/shadow', here('dir/link'));
  sh('mkdir -p /tree/into /tree/content; touch /tree/file');

  cp('dir', 'box:/tree/fresh');
  cp('dir', 'box:/tree/into');
  cp('dir/.', 'box:/tree/content');

  expect(sh('cd /tree && find . -type f -o -type l | sort')).toBe(
    ['content/deep/f', 'content/link', 'file', 'fresh/deep/f', 'fresh/link', 'into/dir/deep/f', 'into/dir/link']
      .map((path) => `./${path}`)
      .join('\n'),
  );
  expect(sh('readlink /tree/fresh/link')).toBe('/etc/shadow');
  expect(cp('dir', 'box:/tree/file').stderr).toContain('is a folder');
});

test('out of a container: names, owners, links, a tar stream', () => {
  sh('mkdir -p /out/d; echo hello > /out/d/f; ln -s d/f /out/l; chown -R 12:13 /out');
  mkdirSync(here('there'), { recursive: true });

  cp('box:/out/d', 'fresh');
  cp('box:/out/d', 'there');
  cp('box:/out/l', 'link');
  cp('-L', 'box:/out/l', 'followed');
  cp('-a', 'box:/out/d/f', 'owned');
  const tar = execFileSync('nsenter', [`--net=/run/netns/${world.netns}`, BERTH, 'cp', 'box:/out', '-'], {
    cwd: world.folder,
    env: world.env,
  });

  expect(readFileSync(here('fresh/f'), 'utf8')).toBe('hello\n');
  expect(readFileSync(here('there/d/f'), 'utf8')).toBe('hello\n');
  expect(statSync(here('fresh/f')).uid).toBe(process.getuid!());
  expect(readlinkSync(here('link'))).toBe('d/f');
  expect(lstatSync(here('followed')).isFile()).toBe(true);
  expect([statSync(here('owned')).uid, statSync(here('owned')).gid]).toEqual([12, 13]);
  const names = execFileSync('tar', ['-t'], { input: tar, encoding: 'utf8' }).trim().split('\n').sort();
  expect(names).toEqual(['out/', 'out/d/', 'out/d/f', 'out/l']);
  expect(cp('box:/nothing', '.').stderr).toContain('there is no /nothing');
});

test('a stopped container, its volume too; and a container by its name from any folder', () => {
  writeFileSync(here('f'), 'still');

  cp('f', 'still:/tmp/f');
  cp('f', 'still:/data/from-still');
  cp('cp-still-1:/tmp/f', 'back');

  expect(readFileSync(here('back'), 'utf8')).toBe('still');
  expect(sh('cat /data/from-still')).toBe('still');
  expect(cp('nobody:/x', '.').stderr).toContain('there is neither a service nor a container nobody');
  /* What was mounted for the copies is gone with them. */
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(world.dataRoot);
});

test('a tar stream from stdin; into what is read-only it fails', () => {
  mkdirSync(here('piped'), { recursive: true });
  writeFileSync(here('piped/x'), 'piped');
  sh('mkdir -p /piped');
  const tar = execFileSync('tar', ['-C', here('piped'), '-cz', '.']);

  execFileSync('nsenter', [`--net=/run/netns/${world.netns}`, BERTH, 'cp', '--index', '1', '-', 'box:/piped'], {
    cwd: world.folder,
    env: world.env,
    input: tar,
  });
  writeFileSync(here('f'), 'x');

  expect(sh('cat /piped/x')).toBe('piped');
  expect(cp('-', 'box:/piped').stderr).toContain('a tar stream goes into one container');
  expect(cp('f', 'box:/fixed/f').code).toBe(1);
  expect(sh('cat /proc/sys/kernel/hostname')).not.toBe('x');
});

/* The kernel took the mount away with the file under it: the container read the copy, and the host's file was cut off. */
test('a file that is a mount is not replaced', () => {
  writeFileSync(here('f'), 'x');

  const copied = cp('--index', '1', 'f', 'box:/single');

  expect(copied.stderr).toMatch(/single: replace what is there: .*busy/);
  expect(sh('cat /single; grep -c " /single " /proc/self/mountinfo')).toBe('of the host1');
});

/* T-CP-09: absolute links on the way, and at the end, lead where they lead inside. */
test('absolute links of the container are followed inside of it', () => {
  writeFileSync(here('f'), 'linked');
  sh(
    'mkdir -p /real /deep && rm -rf /way && ln -sfn /real /way && echo old > /deep/target && ln -sfn /deep/target /last',
  );

  cp('f', 'box:/way/f');
  cp('f', 'box:/last');
  cp('f', 'box:/var/run/f');

  expect(sh('cat /real/f /deep/target; readlink /last')).toBe('linkedlinked/deep/target');
  expect(sh('cat /run/f || cat /var/run/f')).toBe('linked');
  expect(existsSync('/real/f')).toBe(false);
});

const SWAPPER = `
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
int main (int argc, char **argv) {
  (void) argc;
  for (;;)
    syscall (SYS_renameat2, AT_FDCWD, argv[1], AT_FDCWD, argv[2], 2);
}
`;

/* T-CP-01..08: a path that is swapped all the time must not lead a copy to the host. */
test('whoever swaps folders and links in the container can not lead a copy to the host', () => {
  const canary = here('canary');
  mkdirSync(canary, { recursive: true });
  writeFileSync(join(canary, 'f'), 'of the host');
  writeFileSync(here('swap.c'), SWAPPER);
  mkdirSync(here('bin'), { recursive: true });
  execFileSync('cc', ['-O2', '-static', '-o', here('bin/swap'), here('swap.c')]);
  cp('bin/swap', 'box:/swap');
  /* The parent and the last component, each against a link to what only the host has. */
  sh(`mkdir -p /t/parent /t/tree/last && echo inside > /t/parent/f && echo inside > /t/tree/last/f && echo inside > /t/tree/file
    ln -s ${canary} /t/link && ln -s ${canary} /t/tree/link && ln -s ${canary}/f /t/tree/flink`);
  for (const [a, b] of [
    ['/t/parent', '/t/link'],
    ['/t/tree/last', '/t/tree/link'],
    ['/t/tree/file', '/t/tree/flink'],
  ])
    world.berth('exec', '-d', 'box', '/swap', a!, b!);
  writeFileSync(here('in'), 'copied in');
  mkdirSync(here('indir'), { recursive: true });
  writeFileSync(here('indir/f'), 'copied in');
  const seen = new Set<string>();

  const until = Date.now() + 10_000;
  while (Date.now() < until) {
    for (const target of ['/t/parent/f', '/t/tree/last/f', '/t/tree/file']) cp('--index', '1', 'in', `box:${target}`);
    cp('--index', '1', 'indir/.', 'box:/t/parent');
    for (const [path, out] of [
      ['/t/parent/f', 'o1'],
      ['/t/tree', 'o2'],
      ['/t/tree/last/f', 'o3'],
      ['/t/tree/file', 'o4'],
    ]) {
      execFileSync('rm', ['-rf', here(out!)]);
      cp('-L', `box:${path}`, out!);
      if (existsSync(here(out!))) seen.add(contents(here(out!)));
    }
  }

  expect(readdirSync(canary)).toEqual(['f']);
  expect(readFileSync(join(canary, 'f'), 'utf8')).toBe('of the host');
  expect([...seen].join('\n')).not.toContain('of the host');
  expect([...seen].join('\n')).toMatch(/inside|copied in/);
  world.berth(
    'exec',
    '-T',
    'box',
    'sh',
    '-c',
    'kill -9 $(pidof swap) 2>/dev/null; for p in /proc/[0-9]*; do [ "$(readlink $p/exe)" = /swap ] && kill -9 ${p#/proc/}; done; true',
  );
});

/** Of all regular files below, links not followed. */
function contents(path: string): string {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return `-> ${readlinkSync(path)}`;
  if (stat.isFile()) return readFileSync(path, 'utf8');
  return readdirSync(path)
    .map((name) => contents(join(path, name)))
    .join(' ');
}
