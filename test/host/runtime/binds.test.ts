/** What of the host a container is given: binds, their options, tmpfs. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultMounts } from '../../../src/runtime/defaults.ts';
import type { OciMount } from '../../../src/runtime/spec.ts';
import { type RuntimeWorld, runtimeWorld, type SpecChanges } from './runtime-world.ts';

let world: RuntimeWorld;
let nested: string;

beforeAll(async () => {
  world = await runtimeWorld('binds');
  // A folder of the host with another file system mounted inside it.
  nested = folder('nested');
  mkdirSync(join(nested, 'inner'));
  execFileSync('mount', ['-t', 'tmpfs', 'inner', join(nested, 'inner')]);
  writeFileSync(join(nested, 'inner', 'file'), 'deep\n');
});
afterAll(async () => {
  execFileSync('umount', [join(nested, 'inner')]);
  await world.close();
});

function folder(name: string): string {
  const dir = join(world.base, 'host', name);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'file'), `${name}\n`);
  return dir;
}

const mounts = (...added: OciMount[]): SpecChanges => ({ config: { mounts: [...defaultMounts(), ...added] } });
const bind = (source: string, destination: string, ...options: string[]): OciMount => ({
  type: 'bind',
  source,
  destination,
  options: ['rbind', ...options],
});
const tmpfs = (destination: string, ...options: string[]): OciMount => ({
  type: 'tmpfs',
  source: 'tmpfs',
  destination,
  options,
});

test('a bound folder is the host folder, in both directions', async () => {
  const source = folder('both');

  const seen = await world.sh('cat /data/file; echo back > /data/reply', mounts(bind(source, '/data')));

  expect(seen).toBe('both');
  expect(readFileSync(join(source, 'reply'), 'utf8')).toBe('back\n');
});

test('a bound file is mounted on a file that is made for it', async () => {
  const source = join(folder('single'), 'file');

  const seen = await world.sh('cat /etc/app/settings; ls /etc/app', mounts(bind(source, '/etc/app/settings')));

  expect(seen).toBe('single\nsettings');
});

test('a read-only bind refuses writes', async () => {
  const seen = await world.sh('touch /data/new', mounts(bind(folder('ro'), '/data', 'ro')));

  expect(seen).toBe('touch: /data/new: Read-only file system');
});

test('ro leaves a mount inside the bound folder writable', async () => {
  const seen = await world.sh('touch /data/inner/ro && cat /data/inner/file', mounts(bind(nested, '/data', 'ro')));

  expect(seen).toBe('deep');
});

test('rro makes a mount inside the bound folder read-only too', async () => {
  const seen = await world.sh('cat /data/inner/file; touch /data/inner/rro', mounts(bind(nested, '/data', 'rro')));

  expect(seen).toBe('deep\ntouch: /data/inner/rro: Read-only file system');
});

test('a bind that is not recursive leaves the mounts inside behind', async () => {
  const plain: OciMount = { type: 'bind', source: nested, destination: '/data', options: ['bind'] };

  const seen = await world.sh('ls /data/inner', mounts(plain));

  expect(seen).toBe('');
});

test('nosuid, nodev and noexec are set on a bind', async () => {
  const source = folder('flags');

  const seen = await world.sh(
    "grep ' /data ' /proc/mounts",
    mounts(bind(source, '/data', 'nosuid', 'nodev', 'noexec')),
  );

  expect(seen.split(' ')[3]!.split(',').slice(0, 4)).toEqual(['rw', 'nosuid', 'nodev', 'noexec']);
});

test('the host does not see what a container mounts below a bind', async () => {
  const source = folder('private');
  execFileSync('mount', ['--bind', source, source]);
  execFileSync('mount', ['--make-shared', source]);
  try {
    const seen = await world.sh("mkdir /data/m && mount -t tmpfs x /data/m && grep -c ' /data' /proc/mounts", {
      ...mounts(bind(source, '/data')),
      process: { capabilities: ['CAP_SYS_ADMIN'] },
      linux: { seccomp: 'unconfined' },
    });

    expect(seen).toBe('2');
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(join(source, 'm'));
  } finally {
    execFileSync('umount', [source]);
  }
});

test.each([
  ['rslave', / master:\d+ /],
  ['rshared', / shared:\d+ /],
])('the propagation %s is taken when it is asked for', async (propagation, expected) => {
  const source = folder(propagation);
  execFileSync('mount', ['--bind', source, source]);
  execFileSync('mount', ['--make-shared', source]);
  try {
    const seen = await world.sh("grep ' /data ' /proc/self/mountinfo", mounts(bind(source, '/data', propagation)));

    expect(seen).toMatch(expected);
  } finally {
    execFileSync('umount', [source]);
  }
});

test('a source that is missing is made when that is asked for', async () => {
  const source = join(world.base, 'host/made/here');

  const seen = await world.sh('ls -d /data; echo hi > /data/x', mounts(bind(source, '/data', 'create')));

  expect(seen).toBe('/data');
  expect(readFileSync(join(source, 'x'), 'utf8')).toBe('hi\n');
});

test('a symlink as a source is followed on the host', async () => {
  const source = folder('linked');
  execFileSync('ln', ['-s', source, join(world.base, 'host/link')]);

  const seen = await world.sh('cat /data/file', mounts(bind(join(world.base, 'host/link'), '/data')));

  expect(seen).toBe('linked');
});

test('a tmpfs has the size and mode that were asked for', async () => {
  const seen = await world.sh(
    'stat -c %a /scratch; dd if=/dev/zero of=/scratch/x bs=4096 count=1000 2>/dev/null; stat -c %s /scratch/x',
    mounts(tmpfs('/scratch', 'size=1m', 'mode=700')),
  );

  expect(seen).toBe('700\n1048576');
});

test('mounts are made in their order: the later one covers the earlier', async () => {
  const seen = await world.sh('cat /data/file; ls /data', mounts(tmpfs('/data'), bind(folder('later'), '/data')));

  expect(seen).toBe('later\nfile');
});

test('a bind inside a tmpfs is made there and not in the image', async () => {
  const seen = await world.sh(
    'cat /scratch/a/b/file',
    mounts(tmpfs('/scratch'), bind(folder('in-tmpfs'), '/scratch/a/b')),
  );

  expect(seen).toBe('in-tmpfs');
});
