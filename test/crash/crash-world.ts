/**
 * One operation, killed at one instant: what the enumeration of crash points is made of.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BERTH, type Result, type TestWorld } from '../e2e/test-world.ts';

/** `engine file.renamed` and its n-th pass. */
export type CrashPoint = { readonly role: string; readonly name: string; readonly nth: number };

export type Operation = {
  readonly name: string;
  /** Brings the world to where the operation starts, from anywhere. */
  readonly prepare: (world: TestWorld) => void;
  readonly args: readonly string[];
};

/** Runs the operation on a fresh engine with failpoints as given. */
export function runWith(world: TestWorld, args: readonly string[], env: Readonly<Record<string, string>>): Result {
  world.berth('engine', 'stop');
  return world.inside('env', ...Object.entries(env).map(([key, value]) => `${key}=${value}`), BERTH, ...args);
}

/** Every point the operation passes, in the order of their first pass. */
export function pointsOf(world: TestWorld, operation: Operation): CrashPoint[] {
  operation.prepare(world);
  const trace = join(world.folder, '..', 'trace');
  rmSync(trace, { force: true });
  const { code, stderr } = runWith(world, operation.args, { BERTH_FAILPOINT_TRACE: trace });
  if (code !== 0) throw new Error(`${operation.name} fails without a crash: ${stderr}`);
  world.berth('engine', 'stop');
  return pointsIn(trace);
}

/** Of the file that BERTH_FAILPOINT_TRACE named. */
export function pointsIn(trace: string): CrashPoint[] {
  const counts = new Map<string, number>();
  const points: CrashPoint[] = [];
  for (const line of readFileSync(trace, 'utf8').split('\n').filter(Boolean)) {
    const nth = (counts.get(line) ?? 0) + 1;
    counts.set(line, nth);
    const [role = '', name = ''] = line.split(' ');
    /* A point of the monitors is armed in each of them: the first pass is the only one. */
    if (role !== 'monitor' || nth === 1) points.push({ role, name, nth });
  }
  return points;
}

export function pointText({ role, name, nth }: CrashPoint): string {
  return `${role}:${name}:${nth}`;
}

/** Every `step`-th of them, and the first of each kind. */
export function subsetOf(points: readonly CrashPoint[], step: number): CrashPoint[] {
  return points.filter((point, index) => index % step === 0 && (point.nth === 1 || index % (step * 2) === 0));
}
