/** The package as it is published: packed, installed into an empty folder, and a container run from there. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REPO, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;
let folder: string;

beforeAll(() => {
  world = testWorld('package');
  folder = mkdtempSync(join(tmpdir(), 'berth-pack-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  world.close();
});

const canCross = spawnSync('aarch64-linux-gnu-gcc', ['--version']).status === 0;

test('the tarball carries all it needs: no compiler, no dependency, both architectures', { timeout: 120_000 }, () => {
  if (canCross) execFileSync(process.execPath, ['scripts/build.mjs', '--pack'], { cwd: REPO });
  const packed = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
      cwd: REPO,
      encoding: 'utf8',
    }),
  ) as {
    filename: string;
    files: { path: string }[];
  }[];
  const { filename, files } = packed[0]!;
  const paths = files.map((file) => file.path);
  mkdirSync(join(folder, 'empty'));
  writeFileSync(join(folder, 'empty/package.json'), '{"name":"empty","private":true}');

  execFileSync('npm', ['install', '--offline', '--no-audit', '--no-fund', join(folder, filename)], {
    cwd: join(folder, 'empty'),
    encoding: 'utf8',
  });
  const berth = join(folder, 'empty/node_modules/.bin/berth');
  world.write(
    'stack.yaml',
    'services:\n  one:\n    image: host\n    command: ["sh", "-c", "echo from the package; sleep 100"]\n',
  );
  const up = world.inside(berth, 'up', '-d');
  const exec = world.inside(berth, 'exec', '-T', 'one', 'echo', 'inside');
  const down = world.inside(berth, 'down');
  world.inside(berth, 'engine', 'stop');

  expect(paths).toEqual(
    expect.arrayContaining([
      'bin/berth',
      'dist/main.cjs',
      'dist/daemon.cjs',
      'schema.json',
      'LICENSE',
      'README.md',
      'dist/executor/berth-executor-x64',
    ]),
  );
  if (canCross) expect(paths).toContain('dist/executor/berth-executor-arm64');
  expect([up.code, exec.stdout, down.code], up.stderr).toEqual([0, 'inside\n', 0]);
});
