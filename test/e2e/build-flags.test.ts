/** What `image build` takes and gives beyond folders and images: tars on both sides, files with digests, limits, words. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BERTH, eventually, type Result, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;
let context: string;

beforeAll(() => {
  world = testWorld('buildflags');
  context = join(world.folder, 'app');
  mkdirSync(join(context, 'sub'), { recursive: true });
  writeFileSync(join(context, 'f'), 'f');
  writeFileSync(join(context, 'ignored'), 'i');
  writeFileSync(join(context, '.dockerignore'), 'ignored\n.dockerignore\nDockerfile\nsub\n');
  writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nCOPY . /\n');
  writeFileSync(join(context, 'sub/Dockerfile'), 'FROM scratch\nCOPY f /other\n');
  execFileSync('tar', ['-C', context, '-czf', join(world.folder, 'context.tgz'), '.']);
});
afterAll(() => {
  world.berth('image', 'rm', 'made');
  world.berth('builder', 'prune', '--all');
  const left = world.leaks();
  world.close();
  expect(left.filter((line) => !line.startsWith('files: + '))).toEqual([]);
});

test('a tar is a context: as a file, on stdin, at an URL; a Dockerfile at an URL needs none', async () => {
  const tar = readFileSync(join(world.folder, 'context.tgz'));
  const server = spawn(
    'nsenter',
    [`--net=/run/netns/${world.netns}`, 'python3', '-m', 'http.server', '-b', '127.0.0.1', '-d', world.folder, '8098'],
    { stdio: 'ignore' },
  );
  await eventually(() => world.get('http://127.0.0.1:8098/').status === 200);
  try {
    writeFileSync(join(world.folder, 'Plain'), 'FROM scratch\nCOPY <<E /plain\nE\n');

    const listings = [
      listing(['context.tgz']),
      listing(['-'], tar),
      listing(['-f', 'sub/Dockerfile', '-'], tar),
      listing(['http://127.0.0.1:8098/context.tgz']),
      listing(['http://127.0.0.1:8098/Plain']),
      listing(['-'], Buffer.from('FROM scratch\nCOPY <<E /typed\nE\n')),
    ];

    expect(listings).toEqual(['f', 'f', 'other', 'f', 'plain', 'typed']);
  } finally {
    server.kill();
    await new Promise((resolve) => server.once('exit', resolve));
  }
  writeFileSync(join(world.folder, 'cut.tgz'), tar.subarray(0, 100));
  const cut = build('cut.tgz');
  const text = build(join(context, 'f'));
  expect([cut.code, text.code]).toEqual([1, 1]);
  expect(cut.stderr + text.stderr).not.toContain('bug in berth');
  expect(readdirSync(join(world.dataRoot, 'build/work'))).toEqual([]);
});

test('digests are written to files, annotations to the manifest', () => {
  const files = ['--iidfile', 'id', '--metadata-file', 'meta.json'];

  const built = build('-q', '-t', 'made', '--annotation', 'org.example.a=b', ...files, 'app');
  const inspected = JSON.parse(world.berth('image', 'inspect', '--json', 'made').stdout) as Record<string, string>;
  const manifest = JSON.parse(
    readFileSync(join(world.dataRoot, 'images/blobs/sha256', inspected.digest!.slice(7)), 'utf8'),
  ) as { annotations: unknown };

  expect(built.stdout).toBe(`${inspected.id}\n`);
  expect(readFileSync(join(world.folder, 'id'), 'utf8')).toBe(inspected.id);
  expect(JSON.parse(readFileSync(join(world.folder, 'meta.json'), 'utf8'))).toEqual({
    'containerimage.config.digest': inspected.id,
    'containerimage.digest': inspected.digest,
    'image.name': 'made',
  });
  expect(manifest.annotations).toEqual({ 'org.example.a': 'b' });
});

test('a step is held to its memory', () => {
  writeFileSync(
    join(world.folder, 'Greedy'),
    'FROM host\nRUN head -c 300000000 /dev/zero | tail -c 299999999 > /dev/null\n',
  );

  const free = build('-f', 'Greedy', 'app');
  const held = build('--no-cache', '-m', '64m', '-f', 'Greedy', 'app');

  expect(free.code === 0 ? '' : free.stderr).toBe('');
  expect(held.stderr).toContain('the step was ended by signal 9');
});

test('words that berth has one meaning for only are refused by name, or said to be without effect', () => {
  const refused = [
    ['--builder', 'other'],
    ['--isolation', 'hyperv'],
    ['--allow', 'security.insecure'],
    ['--push'],
    ['-o', 'type=oci,dest=x'],
    ['-o', 'type=docker,dest=x'],
    ['--annotation', 'index:a=b'],
    ['-m', '1k'],
    ['--json', '-o', '-'],
    ['--cache-to', 'type=gha'],
  ].map((flags) => build(...flags, 'app'));
  const taken = [
    '--builder',
    'default',
    '--load',
    '--allow',
    'network.host',
    '--provenance=false',
    '--sbom=true',
    '--rm',
  ];

  const built = build(...taken, '--progress', 'rawjson', 'app');

  expect(refused.map(({ code, stderr, stdout }) => (code === 2 ? 2 : stderr + stdout))).toEqual(refused.map(() => 2));
  expect(built.code).toBe(0);
  expect(built.stderr).toContain('warning: --sbom has no effect');
  expect(built.stderr).not.toContain('--provenance');
  expect(built.stderr).toContain('"kind":"step-done"');
});

function build(...args: string[]): Result {
  return world.berth('image', 'build', ...args);
}

/** Files of the result, which come as a tar on stdout. */
function listing(args: readonly string[], input?: Buffer): string {
  const run = spawnSync('nsenter', [`--net=/run/netns/${world.netns}`, BERTH, 'image', 'build', '-o', '-', ...args], {
    cwd: world.folder,
    env: world.env,
    input,
  });
  if (run.status !== 0) return run.stderr.toString();
  const names = execFileSync('tar', ['-t'], { input: run.stdout }).toString().trim().split('\n');
  return names.filter((name) => !name.endsWith('/')).join(' ');
}
