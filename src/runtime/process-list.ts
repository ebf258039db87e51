/**
 * Processes as /proc shows them: what `top` prints of a container.
 *
 * Numbers and users are those of this machine, not of the container. proc_pid_stat(5).
 */
import { readFile, readlink, stat } from 'node:fs/promises';

export type ProcessRow = {
  readonly pid: number;
  readonly ppid: number;
  readonly uid: number;
  readonly tty: string;
  readonly cpuMs: number;
  /** Share of one CPU since its start, in whole percent. */
  readonly cpuPercent: number;
  readonly startedAtMs: number;
  readonly command: string;
};

/** Linux counts in hundredths of a second for everybody who asks (USER_HZ). */
const TICK_MS = 10;

/** Rows of those that still live, in the order of `pids`. */
export async function readProcesses(pids: readonly number[]): Promise<ProcessRow[]> {
  const uptimeMs = Number((await readFile('/proc/uptime', 'utf8')).split(' ')[0]) * 1000;
  const rows = await Promise.all(pids.map((pid) => readProcess(pid, uptimeMs).catch(() => undefined)));
  return rows.filter((row) => row !== undefined);
}

async function readProcess(pid: number, uptimeMs: number): Promise<ProcessRow> {
  const [text, commandLine, { uid }, tty] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/cmdline`, 'utf8'),
    stat(`/proc/${pid}`),
    readlink(`/proc/${pid}/fd/0`).catch(() => ''),
  ]);
  /* The name stands in brackets and may hold any bytes, brackets too. */
  const end = text.lastIndexOf(')');
  const fields = text.slice(end + 2).split(' ');
  const cpuMs = (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  const ranMs = uptimeMs - Number(fields[19]) * TICK_MS;
  const name = text.slice(text.indexOf('(') + 1, end);
  return {
    pid,
    ppid: Number(fields[1]),
    uid,
    tty: Number(fields[4]) === 0 ? '?' : tty.replace('/dev/', '') || '?',
    cpuMs,
    cpuPercent: ranMs > 0 ? Math.floor((cpuMs / ranMs) * 100) : 0,
    startedAtMs: Date.now() - ranMs,
    command: commandLine.replaceAll('\0', ' ').trim() || `[${name}]`,
  };
}
