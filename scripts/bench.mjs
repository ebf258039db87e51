/**
 * `npm run bench`: measures berth beside its peers in one run and writes docs/benchmarks.md.
 *
 * Whole processes, in a network namespace of their own; medians with the
 * spread, ratios against the peer. BENCH_QUICK=1 takes fewer runs; `npm run bench network` prints that group alone.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildBench } from '../bench/builds.mjs';
import { commandBenches } from '../bench/commands.mjs';
import { configBench } from '../bench/config.mjs';
import { lifecycleBench } from '../bench/lifecycle.mjs';
import { logBench } from '../bench/logs.mjs';
import { has, run } from '../bench/measure.mjs';
import { memoryBench } from '../bench/memory.mjs';
import { networkBench } from '../bench/network.mjs';
import { pullBench } from '../bench/pull.mjs';
import { stackBenches } from '../bench/stacks.mjs';
import { startBench } from '../bench/start.mjs';
import { watchBench } from '../bench/watch.mjs';
import { berthWorld, dockerWorld, makeNamespace, makeRootfs, ROOT, runcBundle } from '../bench/worlds.mjs';

const quick = process.env.BENCH_QUICK === '1';
const folder = mkdtempSync(join(tmpdir(), 'berth-bench-'));
const namespace = makeNamespace(`berth-bench-${process.pid}`);
const sections = [];
let berth;
let docker;
try {
  const { root, tar } = makeRootfs(folder);
  berth = berthWorld(folder, namespace.enter, tar);
  docker = await dockerWorld(folder, namespace.enter, tar);
  const context = { folder, quick, berth, docker, bundle: runcBundle(folder, root), enter: namespace.enter };
  const all = {
    start: startBench,
    stacks: stackBenches,
    lifecycle: lifecycleBench,
    commands: commandBenches,
    config: configBench,
    builds: buildBench,
    pull: pullBench,
    memory: memoryBench,
    network: networkBench,
    logs: logBench,
    watch: watchBench,
  };
  const only = process.argv[2];
  const benches = only
    ? [all[only] ?? fail(`there is no benchmark ${only}: ${Object.keys(all).join(', ')}`)]
    : Object.values(all);
  for (const bench of benches) {
    const section = await bench(context);
    sections.push(section);
    process.stdout.write(`${section}\n`);
  }
  if (!only) writeFileSync(join(ROOT, 'docs/benchmarks.md'), page());
} finally {
  berth?.close();
  await docker?.close();
  namespace.close();
  rmSync(folder, { recursive: true, force: true });
}

function fail(message) {
  throw new Error(message);
}

function page() {
  const model = /model name\s*:\s*(.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? process.arch;
  const peers = [
    has('runc') ? run(['runc', '--version']).split('\n')[0] : undefined,
    docker && `dockerd ${docker.version}`,
    docker?.compose && `${docker.compose.join(' ')} ${run([...docker.compose, 'version', '--short']).trim()}`,
    has('podman') ? run(['podman', '--version']).trim() : undefined,
  ];
  return `# Benchmarks

Made by \`npm run bench\`; berth and its peers in the same run, whole processes, the same busybox root filesystem.
Median (fastest-slowest) in milliseconds unless another unit is named. A figure that falls short of its aim says so.

Machine: ${cpus().length} x ${model}, Linux ${release()}, Node ${process.versions.node}. Peers: ${peers.filter(Boolean).join(', ')}.

${sections.join('\n')}`;
}
