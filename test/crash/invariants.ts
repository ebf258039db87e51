/**
 * What must hold after an operation that was killed has been repeated.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { TestWorld } from '../e2e/test-world.ts';

export type Expected = {
  /** Containers by service. */
  readonly running: Readonly<Record<string, number>>;
  /** URL that has to answer, and with what. */
  readonly answers: Readonly<Record<string, string>>;
  /** Pids by container name that must be those from before. */
  readonly untouched: Readonly<Record<string, number>>;
};

/** Everything that is not as it must be; empty when all is well. */
export function violations(world: TestWorld, expected: Expected): string[] {
  return [
    ...planViolations(world),
    ...containerViolations(world, expected),
    ...answerViolations(world, expected),
    ...monitorViolations(world, expected),
  ];
}

function planViolations(world: TestWorld): string[] {
  const { code, stdout, stderr } = world.berth('plan');
  return code === 0 ? [] : [`a second plan is not empty (exit ${code}): ${stdout}${stderr}`];
}

function containerViolations(world: TestWorld, { running, untouched }: Expected): string[] {
  const rows = world.ps();
  const wrong = Object.entries(running).flatMap(([service, count]) => {
    const own = rows.filter((row) => row.Service === service && row.State === 'running');
    return own.length === count ? [] : [`${own.length} of ${count} containers of ${service} run`];
  });
  const total = Object.values(running).reduce((sum, count) => sum + count, 0);
  const moved = Object.entries(untouched).flatMap(([name, pid]) => {
    const row = rows.find((r) => r.Name === name);
    return row?.Pid === pid ? [] : [`${name} was pid ${pid} and is ${row?.Pid ?? 'gone'}`];
  });
  const doubled = rows.length === total ? [] : [`${rows.length} containers instead of ${total}`];
  return [
    ...wrong,
    ...moved,
    ...doubled,
    ...addressViolations(
      world,
      rows.map((r) => r.Pid),
    ),
  ];
}

function addressViolations(world: TestWorld, pids: readonly number[]): string[] {
  const addresses = pids.filter((pid) => pid > 0).map((pid) => addressOf(world, pid));
  const doubles = addresses.filter((address, index) => addresses.indexOf(address) !== index);
  return doubles.map((address) => `two containers have the address ${address}`);
}

function addressOf(world: TestWorld, pid: number): string {
  const { stdout } = world.inside(
    'nsenter',
    '-t',
    String(pid),
    '-n',
    'ip',
    '-4',
    '-o',
    'addr',
    'show',
    'scope',
    'global',
  );
  return /inet (\S+)/.exec(stdout)?.[1] ?? `none in pid ${pid}`;
}

function answerViolations(world: TestWorld, { answers }: Expected): string[] {
  return Object.entries(answers).flatMap(([url, body]) => {
    const got = world.get(url).body;
    return got === body ? [] : [`${url} answers ${JSON.stringify(got)} instead of ${JSON.stringify(body)}`];
  });
}

/** One monitor a container: more are strays, fewer are containers that nobody looks after. */
function monitorViolations(world: TestWorld, { running }: Expected): string[] {
  const total = Object.values(running).reduce((sum, count) => sum + count, 0);
  const monitors = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && isMonitorOf(world, pid));
  return monitors.length === total ? [] : [`${monitors.length} monitors for ${total} containers`];
}

function isMonitorOf(world: TestWorld, pid: string): boolean {
  try {
    if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('berth-monitor')) return false;
    return readdirSync(`/proc/${pid}/fd`).some((fd) => isBelow(world.runRoot, readlinkSync(`/proc/${pid}/fd/${fd}`)));
  } catch {
    return false;
  }
}

function isBelow(folder: string, path: string): boolean {
  return path.startsWith(`${folder}/`);
}
