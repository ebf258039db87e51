/**
 * `npm run check`: types, lint and format, layers, dead code, unit tests; each as a process, in order, stopping at the first that fails.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const BIN = join(ROOT, 'node_modules/.bin');

export function check() {
  step('types', 'tsc', ['--noEmit', '-p', '.']);
  step('lint and format', 'biome', ['ci', '--colors=off', '--error-on-warnings', '.']);
  layers();
  step('dead code', 'knip', []);
  step('unit tests', 'vitest', ['run', '--project', 'unit']);
}

/** Green with no file looked at would be no check. */
function layers() {
  const output = step('layers', 'depcruise', ['--config', '.dependency-cruiser.cjs', 'src']);
  const modules = /\((\d+) modules/.exec(output)?.[1];
  if (Number(modules ?? 0) < 50) fail('layers', `only ${modules ?? 'no'} modules were looked at`);
}

function step(name, program, args) {
  const startedAt = performance.now();
  const { status, stdout, stderr } = spawnSync(join(BIN, program), args, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
  });
  const output = `${stdout}${stderr}`;
  if (status !== 0) fail(name, output);
  const counts = output.match(/^ *(Test Files|Tests) .*$/gm)?.map((line) => line.trim()) ?? [];
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(`ok   ${name} (${seconds} s)${counts.map((line) => `\n       ${line}`).join('')}\n`);
  return output;
}

function fail(name, output) {
  process.stdout.write(`FAIL ${name}\n${output}\n`);
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) check();
