/** Times whole processes; medians, spread and ratios. */
import { spawnSync } from 'node:child_process';

/** Milliseconds of each of `runs` runs; `prepare` and `after` are not counted. Fails when a run fails. */
export function timeCommand([program, ...args], { runs, warm = 1, prepare, after, ...options }) {
  const times = [];
  for (let i = -warm; i < runs; i++) {
    prepare?.();
    const start = process.hrtime.bigint();
    const { status, stderr } = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], ...options });
    const ms = Number(process.hrtime.bigint() - start) / 1e6;
    if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
    after?.();
    if (i >= 0) times.push(ms);
  }
  return times;
}

/** Milliseconds of processor time of each run, the kernel's part with it: what others do meanwhile counts little. */
export function cpuOfCommand([program, ...args], { runs, warm = 1, ...options }) {
  const script = 'TIMEFORMAT="%3U %3S"; time "$0" "$@" >/dev/null';
  const times = [];
  for (let i = -warm; i < runs; i++) {
    const { status, stderr } = spawnSync('bash', ['-c', script, program, ...args], { encoding: 'utf8', ...options });
    if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
    const [user, system] = stderr.trim().split('\n').at(-1).split(' ');
    if (i >= 0) times.push((Number(user) + Number(system)) * 1000);
  }
  return times;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** `12.3 (10.1-15.0)`. */
export function spread(values) {
  const digits = median(values) < 100 ? 1 : 0;
  const text = (value) => value.toFixed(digits);
  return `${text(median(values))} (${text(Math.min(...values))}-${text(Math.max(...values))})`;
}

export function run([program, ...args], options = {}) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28, ...options });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr || stdout}`);
  return stdout;
}

export function has(program) {
  return spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;
}
