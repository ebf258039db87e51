/** An image that lays traps with symlinks must not lead a mount out of its root. */
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultMounts } from '../../../src/runtime/defaults.ts';
import type { OciMount } from '../../../src/runtime/spec.ts';
import { makeRootfs, type RuntimeWorld, runtimeWorld, type SpecChanges } from './runtime-world.ts';

let world: RuntimeWorld;
let outside: string;
let source: string;

beforeAll(async () => {
  world = await runtimeWorld('targets');
  outside = join(world.base, 'outside');
  source = join(world.base, 'source');
  mkdirSync(outside);
  mkdirSync(source);
  writeFileSync(join(source, 'file'), 'bound\n');
});
afterAll(() => world.close());

/** A container whose image has one more layer, made by `trap`, with a bind of `source` on `destination`. */
function trapped(trap: (layer: string) => void, destination: string, from = source): SpecChanges {
  const { rootfs } = world.spec([]);
  const layer = join(rootfs.upper!.dir, '../trap');
  mkdirSync(layer);
  trap(layer);
  const mount: OciMount = { type: 'bind', source: from, destination, options: ['rbind'] };
  return {
    spec: { rootfs: { ...rootfs, lowers: [layer, ...rootfs.lowers] } },
    config: { mounts: [...defaultMounts(), mount] },
  };
}

test.each([
  ['an absolute link', '/srv/target', '/link', '/srv/target'],
  ['a link with too many ..', '../../../../../../srv/target', '/link', '/srv/target'],
  ['a dangling link of several levels', '/a/b/c', '/link', '/a/b/c'],
  ['a relative dangling link', 'a/b', '/link', '/a/b'],
])('a mount target behind %s lies inside the root', async (_, target, link, place) => {
  const changes = trapped((layer) => symlinkSync(target, join(layer, link)), link);

  const seen = await world.sh(`cat ${place}/file; grep -c ' ${place} ' /proc/self/mountinfo`, changes);

  expect(seen).toBe('bound\n1');
});

test('a link that names a folder of the host leads to that name in the container', async () => {
  const changes = trapped((layer) => symlinkSync(outside, join(layer, 'link')), '/link/deeper');

  const seen = await world.sh(`cat ${outside}/deeper/file`, changes);

  expect(seen).toBe('bound');
  expect(readdirSync(outside)).toEqual([]);
});

test('a file target behind a dangling link is made inside the root', async () => {
  const beyond = join(outside, 'made');
  const changes = trapped((layer) => symlinkSync(beyond, join(layer, 'link')), '/link', join(source, 'file'));

  const seen = await world.sh(`cat ${beyond} /link`, changes);

  expect(seen).toBe('bound\nbound');
  expect(existsSync(beyond)).toBe(false);
});

test('links that go in circles are an error and no hang', async () => {
  const changes = trapped((layer) => {
    symlinkSync('/two', join(layer, 'one'));
    symlinkSync('/one', join(layer, 'two'));
  }, '/one/x');

  const failure = await world.refusal(['true'], changes);

  expect(failure).toMatchObject({ code: 'RUNTIME_FAILED', errno: 'ELOOP' });
});

test.each(['/proc', '/sys', '/dev'])('an image whose %s is a link is refused', async (path) => {
  const { rootfs } = world.spec([]);
  const lower = makeRootfs(join(world.base, `rootfs-link${path.slice(1)}`));
  rmSync(join(lower, path), { recursive: true });
  symlinkSync('/tmp', join(lower, path));

  const failure = await world.refusal(['true'], { spec: { rootfs: { ...rootfs, lowers: [lower] } } });

  expect(failure).toMatchObject({ code: 'RUNTIME_FAILED', errno: 'ENOTDIR' });
  expect(failure.message).toContain(` on ${path} failed`);
});

test.each(['/proc/sys', '/proc/1/attr', '/x/../proc/sys', '/proc', '/'])(
  'nothing can be mounted on %s',
  async (path) => {
    const spec = world.spec(
      ['true'],
      trapped(() => {}, path),
    );

    const failure = world.runtime.start(spec);

    await expect(failure).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  },
);

test.each([
  ['/link/sys', '/proc'],
  ['/link', '/proc/self/attr'],
  ['/link', '/proc'],
])('a link to procfs as the mount target %s is refused by the kernel state itself', async (destination, target) => {
  const changes = trapped((layer) => symlinkSync(target, join(layer, 'link')), destination);

  const failure = await world.refusal(['true'], changes);

  expect(failure).toMatchObject({ code: 'RUNTIME_FAILED', errno: 'EPERM' });
});

test('a device is made in the container even when /dev holds a link of that name', async () => {
  const changes = trapped((layer) => {
    mkdirSync(join(layer, 'dev'));
    symlinkSync(join(outside, 'null'), join(layer, 'dev/null'));
  }, '/data');

  const seen = await world.sh('stat -c %t:%T /dev/null', changes);

  expect(seen).toBe('1:3');
  expect(readdirSync(outside)).toEqual([]);
});
