/** The root of a container: layers, what is kept, what is refused. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RuntimeWorld, runtimeWorld } from './runtime-world.ts';

let world: RuntimeWorld;

beforeAll(async () => {
  world = await runtimeWorld('root');
});
afterAll(() => world.close());

/** Layers on top of busybox, topmost first; layer N holds the file `layer-N` and its own idea of `top`. */
function layers(count: number): string[] {
  const made = Array.from({ length: count }, (_, index) => {
    const dir = join(world.base, `layers-${count}`, `a-rather-long-name-of-a-layer-${index}`);
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, `layer-${index}`), `${index}\n`);
    writeFileSync(join(dir, 'top'), `${index}\n`);
    return dir;
  });
  return [...made.reverse(), world.rootfs];
}

test('sixty layers are one root, and the topmost wins', async () => {
  const spec = world.spec([]);

  const seen = await world.sh('cat /top; ls -d /layer-* | wc -l', {
    spec: { rootfs: { ...spec.rootfs, lowers: layers(60) } },
  });

  expect(seen).toBe('59\n60');
});

test('layers whose joined paths are longer than a page are mounted too', async () => {
  const spec = world.spec([]);

  const seen = await world.sh('cat /top', { spec: { rootfs: { ...spec.rootfs, lowers: layers(120) } } });

  expect(seen).toBe('119');
});

test('what the program writes is kept in the upper folder and a second start finds it', async () => {
  const { rootfs } = world.spec([]);
  await world.sh('echo kept > /kept; rm /bin/yes', { spec: { rootfs } });

  const seen = await world.sh('cat /kept; ls /bin/yes', { spec: { rootfs } });

  expect(seen).toBe('kept\nls: /bin/yes: No such file or directory');
  expect(readFileSync(join(rootfs.upper!.dir, 'kept'), 'utf8')).toBe('kept\n');
  expect(existsSync(join(world.rootfs, 'kept'))).toBe(false);
});

test('a read-only root refuses writes, its tmpfs do not', async () => {
  const seen = await world.sh('touch /new; rm /bin/yes; echo shared > /dev/shm/x; cat /dev/shm/x', {
    config: { root: { readonly: true } },
  });

  expect(seen.split('\n')).toEqual([
    'shared',
    'touch: /new: Read-only file system',
    "rm: can't remove '/bin/yes': Read-only file system",
  ]);
});

test('without an upper folder the root is read-only', async () => {
  const { rootfs } = world.spec([]);

  const seen = await world.sh('touch /new', { spec: { rootfs: { ...rootfs, upper: null } } });

  expect(seen).toBe('touch: /new: Read-only file system');
});

test('the host is out of sight: the root has one parent, itself', async () => {
  const seen = await world.sh(`ls ${world.base}; ls -di / /..; cat /proc/self/mountinfo`);

  const [root, parent, ...rest] = seen.split('\n');
  expect(root!.trim().split(' ')[0]).toBe(parent!.trim().split(' ')[0]);
  expect(seen).toContain(`ls: ${world.base}: No such file or directory`);
  expect(rest.filter((line) => line.split(' ')[4] === '/')).toHaveLength(1);
});

test('every mount of a container is private to it', async () => {
  const seen = await world.sh('cat /proc/self/mountinfo');

  const shared = seen.split('\n').filter((line) => /(shared|master|propagate_from):/.test(line));
  expect(shared).toEqual([]);
});

test('/proc shows the container alone', async () => {
  const seen = await world.sh('ls /proc | grep -cE "^[0-9]+$"');

  expect(Number(seen)).toBeLessThanOrEqual(4);
});

test('masked files read as empty and masked folders hold nothing', async () => {
  const spec = world.spec([]);
  const hidden = spec.config.linux.maskedPaths;

  const seen = await world.sh(
    `for path in ${hidden.join(' ')}; do [ -d $path ] && ls $path; [ -f $path ] && cat $path; [ -c $path ] && stat -c %t:%T $path; done; true`,
  );

  const lines = seen.split('\n');
  expect(hidden).toContain('/proc/interrupts');
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.filter((line) => line !== '1:3')).toEqual([]);
});

test('a masked folder of the image can not be written', async () => {
  const seen = await world.sh('ls /home; touch /home/x', { linux: { maskedPaths: ['/home', '/no/such/path'] } });

  expect(seen).toBe('touch: /home/x: Read-only file system');
});

test('read-only paths of /proc refuse writes even to a container with all rights over them', async () => {
  const paths = '/proc/sys/kernel/panic /proc/sysrq-trigger /proc/irq/default_smp_affinity';

  const seen = await world.sh(`for path in ${paths}; do [ -e $path ] && echo 1 > $path; done`, {
    process: { capabilities: ['CAP_SYS_ADMIN', 'CAP_DAC_OVERRIDE'] },
  });

  const lines = seen.split('\n');
  expect(lines[0]).toContain('/proc/sys/kernel/panic: Read-only file system');
  expect(lines.filter((line) => !line.includes('Read-only file system'))).toEqual([]);
});

test('/sys and the cgroups are read-only', async () => {
  const seen = await world.sh(
    'for dir in /sys/fs/cgroup /sys/fs/cgroup/*/; do mkdir $dir/new; done; echo 0 > /sys/kernel/uevent_seqnum',
  );

  const lines = seen.split('\n');
  expect(lines.filter((line) => !/Read-only file system|nonexistent/.test(line))).toEqual([]);
  expect(lines[0]).toContain('/sys/fs/cgroup/new');
});

test('a container sees its own cgroup as the root', async () => {
  const seen = await world.sh('cut -d: -f3 /proc/self/cgroup | sort -u');

  expect(seen.split('\n')).not.toContain(expect.stringContaining(world.parentCgroup));
  expect(seen).toContain('/');
});
