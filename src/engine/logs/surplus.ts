/**
 * Which logs of a service have been kept long enough.
 *
 * Pure. Only logs whose container is gone are counted, and only they go.
 */
import type { LogKeep } from '../../model/service-logs.ts';
import type { KeptRun } from './kept-runs.ts';

/** What goes of one service's runs. Newer ones stay before older ones; nothing is kept of a run that said nothing. */
export function surplusRuns(runs: readonly KeptRun[], keep: LogKeep, nowMs: number): KeptRun[] {
  const seen = new Map<number, number>();
  let bytes = 0;
  return runs
    .toSorted((a, b) => (a.endedAt < b.endedAt ? 1 : -1))
    .filter((run) => {
      if (run.bytes === 0) return true;
      /* Replicas each have their own; one-off runs are counted together. */
      const newer = seen.get(run.replica) ?? 0;
      seen.set(run.replica, newer + 1);
      bytes += run.bytes;
      return newer >= keep.count || bytes > keep.bytes || Date.parse(run.endedAt) < nowMs - keep.ageMs;
    });
}
