/**
 * What this machine can do, each lack with its remedy.
 *
 * Reads only; every check stands alone, so that one that throws hides no other.
 */
import { constants, existsSync } from 'node:fs';
import { access, readdir, readFile, statfs } from 'node:fs/promises';
import { release } from 'node:os';
import { dirname } from 'node:path';
import type { Roots } from '../base/roots.ts';
import { runCommand } from '../base/run-command.ts';
import type { DoctorCheck, DoctorReport } from './answers.ts';

type Finding = Omit<DoctorCheck, 'name'>;
type Check = { readonly name: string; readonly look: (roots: Roots) => Promise<Finding> };

const CHECKS: readonly Check[] = [
  { name: 'kernel', look: kernel },
  { name: 'cgroups', look: cgroups },
  { name: 'overlayfs', look: () => filesystem('overlay') },
  { name: 'namespaces', look: namespaces },
  { name: 'seccomp', look: seccomp },
  { name: 'iproute2', look: () => program('ip', ['-V'], 'iproute2') },
  { name: 'nftables', look: () => program('nft', ['--version'], 'nftables') },
  { name: 'forwarding', look: forwarding },
  { name: 'dns', look: dns },
  { name: 'other firewalls', look: otherFirewalls },
  { name: 'disk space', look: diskSpace },
];

export async function examineHost(roots: Roots): Promise<DoctorReport> {
  const checks = await Promise.all(CHECKS.map(async ({ name, look }) => ({ name, ...(await attempt(look, roots)) })));
  return { ok: checks.every((c) => c.status !== 'missing'), checks };
}

async function attempt(look: Check['look'], roots: Roots): Promise<Finding> {
  try {
    return await look(roots);
  } catch (error) {
    return {
      status: 'warning',
      found: `could not be examined: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

/** 5.12: mount_setattr(2), the newest call that the executor can not do without. */
async function kernel(): Promise<Finding> {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  const found = `Linux ${release()}`;
  if (major > 5 || (major === 5 && minor >= 12)) return { status: 'ok', found };
  return { status: 'missing', found, remedy: 'berth needs Linux 5.12 or newer: upgrade the kernel' };
}

async function cgroups(): Promise<Finding> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  const v1 = [...mounts.matchAll(/ - cgroup \S+ (\S+)$/gm)].flatMap((m) => m[1]!.split(','));
  const v2 = [...mounts.matchAll(/^\S+ \S+ \S+ \S+ (\S+) .* - cgroup2 /gm)].map((m) => m[1]!);
  const v2Controllers = v2[0] ? (await readFile(`${v2[0]}/cgroup.controllers`, 'utf8')).trim().split(/\s+/) : [];
  const all = new Set([...v1, ...v2Controllers]);
  const kind = v1.length === 0 ? 'cgroup v2' : v2.length > 0 ? 'cgroup v1 (hybrid)' : 'cgroup v1';
  const lacking = ['cpu', 'memory', 'pids'].filter((name) => !all.has(name));
  const found = `${kind}: ${['cpu', 'cpuset', 'memory', 'pids', 'devices', 'freezer'].filter((n) => all.has(n)).join(', ')}`;
  if (v1.length === 0 && v2.length === 0)
    return { status: 'missing', found: 'not mounted', remedy: 'mount -t cgroup2 none /sys/fs/cgroup' };
  if (lacking.length === 0) return { status: 'ok', found };
  return {
    status: 'warning',
    found,
    remedy: `limits that need ${lacking.join(', ')} are refused: enable them in the kernel or its command line`,
  };
}

async function filesystem(name: string): Promise<Finding> {
  const known = (await readFile('/proc/filesystems', 'utf8')).split('\n').some((line) => line.endsWith(`\t${name}`));
  return known
    ? { status: 'ok', found: `${name} is there` }
    : { status: 'missing', found: `${name} is not known to the kernel`, remedy: `modprobe ${name}` };
}

async function namespaces(): Promise<Finding> {
  const present = await readdir('/proc/self/ns');
  const wanted = ['pid', 'mnt', 'net', 'uts', 'ipc', 'cgroup'];
  const lacking = wanted.filter((name) => !present.includes(name));
  if (lacking.length === 0) return { status: 'ok', found: wanted.join(', ') };
  return {
    status: 'missing',
    found: `no ${lacking.join(', ')} namespaces`,
    remedy: 'use a kernel that is built with them',
  };
}

async function seccomp(): Promise<Finding> {
  const status = await readFile('/proc/self/status', 'utf8');
  if (/^Seccomp:/m.test(status)) return { status: 'ok', found: 'filters work' };
  return { status: 'missing', found: 'not built into the kernel', remedy: 'use a kernel with CONFIG_SECCOMP_FILTER' };
}

async function program(name: string, args: readonly string[], pack: string): Promise<Finding> {
  try {
    const { stdout } = await runCommand(name, args);
    return { status: 'ok', found: stdout.trim().split('\n')[0] ?? name };
  } catch {
    return {
      status: 'missing',
      found: `${name} is not installed`,
      remedy: `apt-get install ${pack} (dnf install ${pack}, apk add ${pack})`,
    };
  }
}

async function forwarding(): Promise<Finding> {
  const value = (await readFile('/proc/sys/net/ipv4/ip_forward', 'utf8')).trim();
  try {
    await access('/proc/sys/net/ipv4/ip_forward', constants.W_OK);
  } catch {
    return {
      status: 'missing',
      found: `ip_forward is ${value} and can not be changed here`,
      remedy: 'run as root on the host',
    };
  }
  return { status: 'ok', found: value === '1' ? 'on' : 'off: berth switches it on while a stack needs it' };
}

async function dns(): Promise<Finding> {
  const text = await readFile('/etc/resolv.conf', 'utf8');
  const servers = [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map((m) => m[1]);
  if (servers.length > 0) return { status: 'ok', found: `names outside a stack are asked of ${servers.join(', ')}` };
  return {
    status: 'warning',
    found: 'no nameserver in /etc/resolv.conf',
    remedy: 'containers find each other, but no name outside: add a nameserver',
  };
}

async function otherFirewalls(): Promise<Finding> {
  const { stdout } = await runCommand('nft', ['list', 'tables'], { check: false });
  const bridged = await readFile('/proc/sys/net/bridge/bridge-nf-call-iptables', 'utf8').catch(() => '0');
  const docker =
    /docker/i.test(stdout) || (await runCommand('ip', ['link', 'show', 'docker0'], { check: false })).exitCode === 0;
  if (!docker) return { status: 'ok', found: 'none that drops forwarded packets of ours was found' };
  const how = bridged.trim() === '1' ? ' and filters bridged packets' : '';
  return {
    status: 'ok',
    found: `Docker's firewall is here${how}: berth adds accept rules for its own bridges to DOCKER-USER`,
  };
}

async function diskSpace(roots: Roots): Promise<Finding> {
  const stats = await statfs(firstThatExists(roots.data));
  const gib = (stats.bavail * stats.bsize) / 1024 ** 3;
  const found = `${gib.toFixed(1)} GiB free below ${roots.data}`;
  if (gib >= 1) return { status: 'ok', found };
  return { status: 'warning', found, remedy: 'free some space, or move the data root with BERTH_DATA_ROOT' };
}

/** Before the first stack the data root is not there yet; what counts is the disk it will be on. */
function firstThatExists(path: string): string {
  return existsSync(path) ? path : firstThatExists(dirname(path));
}
