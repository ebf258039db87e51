/**
 * Processes as the table that `ps -ef` makes of them.
 */
import type { ProcessRow } from '../runtime/process-list.ts';
import { tableLines } from './print-table.ts';

export function processTable(rows: readonly ProcessRow[]): string[] {
  return tableLines(
    ['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'],
    rows.map((row) => [
      String(row.uid),
      String(row.pid),
      String(row.ppid),
      String(row.cpuPercent),
      startText(row.startedAtMs),
      row.tty,
      timeText(row.cpuMs),
      row.command,
    ]),
  );
}

/** The time of today, the date of earlier days. */
function startText(startedAtMs: number): string {
  const start = new Date(startedAtMs);
  const today = new Date().toDateString() === start.toDateString();
  return today ? start.toTimeString().slice(0, 5) : start.toDateString().slice(4, 10);
}

/** `00:01:02` of CPU. */
function timeText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}
