/**
 * Scripts as people wrote them for docker compose, run with the name swapped.
 *
 * Each checks what it does by itself (`set -e`) and runs in a folder of its own with the stack beside them.
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { BERTH, type TestWorld, testWorld } from './test-world.ts';

const SCRIPTS = join(dirname(fileURLToPath(import.meta.url)), 'compose-scripts');
const NAMES = readdirSync(SCRIPTS)
  .filter((name) => name.endsWith('.sh'))
  .map((name) => name.replace('.sh', ''));

let world: TestWorld;

beforeAll(() => {
  world = testWorld('scripts');
});
afterEach(() => {
  for (const name of JSON.parse(world.berth('ls', '-a', '--json').stdout) as { Name: string }[]) {
    world.berth('-p', name.Name, 'down', '-v', '--remove-orphans', '-t', '0');
  }
  expect(world.leaks()).toEqual([]);
});
afterAll(() => world.close());

function run(name: string, text: string) {
  const folder = join(world.folder, name);
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(SCRIPTS, 'compose.yaml'), join(folder, 'compose.yaml'));
  const swapped = text.replaceAll('docker compose', BERTH);
  writeFileSync(join(folder, 'script.sh'), `set -eu\ncd ${folder}\n${swapped}\necho all is well\n`);
  return world.inside('bash', join(folder, 'script.sh'));
}

test('there are scripts to run', () => {
  expect(NAMES.length).toBeGreaterThanOrEqual(15);
});

test('a script that is wrong is noticed', () => {
  const result = run('wrong', 'docker compose up -d db\ntest "$(docker compose ps -q db)" = nothing\n');

  expect([result.code, result.stdout]).toEqual([1, '']);
});

test.each(NAMES)('%s', (name) => {
  const result = run(name, readFileSync(join(SCRIPTS, `${name}.sh`), 'utf8'));

  expect([result.stdout.trimEnd().split('\n').at(-1), result.code, result.stderr]).toEqual([
    'all is well',
    0,
    expect.any(String),
  ]);
});
