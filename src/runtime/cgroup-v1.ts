/**
 * Values of a cgroup in the version 1 hierarchies -> ops.
 *
 * Owns what is peculiar to version 1: a cpuset group must be given memory
 * nodes before a process may join it. Never writes outside our own groups.
 */
import { dirname, join } from 'node:path';
import type { CgroupHost, Setting } from './cgroup.ts';
import { type Op, op } from './op.ts';

/** Writes of one setting below `dir`. */
export function v1Ops(host: CgroupHost, dir: string, setting: Setting): Op[] {
  const name = setting.optional ? 'cgroup-try-write' : 'cgroup-write';
  const writes = setting.v1.map(([file, value]) =>
    op(name, [join(dir, file), value], `setting the ${setting.what}`, setting.origin),
  );
  if (setting.v1.some(([file]) => file === 'cpu.rt_runtime_us')) return [...realtimeOfParent(host, dir), ...writes];
  if (setting.controller !== 'cpuset') return writes;
  // Joining a cpuset group whose mems are empty is ENOSPC.
  return [
    op('cgroup-write', [join(dir, 'cpuset.mems'), host.cpuset?.mems ?? '0'], 'setting the memory nodes'),
    ...writes,
  ];
}

/** A group can not have more realtime than its parent, and ours begins with none; sched-rt-group.rst of the kernel. */
function realtimeOfParent({ realtimeUs }: CgroupHost, dir: string): Op[] {
  if (realtimeUs === undefined) return [];
  return [
    op(
      'cgroup-try-write',
      [join(dirname(dir), 'cpu.rt_runtime_us'), String(realtimeUs)],
      'taking realtime of the machine',
    ),
  ];
}
