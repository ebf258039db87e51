/**
 * `npm run test:soak`: a stack of three services up and down again and again; what grows is named.
 *
 * BERTH_CYCLES says how often (1000). Runs in a network namespace and state roots of its own. Fails when the engine's
 * memory or descriptors grow, or when anything is left: processes, cgroups, network namespaces, links, files.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CYCLES = Number(process.env.BERTH_CYCLES ?? 1000);
/** Of the first tenth nothing is counted: caches fill, the compiler is at work. */
const WARM_UP = Math.max(5, Math.floor(CYCLES / 10));
const MAX_KIB_PER_CYCLE = 10;
const BERTH = join(dirname(fileURLToPath(import.meta.url)), '../bin/berth');

const STACK = `services:
  db: {image: host, command: sleep 1000, volumes: ["data:/data"], healthcheck: {test: [CMD, "true"]}}
  web: {image: host, command: sleep 1000, ports: ["80"], depends_on: {db: {condition: service_healthy}}}
  job: {image: host, command: "true"}
volumes: {data: {}}
`;

const base = mkdtempSync(join(tmpdir(), 'berth-soak-'));
const netns = `berth-soak-${process.pid}`;
const env = { ...process.env, BERTH_DATA_ROOT: join(base, 'data'), BERTH_RUN_ROOT: join(base, 'run') };
mkdirSync(join(base, 'soak'));
writeFileSync(join(base, 'soak', 'stack.yaml'), STACK);
execFileSync('ip', ['netns', 'add', netns]);
execFileSync('ip', ['-n', netns, 'link', 'set', 'lo', 'up']);
let broken;
try {
  broken = soak();
} finally {
  berth('down', '-v');
  berth('engine', 'stop');
  execFileSync('ip', ['netns', 'del', netns]);
  rmSync(base, { recursive: true, force: true });
}
for (const line of broken) process.stdout.write(`broken: ${line}\n`);
process.stdout.write(`${broken.length === 0 ? 1 : 0} passed, ${broken.length} failed\n`);
process.exitCode = broken.length === 0 ? 0 : 1;

function soak() {
  berth('ls');
  const pid = JSON.parse(berth('engine', 'status', '--json')).Pid;
  const samples = [];
  for (let cycle = 1; cycle <= CYCLES; cycle++) {
    const startedAt = performance.now();
    berth('up', '-d', '--wait');
    berth('down', '-v');
    samples.push({ ms: performance.now() - startedAt, ...sample(pid) });
    if (cycle % Math.max(1, Math.floor(CYCLES / 20)) === 0) say(cycle, samples.at(-1));
  }
  return verdict(samples);
}

function sample(pid) {
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1];
  const links = execFileSync('ip', ['-n', netns, '-o', 'link'], { encoding: 'utf8' }).trim().split('\n').length;
  return {
    rssKiB: Number(rss),
    fds: readdirSync(`/proc/${pid}/fd`).length,
    containers: readdirSync(join(base, 'data', 'containers')).length,
    states: readdirSync(join(base, 'run', 'c')).length,
    links,
  };
}

function verdict(samples) {
  const counted = samples.slice(WARM_UP);
  const first = counted[0];
  const last = counted.at(-1);
  const slope = slopeOf(counted.map((s) => s.rssKiB));
  process.stdout.write(`memory ${slope.toFixed(2)} KiB a cycle, first ${first.rssKiB} KiB, last ${last.rssKiB} KiB\n`);
  const same = ['fds', 'containers', 'states', 'links'].flatMap((key) =>
    last[key] > first[key] ? [`${key} grew from ${first[key]} to ${last[key]}`] : [],
  );
  return [...same, ...(slope > MAX_KIB_PER_CYCLE ? [`memory grows by ${slope.toFixed(1)} KiB a cycle`] : [])];
}

/** Least squares. */
function slopeOf(values) {
  const mean = (list) => list.reduce((sum, v) => sum + v, 0) / list.length;
  const middle = (values.length - 1) / 2;
  const average = mean(values);
  const above = values.reduce((sum, v, i) => sum + (i - middle) * (v - average), 0);
  return above / values.reduce((sum, _, i) => sum + (i - middle) ** 2, 0);
}

function say(cycle, { ms, rssKiB, fds }) {
  process.stdout.write(`${cycle}: ${ms.toFixed(0)} ms, engine ${rssKiB} KiB, ${fds} descriptors\n`);
}

function berth(...args) {
  const { stdout, stderr, status } = spawnSync('nsenter', [`--net=/run/netns/${netns}`, BERTH, ...args], {
    cwd: join(base, 'soak'),
    env,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`berth ${args.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}
