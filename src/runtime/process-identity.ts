/**
 * Which process a number means: its start time, and the namespaces it lives in.
 *
 * Reads /proc only. A pid alone is never believed: numbers are used again.
 */
import { readFile, readlink } from 'node:fs/promises';
import { errnoOf } from '../base/errors.ts';

/** Clock ticks a second that /proc counts in; USER_HZ is 100 on every architecture we run on. */
const TICKS_PER_SECOND = 100;

/** Field 22 of /proc/PID/stat, or undefined when there is no such process (a zombie is none). */
export async function readStartTime(pid: number): Promise<number | undefined> {
  const text = await readProc(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // Field 2 is the command in parentheses and may itself hold blanks and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : Number(fields[19]);
}

/** Wall-clock time at which a process with that start time began; the clock's later corrections count as if made before. */
export async function startedAtOf(startTime: number): Promise<string> {
  const uptime = Number((await readFile('/proc/uptime', 'utf8')).split(' ')[0]);
  return new Date(Date.now() - uptime * 1000 + (startTime / TICKS_PER_SECOND) * 1000).toISOString();
}

const KINDS = ['user', 'pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup', 'time'];

/** Kinds of namespaces in which `pid` lives elsewhere than we do; what an exec has to enter. */
export async function foreignNamespaces(pid: number): Promise<string[]> {
  const differs = await Promise.all(
    KINDS.map(async (kind) => (await namespaceOf(pid, kind)) !== (await namespaceOf('self', kind))),
  );
  return KINDS.filter((_, index) => differs[index]);
}

async function namespaceOf(pid: number | 'self', kind: string): Promise<string | undefined> {
  try {
    return await readlink(`/proc/${pid}/ns/${kind}`);
  } catch (error) {
    // A kernel without that kind has no such link for anybody.
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function readProc(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return undefined;
    throw error;
  }
}
