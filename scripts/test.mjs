/**
 * `npm test`: what the host lacks, the build, the check, then host tests and end-to-end tests; ends with their counts.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check } from './check.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
/** More than that is no accident. */
const MOST_UNSTEADY = 3;

run('sh', ['scripts/host-packages.sh', 'test']);
run(process.execPath, ['scripts/build.mjs']);
check();
if (process.geteuid() === 0) kernelTests([]);
else kernelTests(['sudo', '-E', 'env', `PATH=${process.env.PATH}`]);

/**
 * Containers need root: the tests of the kernel's side run as root, the rest as who you are.
 *
 * They are timed by a machine that does other things as well. A few that fail
 * get a second try, alone; one that passes then is named as unsteady.
 */
function kernelTests(prefix) {
  const first = runTests(prefix, ['--project', 'host', '--project', 'e2e', '--project', 'crash']);
  say(
    `host and end-to-end tests: ${first.total} in all, ${first.passed} passed, ${first.failed.length} failed, ${first.skipped} skipped`,
  );
  if (first.status === 0 && first.passed > 0) return;
  if (first.failed.length === 0 || first.failed.length > MOST_UNSTEADY) process.exit(1);
  say(`a second try, alone, for:\n${first.failed.map(({ name }) => `  ${name}`).join('\n')}`);
  const files = new Set(first.failed.map(({ file }) => file));
  const second = runTests(prefix, [...files, '--no-file-parallelism']);
  if (second.status !== 0) process.exit(1);
  for (const { name } of first.failed) say(`UNSTEADY ${name}: failed beside others, passed alone`);
}

function runTests(prefix, args) {
  const folder = mkdtempSync(join(tmpdir(), 'berth-report-'));
  const report = join(folder, 'report.json');
  const [program, ...words] = [...prefix, join(ROOT, 'node_modules/.bin/vitest'), 'run', ...args];
  const { status } = spawnSync(
    program,
    [...words, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    { cwd: ROOT, stdio: 'inherit' },
  );
  const { numTotalTests, numPassedTests, numPendingTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  rmSync(folder, { recursive: true, force: true });
  return {
    status,
    total: numTotalTests,
    passed: numPassedTests,
    skipped: numPendingTests,
    failed: testResults.flatMap(failures),
  };
}

/** A file that fails as a whole (its hooks, its imports) has no test of its own that failed. */
function failures({ name: file, status, assertionResults }) {
  const failed = assertionResults.filter((test) => test.status === 'failed');
  if (failed.length === 0 && status === 'failed') return [{ file, name: relative(ROOT, file) }];
  return failed.map((test) => ({ file, name: `${relative(ROOT, file)} > ${test.fullName}` }));
}

function say(text) {
  process.stdout.write(`${text}\n`);
}

function run(program, args) {
  const { status } = spawnSync(program, args, { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
