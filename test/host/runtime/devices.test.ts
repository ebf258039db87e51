/** What stands in /dev, and what may be opened. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultMounts } from '../../../src/runtime/defaults.ts';
import { type RuntimeWorld, runtimeWorld } from './runtime-world.ts';

let world: RuntimeWorld;

beforeAll(async () => {
  world = await runtimeWorld('devices');
});
afterAll(() => world.close());

test('/dev holds the nodes and links of every OCI runtime and nothing else', async () => {
  const seen = await world.sh(
    "cd /dev; for f in $(find . | grep -v ^./pts/ | sort); do stat -c '%n %F %a %t:%T' $f; done; for f in core fd ptmx stderr stdin stdout; do echo $f $(readlink $f); done",
  );

  expect(seen).toMatchInlineSnapshot(`
    ". directory 755 0:0
    ./core symbolic link 777 0:0
    ./fd symbolic link 777 0:0
    ./full character special file 666 1:7
    ./mqueue directory 1777 0:0
    ./null character special file 666 1:3
    ./ptmx symbolic link 777 0:0
    ./pts directory 755 0:0
    ./random character special file 666 1:8
    ./shm directory 1777 0:0
    ./stderr symbolic link 777 0:0
    ./stdin symbolic link 777 0:0
    ./stdout symbolic link 777 0:0
    ./tty character special file 666 5:0
    ./urandom character special file 666 1:9
    ./zero character special file 666 1:5
    core /proc/kcore
    fd /proc/self/fd
    ptmx pts/ptmx
    stderr /proc/self/fd/2
    stdin /proc/self/fd/0
    stdout /proc/self/fd/1"
  `);
});

test('/dev/shm has 64 MiB and is open to everybody', async () => {
  const seen = await world.sh('df -k /dev/shm | tail -n 1 | tr -s " " | cut -d" " -f2; stat -c %a /dev/shm');

  expect(seen).toBe('65536\n1777');
});

test('/dev/shm has the size that was asked for', async () => {
  const mounts = defaultMounts({ shmBytes: 1024 * 1024 });

  const seen = await world.sh('df -k /dev/shm | tail -n 1 | tr -s " " | cut -d" " -f2', { config: { mounts } });

  expect(seen).toBe('1024');
});

test('/dev/mqueue and /dev/pts are file systems of the container', async () => {
  const seen = await world.sh('grep -E " /dev/(mqueue|pts) " /proc/mounts | cut -d" " -f1,2,3; ls /dev/pts');

  expect(seen.split('\n').sort()).toEqual(['devpts /dev/pts devpts', 'mqueue /dev/mqueue mqueue', 'ptmx']);
});

test('the usual devices do what they are for', async () => {
  const seen = await world.sh(
    'head -c 2 /dev/zero | od -An -tx1; head -c 3 /dev/urandom | wc -c; echo x > /dev/null; echo x > /dev/full; cat /dev/null',
  );

  expect(seen).toBe(' 00 00\n3\nsh: write error: No space left on device');
});

test('a node of the host disk may be made but not opened', async () => {
  const seen = await world.sh(
    'mknod /tmp/mem c 1 1 && ls /tmp; head -c 1 /tmp/mem; mknod /tmp/disk b 8 0; head -c 1 /tmp/disk',
  );

  expect(seen.split('\n')).toEqual([
    'mem',
    'head: /tmp/mem: Operation not permitted',
    'head: /tmp/disk: Operation not permitted',
  ]);
});

test('a device that was asked for is made with its mode and may be opened', async () => {
  const kmsg = { path: '/dev/mine/kmsg', type: 'c', major: 1, minor: 11, fileMode: 0o640, access: 'r' } as const;

  const seen = await world.sh(
    'stat -c "%a %t:%T" /dev/mine/kmsg; (exec 3< /dev/mine/kmsg) && echo opened; (exec 3> /dev/mine/kmsg) || true',
    {
      linux: { devices: [kmsg] },
      process: { capabilities: ['CAP_SYSLOG', 'CAP_DAC_OVERRIDE'] },
    },
  );

  expect(seen).toBe("640 1:b\nopened\nsh: can't create /dev/mine/kmsg: Operation not permitted");
});

test('with access to all devices nothing is denied', async () => {
  const spec = world.spec([]);

  const seen = await world.sh('mknod /tmp/kmsg c 1 11; (exec 3< /tmp/kmsg) && echo opened', {
    linux: { resources: { ...spec.config.linux.resources, devices: 'all' } },
    process: { capabilities: ['CAP_SYSLOG', 'CAP_MKNOD'] },
  });

  expect(seen).toBe('opened');
});

test('the program of a container has no descriptor but its stdio', async () => {
  const seen = await world.sh('for fd in /proc/self/fd/*; do echo $fd; done | wc -l');

  // The shell lists itself: 0, 1, 2 and the folder that it is reading.
  expect(seen).toBe('4');
});
