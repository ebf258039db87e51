/*
 * Row Load-1: many services on one network, a chain and a fan-out at its end. BERTH_LOAD=200 is the whole count.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestWorld, testWorld } from './test-world.ts';

const SERVICES = Number(process.env.BERTH_LOAD ?? 30);
const CHAIN = Math.ceil(SERVICES / 10);
const ENGINE_KIB = 300 * 1024;
const MONITOR_KIB = 3 * 1024;

let world: TestWorld;

beforeAll(() => {
  world = testWorld('load');
});
afterAll(() => world.close());

/** Each of the chain waits for the one before it, all others for its last. */
function stackText(): string {
  const needs = (index: number) => (index === 0 ? '' : `, depends_on: [s${Math.min(index, CHAIN) - 1}]`);
  const services = Array.from(
    { length: SERVICES },
    (_, n) => `  s${n}: {image: host, command: sleep 1000${needs(n)}}\n`,
  );
  return `services:\n${services.join('')}`;
}

function residentKiB(pid: string | number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
}

/** Monitors of this world: of its processes those that are named so. */
function monitors(): string[] {
  const parents = world.ps().map((row) => readFileSync(`/proc/${row.Pid}/stat`, 'utf8').split(' ')[3]!);
  return parents.filter((pid) => readdirSync('/proc').includes(pid));
}

test('a stack of many services comes up whole and in order, small in memory, and goes without a trace', () => {
  world.write('stack.yaml', stackText());

  const up = world.berth('up', '-d');
  const rows = world.ps();
  const memory = { engine: residentKiB(world.enginePid()), monitors: monitors().map(residentKiB) };
  const again = world.berth('up', '-d');
  const starts = world
    .berth('events', '--since', '1h', '--json')
    .stdout.split('\n')
    .filter((line) => line.includes('"action":"start"'))
    .map((line) => (JSON.parse(line) as { service: string }).service)
    .filter(Boolean);
  const down = world.berth('down', '-t', '0');

  expect(up.code).toBe(0);
  expect(rows.filter((row) => row.State === 'running')).toHaveLength(SERVICES);
  expect(new Set(rows.map((row) => row.Pid)).size).toBe(SERVICES);
  expect(starts.slice(0, CHAIN)).toEqual(Array.from({ length: CHAIN }, (_, n) => `s${n}`));
  expect(again.stdout).toContain('nothing to do');
  expect(memory.monitors).toHaveLength(SERVICES);
  expect(Math.max(...memory.monitors)).toBeLessThan(MONITOR_KIB);
  expect(memory.engine).toBeLessThan(ENGINE_KIB);
  expect(down.code).toBe(0);
  expect(world.leaks()).toEqual([]);
  if (SERVICES > 30)
    process.stdout.write(`engine ${memory.engine} KiB, monitors at most ${Math.max(...memory.monitors)} KiB\n`);
});
