/**
 * `npm run test:cgroup2`: boots this machine's own root file system in a virtual machine with pure cgroup version 2 and an
 * older kernel (Debian's 6.1), and runs test/vm/cgroup2.mjs there.
 *
 * Software emulation: no KVM is needed, and nothing of this machine is written to (9p read-only, a tmpfs above). What it
 * needs (qemu, a kernel package, cpio, busybox) comes from Debian's packages; without them it says so and exits 0.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const BOOT_MODULES = ['virtio_pci', '9pnet_virtio', '9p', 'overlay'];
const LATER_MODULES = [
  'bridge',
  'veth',
  'nf_tables',
  'nft_chain_nat',
  'nft_nat',
  'nft_masq',
  'nft_ct',
  'nft_fib_inet',
  'nft_fib_ipv4',
  'nft_fib_ipv6',
];
const MINUTES = 8;

const folder = mkdtempSync(join(tmpdir(), 'berth-vm-'));
try {
  const missing = ['qemu-system-x86_64', 'cpio', 'busybox', 'modprobe', 'dpkg-deb'].filter((name) => !has(name));
  if (process.arch !== 'x64' || missing.length > 0) {
    say(
      `cgroup2: skipped: ${process.arch === 'x64' ? `${missing.join(', ')} missing (apt-get install qemu-system-x86 kmod cpio busybox-static)` : 'x64 only'}`,
    );
  } else process.exitCode = boot(fetchKernel());
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Unpacks Debian's kernel package; returns its folder and version. */
function fetchKernel() {
  const name = run('sh', [
    '-c',
    "apt-cache depends linux-image-amd64 | awk '/Depends: linux-image/ {print $2}' | head -1",
  ]).trim();
  run('sh', ['-c', `apt-get download ${name.replace(/-signed$/, '')}`], { cwd: folder });
  const kernel = join(folder, 'kernel');
  const archive = readdirSync(folder).find((file) => file.endsWith('.deb'));
  run('dpkg-deb', ['-x', join(folder, archive), kernel]);
  const modules = existsSync(join(kernel, 'lib/modules'))
    ? join(kernel, 'lib/modules')
    : join(kernel, 'usr/lib/modules');
  const version = basename(join(modules, readdirSync(modules)[0]));
  if (!existsSync(join(kernel, 'lib/modules'))) run('ln', ['-s', 'usr/lib', join(kernel, 'lib')]);
  run('depmod', ['-b', kernel, version]);
  return { kernel, version };
}

function boot({ kernel, version }) {
  const image = join(folder, 'initrd');
  const modules = (names) =>
    names
      .flatMap((name) => run('modprobe', ['-d', kernel, '-S', version, '--show-depends', name]).split('\n'))
      .flatMap((line) => line.match(/^insmod (\S+)/)?.[1] ?? []);
  mkdirSync(join(image, 'modules'), { recursive: true });
  mkdirSync(join(image, 'bin'));
  run('cp', ['/bin/busybox', join(image, 'bin/busybox')]);
  const early = [...new Set(modules(BOOT_MODULES))];
  for (const file of early) run('cp', [file, join(image, 'modules')]);
  writeFileSync(join(image, 'init'), initScript(early.map((file) => basename(file))), { mode: 0o755 });
  writeFileSync(join(folder, 'later-modules'), [...new Set(modules(LATER_MODULES))].join('\n'));
  run('sh', ['-c', `find . | cpio -o -H newc --quiet | gzip -1 > ${join(folder, 'initrd.gz')}`], { cwd: image });
  const machine = spawnSync('qemu-system-x86_64', qemuArgs(join(kernel, `boot/vmlinuz-${version}`)), {
    encoding: 'utf8',
    timeout: MINUTES * 60_000,
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  say(
    machine.stdout
      .replace(/\r/g, '')
      .split('\n')
      .filter((line) => line.startsWith('vm: '))
      .join('\n'),
  );
  const passed = /^vm: passed \d+ of \d+$/m.test(machine.stdout.replace(/\r/g, ''));
  if (!passed) say(`cgroup2: FAILED; the machine's console ended with:\n${machine.stdout.slice(-3000)}`);
  return passed ? 0 : 1;
}

function qemuArgs(kernel) {
  return [
    ...[
      '-M',
      'q35',
      '-accel',
      'tcg,thread=multi',
      '-cpu',
      'max',
      '-smp',
      '2',
      '-m',
      '2048',
      '-display',
      'none',
      '-no-reboot',
      '-nodefaults',
    ],
    ...['-serial', 'stdio', '-kernel', kernel, '-initrd', join(folder, 'initrd.gz')],
    ...['-virtfs', 'local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap'],
    ...['-append', 'console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable'],
  ];
}

/** The machine's root: ours, read-only over 9p, with a tmpfs above. */
function initScript(modules) {
  return `#!/bin/busybox sh
b=/bin/busybox
$b mkdir -p /proc /sys /dev /low /up /new
$b mount -t proc proc /proc; $b mount -t sysfs sys /sys; $b mount -t devtmpfs dev /dev
for m in ${modules.join(' ')}; do $b insmod /modules/$m; done
$b mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,ro,cache=loose host /low
$b mount -t tmpfs tmpfs /up; $b mkdir /up/u /up/w
$b mount -t overlay -o lowerdir=/low,upperdir=/up/u,workdir=/up/w overlay /new
for d in proc sys dev; do $b mount --move /$d /new/$d; done
exec $b switch_root /new /bin/sh ${join(ROOT, 'test/vm/init.sh')} ${ROOT} ${folder} ${process.execPath}
`;
}

function has(program) {
  return (
    spawnSync('sh', ['-c', `command -v ${program}`], {
      stdio: 'ignore',
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    }).status === 0
  );
}

function run(program, args, options = {}) {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    ...options,
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
