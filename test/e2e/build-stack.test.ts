/** `build:` in a stack file: built by `build` and `up`, in the right order, once; secrets stay outside. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('bstack');
});
afterEach(() => {
  world.berth('down', '-v');
  expect(world.leaks().filter((line) => !line.startsWith(`files: + ${world.dataRoot}`))).toEqual([]);
});
afterAll(() => {
  for (const { names } of JSON.parse(world.berth('image', 'ls', '--json').stdout) as { names: string[] }[]) {
    if (names[0] !== 'host') world.berth('image', 'rm', ...names);
  }
  world.berth('builder', 'prune', '--all');
  world.close();
});

test('up builds what is missing, and anew only with --build', () => {
  world.write('web/Dockerfile', 'FROM host\nCOPY page /page\nCMD ["sleep", "1000"]\n');
  world.write('web/page', 'one');
  world.write('stack.yaml', 'name: bs\nservices:\n  web:\n    build: ./web\n');
  const page = () => world.berth('exec', '-T', 'web', 'cat', '/page').stdout;

  expect(world.berth('up', '-d').code).toBe(0);
  const first = page();
  world.write('web/page', 'two');
  world.berth('up', '-d');
  const same = page();
  const rebuilt = world.berth('up', '-d', '--build');

  expect(rebuilt.code).toBe(0);
  expect([first, same, page()]).toEqual(['one', 'one', 'two']);
  expect(world.ps()[0]?.Service).toBe('web');
  expect(world.berth('image', 'ls', '--json').stdout).toContain('bs-web');
});

test('up --no-build names the service whose image is not there, and how to build it', () => {
  world.write('stack.yaml', 'name: nb\nservices:\n  web:\n    build: ./web\n');

  const up = world.berth('up', '-d', '--no-build');

  expect(up.code).toBe(1);
  expect(up.stderr).toContain('berth build web');
});

test('every attribute of build reaches the build', () => {
  world.write('all/sub/Own.dockerfile', 'FROM nothing\n');
  world.write('all/f', 'f');
  world.write('other/o', 'o');
  world.write('token', 'hush-hush-value');
  world.write(
    'stack.yaml',
    [
      'name: ba',
      'services:',
      '  base:',
      '    build:',
      '      context: ./all',
      '      dockerfile_inline: |',
      '        FROM host',
      '        RUN echo from-base > /base',
      '  all:',
      '    image: made/all:1',
      '    build:',
      '      context: ./all',
      '      dockerfile_inline: |',
      '        FROM basis AS one',
      '        ARG WHO EMPTY',
      '        COPY f /f',
      '        COPY --from=extra o /o',
      '        RUN test "$$WHO" = me && test "$$EMPTY" = "" && cat /base && grep -q 10.9.8.7 /etc/hosts',
      '        RUN --mount=type=secret,id=tok test "$$(wc -c < /run/secrets/tok)" = 15',
      '        RUN test "$$(ulimit -n)" = 321 && df -k /dev/shm | grep -q 8192',
      '        FROM host',
      '        RUN exit 7',
      '      target: one',
      '      args: {WHO: me}',
      '      labels: {kind: test}',
      '      tags: [made/all:2]',
      '      network: none',
      '      additional_contexts: {basis: "service:base", extra: ./other}',
      '      secrets: [{source: token, target: tok}]',
      '      extra_hosts: {far: 10.9.8.7}',
      '      ulimits: {nofile: 321}',
      '      shm_size: 8m',
      '      no_cache: true',
      '      platforms: ["linux/amd64"]',
      'secrets:',
      '  token: {file: ./token}',
      '',
    ].join('\n'),
  );

  const built = world.berth('build', 'all');

  expect(built.code === 0 ? '' : built.stderr).toBe('');
  expect(world.berth('image', 'ls', '--json').stdout).toMatch(/made\/all:2/);
  const config = JSON.parse(world.berth('image', 'inspect', 'made/all:1').stdout) as { config: { labels: unknown } };
  expect(config.config.labels).toEqual({ kind: 'test' });
  const files = readdirSync(world.dataRoot, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.filter((entry) => readFileSync(join(entry.parentPath, entry.name)).includes('hush-hush-value'))).toEqual(
    [],
  );
});

test('the same build for two services runs once', () => {
  const service = (name: string) => [
    `  ${name}:`,
    '    build:',
    '      context: .',
    '      dockerfile_inline: |',
    '        FROM host',
    '        RUN date +%N%s%N > /when && sleep 0.2',
  ];
  world.write('stack.yaml', ['name: once', 'services:', ...service('a'), ...service('b'), ''].join('\n'));

  const built = JSON.parse(world.berth('build', '--json').stdout) as { id: string; service: string }[];

  expect(built.map(({ service: name }) => name).sort()).toEqual(['a', 'b']);
  expect(new Set(built.map(({ id }) => id)).size).toBe(1);
});

test('run builds the image of its service first', () => {
  world.write('r/Dockerfile', 'FROM host\nRUN echo made > /made\n');
  world.write('stack.yaml', 'name: rb\nservices:\n  job:\n    build: ./r\n');

  const missing = world.berth('run', '--rm', '-T', 'job', 'cat', '/made');
  world.write('r/Dockerfile', 'FROM host\nRUN echo anew > /made\n');
  const anew = world.berth('run', '--rm', '-T', '--build', 'job', 'cat', '/made');

  expect([missing.stdout, anew.stdout]).toEqual(['made\n', 'anew\n']);
});

test('images that are built from each other are refused', () => {
  const service = (name: string, other: string) => [
    `  ${name}:`,
    '    build:',
    '      context: .',
    '      dockerfile_inline: FROM o',
    `      additional_contexts: {o: "service:${other}"}`,
  ];
  world.write('stack.yaml', ['name: cyc', 'services:', ...service('a', 'b'), ...service('b', 'a'), ''].join('\n'));

  const built = world.berth('build');

  expect(built.code).not.toBe(0);
  expect(built.stderr).toMatch(/built from each other|cycle/i);
});
