/**
 * Finds what a test left behind: takes a snapshot before, and names every difference after.
 *
 * Looks at the kernel, not at berth, and only at what can be this test's own, so that others on the machine do not matter: processes, network namespaces, links, addresses, routes, nft rules, mounts,
 * cgroups, sockets, sysctls, and files under the test's own roots.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { rootsAt } from '../../src/base/roots.ts';

export type Snapshot = ReadonlyMap<string, readonly string[]>;

/** `netns`: name of the test's own network namespace, whose insides are looked at too. */
export function takeSnapshot(netns: string, roots: readonly [data: string, run: string]): Snapshot {
  const { tag } = rootsAt(...roots);
  const pids = ourPids(roots, tag);
  const inside = ['nsenter', `--net=/run/netns/${netns}`];
  return new Map<string, readonly string[]>([
    ['processes', pids.map(describe)],
    ['network namespaces', namespaces(pids).filter((ns) => ns !== `net:[${statSync(`/run/netns/${netns}`).ino}]`)],
    ['links', lines([...inside, 'ip', '-o', 'link']).map((l) => l.split(':')[1]!.trim())],
    ['host links', lines(['ip', '-o', 'link']).filter((l) => new RegExp(`: [bv]t?${tag}`).test(l))],
    ['addresses', lines([...inside, 'ip', '-o', 'addr']).map((l) => l.replace(/^\d+:\s*/, ''))],
    ['routes', lines([...inside, 'ip', 'route', 'show', 'table', 'all'])],
    ['nft rules', lines([...inside, 'nft', 'list', 'ruleset'])],
    ['host nft rules', lines(['nft', 'list', 'ruleset']).filter((l) => l.includes(`_${tag}`))],
    ['mounts', readLines('/proc/self/mountinfo').filter((l) => roots.some((r) => l.includes(r)))],
    ['cgroups', cgroups(tag)],
    ['sockets', readLines('/proc/net/unix').filter((l) => roots.some((r) => l.includes(r)) || /@.*berth/.test(l))],
    ['forwarding', lines([...inside, 'cat', '/proc/sys/net/ipv4/ip_forward'])],
    ['files', roots.flatMap((root) => filesBelow(root))],
  ]);
}

/** Every difference as `KIND: + LINE` or `KIND: - LINE`. */
export function differences(before: Snapshot, after: Snapshot): string[] {
  return [...after].flatMap(([kind, now]) => {
    const then = before.get(kind) ?? [];
    const added = subtract(now, then).map((line) => `${kind}: + ${line}`);
    /* What others on this machine end meanwhile is not ours to say. */
    const ofOthers = ['processes', 'network namespaces', 'cgroups'].includes(kind);
    const gone = ofOthers ? [] : subtract(then, now).map((line) => `${kind}: - ${line}`);
    return [...added, ...gone];
  });
}

function subtract(list: readonly string[], other: readonly string[]): string[] {
  const rest = [...other];
  return list.filter((line) => {
    const at = rest.indexOf(line);
    if (at < 0) return true;
    rest.splice(at, 1);
    return false;
  });
}

function lines(command: readonly string[]): string[] {
  const text = execFileSync(command[0]!, command.slice(1), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return text.split('\n').filter((line) => line !== '');
}

function readLines(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n').filter(Boolean);
}

/** Processes that carry one of the roots, hold a file below one, or are in one of our cgroups. */
function ourPids(roots: readonly string[], tag: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    const command = readOrEmpty(`/proc/${pid}/cmdline`);
    /* A zombie has let go of everything; when init collects it is not ours to say. */
    if (command.includes('vitest') || /^State:\s+Z/m.test(readOrEmpty(`/proc/${pid}/status`))) return false;
    if (readOrEmpty(`/proc/${pid}/cgroup`).includes(`/berth-${tag}`)) return true;
    const traces = [command, readOrEmpty(`/proc/${pid}/environ`), ...openFiles(pid)];
    return roots.some((root) => traces.some((trace) => trace.includes(root)));
  });
}

function openFiles(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  } catch {
    return [];
  }
}

function describe(pid: string): string {
  return `${pid} ${readOrEmpty(`/proc/${pid}/comm`).trim()} ${readOrEmpty(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()}`;
}

function namespaces(pids: readonly string[]): string[] {
  const found = new Set<string>();
  for (const pid of pids) {
    try {
      found.add(readlinkSync(`/proc/${pid}/ns/net`));
    } catch {
      /* It has ended meanwhile. */
    }
  }
  return [...found].sort();
}

function cgroups(tag: string): string[] {
  const root = '/sys/fs/cgroup';
  const controllers = existsSync(`${root}/cgroup.controllers`)
    ? [root]
    : readdirSync(root).map((name) => join(root, name));
  return controllers.flatMap((controller) => {
    if (!existsSync(controller)) return [];
    const names = readdirSync(controller, { withFileTypes: true }).filter(
      (e) => e.isDirectory() && e.name.startsWith(`berth-${tag}`),
    );
    return names.flatMap(({ name }) => [join(controller, name), ...foldersBelow(join(controller, name))]);
  });
}

function foldersBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((e) => e.isDirectory())
    .map((e) => join(folder, e.name));
}

/** Caches that outlive a stack on purpose are named here, and nothing else is. */
const KEPT = [
  /\/data\/boot$/,
  /\/host-image(\/|$)/,
  /\/oci-layout$/,
  /\/index\.json$/,
  /\/engine\.(log|lock|sock)$/,
  /\/events\/events\./,
  /* Outlives its container on purpose. */
  /\/data\/logs\//,
  /\/data\/(images\/)?reserve$/,
];

function filesBelow(root: string): string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((e) => !e.isDirectory())
    .map((e) => join(e.parentPath, e.name))
    .filter((path) => !KEPT.some((pattern) => pattern.test(path)))
    .sort();
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
