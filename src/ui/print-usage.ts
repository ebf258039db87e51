/**
 * What containers use, as the rows of `stats`: rates are the difference of two samples.
 */

import { printBytes } from '../base/bytes.ts';
import type { UsageSample } from '../engine/answers.ts';
import { shortened } from './container-rows.ts';
import { tableLines } from './print-table.ts';

export type UsageRow = {
  readonly ID: string;
  readonly Container: string;
  readonly Name: string;
  readonly CPUPerc: string;
  readonly MemUsage: string;
  readonly MemPerc: string;
  readonly NetIO: string;
  readonly BlockIO: string;
  readonly PIDs: string;
};

/** Headings of the fields in a template's table. */
export const USAGE_HEADINGS = {
  ID: 'CONTAINER ID',
  Container: 'CONTAINER',
  CPUPerc: 'CPU %',
  MemUsage: 'MEM USAGE / LIMIT',
  MemPerc: 'MEM %',
  NetIO: 'NET I/O',
  BlockIO: 'BLOCK I/O',
  PIDs: 'PIDS',
} as const;

/** docker's field names; 100 % of CPU is one CPU. */
export function usageRows(before: UsageSample, now: UsageSample, noTrunc: boolean): UsageRow[] {
  const ns = Math.max(now.atNs - before.atNs, 1);
  return now.containers.map(({ id, name, running, usage }) => {
    const earlier = before.containers.find((one) => one.id === id)?.usage ?? usage;
    const cpu = Math.max(usage.cpuNs - earlier.cpuNs, 0) / ns;
    const memory = usage.memoryLimitBytes > 0 ? usage.memoryBytes / usage.memoryLimitBytes : 0;
    const both = (a: number, b: number) => `${printBytes(a).replace(' ', '')} / ${printBytes(b).replace(' ', '')}`;
    return {
      ID: noTrunc ? id : id.slice(0, 12),
      Container: id,
      Name: noTrunc ? name : shortened(name, 60),
      CPUPerc: running ? percentText(cpu) : '--',
      MemUsage: running ? both(usage.memoryBytes, usage.memoryLimitBytes) : '-- / --',
      MemPerc: running ? percentText(memory) : '--',
      NetIO: running ? both(usage.receivedBytes, usage.sentBytes) : '--',
      BlockIO: running ? both(usage.readBytes, usage.writtenBytes) : '--',
      PIDs: running ? String(usage.pids) : '--',
    };
  });
}

export function usageTable(rows: readonly UsageRow[]): string[] {
  return tableLines(
    ['CONTAINER ID', 'NAME', 'CPU %', 'MEM USAGE / LIMIT', 'MEM %', 'NET I/O', 'BLOCK I/O', 'PIDS'],
    rows.map((r) => [r.ID, r.Name, r.CPUPerc, r.MemUsage, r.MemPerc, r.NetIO, r.BlockIO, r.PIDs]),
  );
}

function percentText(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}
