/**
 * What a container uses at this moment: counters of its cgroup, and of its processes where no group counts.
 *
 * Version 2 counts CPU time in every group, controllers or not; version 1 only
 * where cpuacct is mounted together with cpu. Reads, never writes.
 */
import { readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { type CgroupHost, cgroupFolders } from './cgroup.ts';
import { type ProcessRow, readProcesses } from './process-list.ts';
import type { ContainerUsage } from './runtime.ts';

/** Counters of `path`; `pid` is a process inside, for its network's. */
export async function readUsage(host: CgroupHost, path: string, pid: number): Promise<ContainerUsage> {
  const rows = await readProcesses(await listPids(host, path));
  const [cpuNs, memory, network, io] = await Promise.all([
    cpuTime(host, path, rows),
    memoryUse(host, path),
    networkCounters(pid),
    Promise.all(rows.map((row) => ioCounters(row.pid))),
  ]);
  return {
    cpuNs,
    ...memory,
    ...network,
    readBytes: sum(io.map((one) => one.read)),
    writtenBytes: sum(io.map((one) => one.written)),
    pids: rows.length,
  };
}

/** Processes of `path`, by their numbers in this pid namespace. */
export async function listPids(host: CgroupHost, path: string): Promise<number[]> {
  for (const folder of cgroupFolders(host, path).reverse()) {
    const text = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => undefined);
    if (text !== undefined)
      return text
        .split('\n')
        .map(Number)
        .filter((pid) => pid > 0);
  }
  return [];
}

async function cpuTime(host: CgroupHost, path: string, rows: readonly ProcessRow[]): Promise<number> {
  if (host.v2 !== null) {
    const usec = fieldOf(await textOf(join(host.v2.root, path, 'cpu.stat')), 'usage_usec');
    if (usec !== undefined) return usec * 1000;
  }
  const root = host.v1.get('cpu');
  const counted = root === undefined ? undefined : await textOf(join(root, path, 'cpuacct.usage'));
  return counted ? Number(counted) : sum(rows.map((row) => row.cpuMs * 1e6));
}

async function memoryUse(host: CgroupHost, path: string): Promise<{ memoryBytes: number; memoryLimitBytes: number }> {
  const v1 = host.v1.get('memory');
  const root = v1 ?? host.v2?.root ?? '/nonexistent';
  const [used, limit, inactive] =
    v1 === undefined
      ? (['memory.current', 'memory.max', 'inactive_file'] as const)
      : (['memory.usage_in_bytes', 'memory.limit_in_bytes', 'total_inactive_file'] as const);
  const read = (name: string) => textOf(join(root, path, name));
  const [usage, most, stat] = await Promise.all([read(used), read(limit), read('memory.stat')]);
  /* Pages of files that nobody has used lately are given back when needed: people do not count them as used. */
  const bytes = Math.max(Number(usage ?? 0) - (fieldOf(stat, inactive) ?? 0), 0);
  const bound = Number(most);
  return {
    memoryBytes: bytes,
    memoryLimitBytes: Number.isFinite(bound) && bound > 0 ? Math.min(bound, totalmem()) : totalmem(),
  };
}

/** Of all interfaces but the loopback, as the process sees them. */
async function networkCounters(pid: number): Promise<{ receivedBytes: number; sentBytes: number }> {
  const lines = ((await textOf(`/proc/${pid}/net/dev`)) ?? '').split('\n').slice(2);
  const cards = lines.map((line) => line.trim().split(/[:\s]+/)).filter(([name]) => name && name !== 'lo');
  return { receivedBytes: sum(cards.map((c) => Number(c[1]))), sentBytes: sum(cards.map((c) => Number(c[9]))) };
}

async function ioCounters(pid: number): Promise<{ read: number; written: number }> {
  const text = (await textOf(`/proc/${pid}/io`))?.replaceAll(':', '');
  return { read: fieldOf(text, 'read_bytes') ?? 0, written: fieldOf(text, 'write_bytes') ?? 0 };
}

function fieldOf(text: string | undefined, name: string): number | undefined {
  const value = new RegExp(`^${name} (\\d+)$`, 'm').exec(text ?? '')?.[1];
  return value === undefined ? undefined : Number(value);
}

/** undefined when it is gone, or was never there. */
async function textOf(path: string): Promise<string | undefined> {
  return await readFile(path, 'utf8').catch(() => undefined);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
