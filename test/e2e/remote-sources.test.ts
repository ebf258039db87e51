/** Stacks whose files are in a git repository of another machine: here a git daemon on the world's own loopback. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BERTH, eventually, type TestWorld, testWorld } from './test-world.ts';
import { HAS_TMUX, terminalOf } from './tmux.ts';

const URL = 'git://127.0.0.1/team/shop.git';

let world: TestWorld;
let daemon: ChildProcess;
let repository: string;
const terminal = terminalOf(() => world);

beforeAll(async () => {
  world = testWorld('sources');
  repository = join(world.folder, 'served/team/shop.git');
  mkdirSync(repository, { recursive: true });
  git('init', '-q', '-b', 'main');
  commit('services: {db: {image: host, command: sleep 1001, volumes: [./conf:/conf]}}\n');
  const served = join(world.folder, 'served');
  const serve = ['--listen=127.0.0.1', `--base-path=${served}`, '--export-all', '--reuseaddr', served];
  /* Not by way of `git`, which would stay between us and it. */
  const program = join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-daemon');
  daemon = spawn('nsenter', [`--net=/run/netns/${world.netns}`, program, ...serve], {
    stdio: 'ignore',
  });
  await eventually(() => world.inside('git', 'ls-remote', URL).code === 0, 30_000);
});

afterAll(async () => {
  terminal.close();
  await endDaemon();
  world.berth('-p', 'shop', 'down');
  /* What was fetched is kept on purpose. */
  rmSync(join(world.dataRoot, 'sources'), { recursive: true, force: true });
  const leaks = world.leaks();
  world.close();
  expect(leaks).toEqual([]);
});

async function endDaemon(): Promise<void> {
  daemon.kill();
  await eventually(() => daemon.exitCode !== null || daemon.signalCode !== null);
}

function git(...args: string[]): void {
  execFileSync('git', ['-C', repository, '-c', 'user.name=me', '-c', 'user.email=me@example.org', ...args]);
}

function commit(stackFile: string): void {
  mkdirSync(join(repository, 'conf'), { recursive: true });
  writeFileSync(join(repository, 'conf/text'), stackFile);
  writeFileSync(join(repository, 'compose.yaml'), stackFile);
  git('add', '-A');
  git('commit', '-q', '-m', 'x');
}

test('without a terminal the line that names it is shown, and nothing is fetched', () => {
  world.write('stack.yaml', `services: {web: {image: host}}\ninclude:\n  - ${URL}#main\n`);

  const { code, stderr } = world.berth('config');
  const denied = world.inside('env', 'BERTH_REMOTE_SOURCES=deny', BERTH, 'config', '--yes');

  expect([code, denied.code]).toEqual([1, 1]);
  expect(denied.stderr).toContain('BERTH_REMOTE_SOURCES=deny forbids');
  expect(stderr).toContain(`--> stack.yaml:3:5`);
  expect(stderr).toContain('hint: add --yes, or set BERTH_REMOTE_SOURCES=allow');
  expect(world.inside('ls', join(world.dataRoot, 'sources')).code).not.toBe(0);
});

test.skipIf(!HAS_TMUX)('on a terminal it is asked, and a no is a no', async () => {
  terminal.open(`${BERTH} config -q`);
  await terminal.shows('Fetch it? [yN]');
  terminal.type('n', 'Enter');

  expect(await terminal.exitCode()).toBe('1');
  expect(terminal.screen('-J').join('\n')).toContain('you said no');
});

test('an include and an extends of it are read, and positions name the files that were fetched', () => {
  world.write(
    'stack.yaml',
    `services: {web: {extends: {file: "${URL}#main", service: db}, user: me}}\ninclude: ["${URL}#main:compose.yaml"]\n`,
  );

  const all = world.berth('config', '--yes', '--format', 'json');
  const where = world.berth('config', '--where');

  const { services } = JSON.parse(all.stdout) as { services: Record<string, { volumes: { source: string }[] }> };
  const conf = join(world.dataRoot, 'sources/git/127.0.0.1/team/shop', commitNow(), 'shop/conf');
  expect(Object.values(services).map(({ volumes }) => volumes[0]?.source)).toEqual([conf, conf]);
  expect(where.stdout).toMatch(/^services\.db\.image: .*\/sources\/git\/.*\/shop\/compose\.yaml:1:/m);
  expect(readdirSync(join(world.dataRoot, 'sources/unfinished'))).toEqual([]);
});

const commitNow = () => execFileSync('git', ['-C', repository, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();

/* The quick way of `up -d` saw files on this disk that were as before, and a stack from another folder. */
test('up takes a new commit over, as the same stack; what runs is found and ended without the other machine', async () => {
  world.env.COMPOSE_FILE = `${URL}#main`;
  world.env.BERTH_REMOTE_SOURCES = 'allow';
  expect(world.berth('up', '-d')).toMatchObject({ code: 0 });
  const [first] = world.ps();
  commit('services: {db: {image: host, command: sleep 1002, volumes: [./conf:/conf]}}\n');

  const again = world.berth('up', '-d');
  const [second] = world.ps();
  const text = world.berth('exec', '-T', 'db', 'cat', '/conf/text');

  expect([again.code, again.stderr.includes('another folder')]).toEqual([0, false]);
  expect([first?.Name, second?.Name, first?.ID === second?.ID]).toEqual(['shop-db-1', 'shop-db-1', false]);
  expect(text.stdout).toContain('sleep 1002');
  await endDaemon();
  const offline = world.berth('up', '-d');
  expect([offline.code, offline.stderr]).toEqual([1, expect.stringContaining(`with #${commitNow()} instead`)]);
  expect(world.inside('env', `COMPOSE_FILE=${URL}#${commitNow()}`, BERTH, 'up', '-d')).toMatchObject({ code: 0 });
  expect(world.berth('logs')).toMatchObject({ code: 0 });
  expect(world.berth('down')).toMatchObject({ code: 0 });
  expect(world.ps()).toEqual([]);
});
