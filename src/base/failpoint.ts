/**
 * Instants at which a test ends this process as a crash would: SIGKILL, nothing cleaned up.
 *
 * `BERTH_FAILPOINT=ROLE:NAME:N` kills at the N-th pass of that point in a
 * process of that role (`engine`, `command`; the executor reads it for
 * `monitor`). `BERTH_FAILPOINT_TRACE=FILE` writes a line `ROLE NAME` a pass, so
 * that all points of an operation can be counted first. Without either, a
 * point is one comparison.
 */
import { appendFileSync } from 'node:fs';

type Role = 'engine' | 'command';

let role: Role = 'command';
const armed = /^(\w+):(.+):(\d+)$/.exec(process.env.BERTH_FAILPOINT ?? '');
const trace = process.env.BERTH_FAILPOINT_TRACE;
const isOn = armed !== null || trace !== undefined;
let passes = 0;

/** The engine's process says so first. */
export function failpointsOf(own: Role): void {
  role = own;
}

/** `name`: what has just been done, or is about to be, e.g. `record.renamed`. */
export function failpoint(name: string): void {
  if (isOn) pass(name);
}

function pass(name: string): void {
  if (trace !== undefined) appendFileSync(trace, `${role} ${name}\n`);
  if (armed === null || armed[1] !== role || armed[2] !== name) return;
  passes += 1;
  if (passes === Number(armed[3])) process.kill(process.pid, 'SIGKILL');
}

/** What the executor has to know of it: nothing, but in a test. */
export function failpointEnvironment(): Record<string, string> {
  const { BERTH_FAILPOINT: point, BERTH_FAILPOINT_TRACE: file } = process.env;
  return { ...(point ? { BERTH_FAILPOINT: point } : {}), ...(file ? { BERTH_FAILPOINT_TRACE: file } : {}) };
}
