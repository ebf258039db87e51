/**
 * `npm test`: what the host lacks, the build, the check, then host tests and end-to-end tests; ends with their counts.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check } from './check.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

run('sh', ['scripts/host-packages.sh', 'test']);
run(process.execPath, ['scripts/build.mjs']);
check();
if (process.geteuid() === 0) kernelTests([]);
else kernelTests(['sudo', '-E', 'env', `PATH=${process.env.PATH}`]);

/** Containers need root: the tests of the kernel's side run as root, the rest as who you are. */
function kernelTests(prefix) {
  const folder = mkdtempSync(join(tmpdir(), 'berth-report-'));
  const report = join(folder, 'report.json');
  const [program, ...args] = [
    ...prefix,
    join(ROOT, 'node_modules/.bin/vitest'),
    'run',
    '--project',
    'host',
    '--project',
    'e2e',
    '--project',
    'crash',
  ];
  const { status } = spawnSync(
    program,
    [...args, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    {
      cwd: ROOT,
      stdio: 'inherit',
    },
  );
  const { numTotalTests, numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, 'utf8'));
  rmSync(folder, { recursive: true, force: true });
  process.stdout.write(
    `host and end-to-end tests: ${numTotalTests} in all, ${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped\n`,
  );
  if (status !== 0 || numPassedTests === 0) process.exit(1);
}

function run(program, args) {
  const { status } = spawnSync(program, args, { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
