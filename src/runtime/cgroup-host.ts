/**
 * What this machine's cgroups can do, and our parent group in them.
 *
 * Reads mountinfo (given as text, so that a fake tree can stand in). Makes the
 * parent group and nothing else; the values of groups that are not ours are
 * left alone, except that on a pure version 2 machine the root must hand its
 * controllers down (cgroup.subtree_control) for ours to have any.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../base/errors.ts';
import type { CgroupHost } from './cgroup.ts';

/** Controllers that berth sets values in, by version. */
const V1_CONTROLLERS = new Set(['cpu', 'cpuset', 'memory', 'pids', 'devices', 'freezer', 'blkio']);
const V2_CONTROLLERS = ['cpu', 'cpuset', 'memory', 'pids', 'io'];

/** Reads what is mounted and makes `parent` in every hierarchy in use. */
export async function openCgroups(mountinfo: string, parent: string): Promise<CgroupHost> {
  const { v1, v2Root } = parseMounts(mountinfo);
  for (const root of new Set(v1.values())) await mkdir(join(root, parent), { recursive: true });
  const cpusetRoot = v1.get('cpuset');
  return {
    v1,
    v2: v2Root === null ? null : { root: v2Root, controllers: await openV2(v2Root, parent) },
    cpuset: cpusetRoot === undefined ? null : await copyCpuset(cpusetRoot, parent),
    weights: {
      v1: firstThere(v1.get('blkio'), parent, ['blkio.weight', 'blkio.bfq.weight']),
      v2: firstThere(v2Root ?? undefined, parent, ['io.bfq.weight', 'io.weight']),
    },
    realtimeUs: await realtimeOf(v1.get('cpu')),
  };
}

/** Which files of a weight there are depends on the kernel's configuration and the schedulers that are loaded. */
function firstThere(root: string | undefined, parent: string, files: readonly string[]): string | null {
  if (root === undefined) return null;
  return files.find((file) => existsSync(join(root, parent, file))) ?? null;
}

/** Mount points of version 1 controllers and of version 2 (proc_pid_mountinfo(5): fields behind " - "). */
export function parseMounts(mountinfo: string): { v1: Map<string, string>; v2Root: string | null } {
  const v1 = new Map<string, string>();
  let v2Root: string | null = null;
  for (const line of mountinfo.split('\n')) {
    const [before, after] = line.split(' - ');
    if (before === undefined || after === undefined) continue;
    const point = unescapeOctal(before.split(' ')[4] ?? '');
    const [type, , options] = after.split(' ');
    if (type === 'cgroup2') v2Root ??= point;
    if (type !== 'cgroup') continue;
    for (const name of (options ?? '').split(',')) {
      if (V1_CONTROLLERS.has(name) && !v1.has(name)) v1.set(name, point);
    }
  }
  return { v1, v2Root };
}

/** mountinfo writes blanks in paths as octal. */
function unescapeOctal(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/** The controllers that children of `parent` may use: those of ours that the tree has, handed down twice. */
async function openV2(root: string, parent: string): Promise<ReadonlySet<string>> {
  const folder = join(root, parent);
  await mkdir(folder, { recursive: true });
  const here = await readWords(join(root, 'cgroup.controllers'));
  const wanted = V2_CONTROLLERS.filter((name) => here.has(name));
  if (wanted.length === 0) return new Set();
  for (const dir of [root, folder]) await handDown(dir, wanted);
  return await readWords(join(folder, 'cgroup.subtree_control'));
}

async function handDown(dir: string, wanted: readonly string[]): Promise<void> {
  const file = join(dir, 'cgroup.subtree_control');
  const enabled = await readWords(file);
  for (const name of wanted.filter((word) => !enabled.has(word))) {
    try {
      await writeFile(file, `+${name}`);
    } catch (error) {
      // A group with processes of its own can not hand down (EBUSY), a delegated one lacks controllers (ENOENT): then a
      // container that asks for one is told so.
      if (!['EBUSY', 'ENOENT', 'EOPNOTSUPP', 'EINVAL', 'EACCES', 'EPERM'].includes(errnoOf(error) ?? '')) throw error;
    }
  }
}

async function readWords(file: string): Promise<ReadonlySet<string>> {
  try {
    return new Set((await readFile(file, 'utf8')).split(/\s+/).filter((word) => word !== ''));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return new Set();
    throw error;
  }
}

/** Only kernels with CONFIG_RT_GROUP_SCHED share it out. */
async function realtimeOf(root: string | undefined): Promise<number | undefined> {
  if (root === undefined) return undefined;
  const text = await readFile(join(root, 'cpu.rt_runtime_us'), 'utf8').catch(() => '');
  return text === '' ? undefined : Number(text);
}

/** A new cpuset group is empty in version 1: ours gets all that its parent has. */
async function copyCpuset(root: string, parent: string): Promise<{ cpus: string; mems: string }> {
  let dir = root;
  let cpus = (await readFile(join(dir, 'cpuset.cpus'), 'utf8')).trim();
  let mems = (await readFile(join(dir, 'cpuset.mems'), 'utf8')).trim();
  for (const name of parent.split('/')) {
    dir = join(dir, name);
    cpus = await copyDown(join(dir, 'cpuset.cpus'), cpus);
    mems = await copyDown(join(dir, 'cpuset.mems'), mems);
  }
  return { cpus, mems };
}

async function copyDown(file: string, value: string): Promise<string> {
  const own = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (own !== '') return own;
  await writeFile(file, value);
  return value;
}
