/** Memory of monitors, and of the engine with 100 containers. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, run } from './measure.mjs';
import { table, verdict } from './table.mjs';
import { writeStack } from './worlds.mjs';

export async function memoryBench({ folder, berth }) {
  const { command, env } = berth;
  const cwd = writeStack(join(folder, 'memory'), 100);
  run(command('up', '-d'), { env, cwd });
  const status = JSON.parse(run(command('engine', 'status', '--json'), { env, cwd }));
  const engineMiB = kib(status.Pid, 'Rss') / 1024;
  const monitors = pidsOf('berth-monitor').map((pid) => ({ rss: kib(pid, 'Rss'), pss: kib(pid, 'Pss') }));
  run(command('down'), { env, cwd });
  const pss = median(monitors.map((m) => m.pss)) / 1024;
  const rss = median(monitors.map((m) => m.rss)) / 1024;
  return `## Memory

${table(
  ['what', 'MiB'],
  [
    ['a monitor, its share (Pss), median of 100', pss.toFixed(2)],
    ['a monitor, resident with all shared pages (Rss)', rss.toFixed(2)],
    ['the engine with 100 containers (Rss)', engineMiB.toFixed(0)],
  ],
)}

${verdict('A monitor, resident, in MiB', rss, 0.5)}

${verdict('The engine with 100 containers, in MiB', engineMiB, 150)}
`;
}

function pidsOf(name) {
  return readdirSync('/proc').filter(
    (pid) =>
      /^\d+$/.test(pid) && readOr(`/proc/${pid}/comm`).trim() === name && readOr(`/proc/${pid}/smaps_rollup`) !== '',
  );
}

function kib(pid, field) {
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readOr(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
}

function readOr(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
