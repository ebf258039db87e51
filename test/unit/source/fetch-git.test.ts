/** Repositories are fetched from a real git server on loopback; consent and cache are looked at from outside. */
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type FetchedSource, fetchSource, type SourceOptions } from '../../../src/source/fetch-source.ts';
import { loadStack } from '../../../src/stackfile/load-stack.ts';
import { type GitServer, gitServer } from './git-server.ts';

let server: GitServer;
let dataRoot: string;
let asked: string[];

beforeEach(async () => {
  server = await gitServer();
  dataRoot = mkdtempSync(join(tmpdir(), 'berth-sources-'));
  asked = [];
});

afterEach(async () => {
  await server.close();
  rmSync(dataRoot, { recursive: true, force: true });
});

const fetchIt = async (fragment: string, more: Partial<SourceOptions> = {}) =>
  await fetchSource(`${server.url}${fragment}`, {
    dataRoot,
    env: { HOME: dataRoot },
    consent: async (_title, version) => void asked.push(version ?? 'first contact'),
    ...more,
  });
const load = async (fetched: FetchedSource) =>
  await loadStack({
    cwd: dataRoot,
    env: {},
    files: [server.url],
    sources: new Map([[server.url, fetched]]),
    profiles: [],
    envFiles: [],
  });

test('a branch, a tag, a commit and the default branch; asked for once for each commit, kept by commit', async () => {
  server.write('compose.yaml', 'services: {web: {image: host, command: one, volumes: [./data:/data]}}\n');
  const one = server.commit();
  server.git('tag', '-a', 'v1', '-m', 'x');
  const first = await fetchIt('#main');
  server.write('compose.yaml', 'services: {web: {image: host, command: two}}\n');
  const two = server.commit();

  const second = await fetchIt('');
  const tagged = await fetchIt('#v1');
  const requests = server.count();
  const fixed = await fetchIt(`#${two}`);
  const remembered = await fetchIt('#main', { lastIsEnough: true });

  expect(asked).toEqual(['first contact', two]);
  expect([first.root, tagged.root, remembered.root].map((root) => root.includes(one))).toEqual([true, true, true]);
  expect(fixed.root).toBe(second.root);
  /* A commit that is there, and what a branch was the last time, need no server. */
  expect(server.count()).toBe(requests);
  expect(readdirSync(join(dataRoot, 'sources')).sort()).toEqual(['git', 'names', 'unfinished']);
  expect(readdirSync(join(dataRoot, 'sources/unfinished'))).toEqual([]);
  const { stack } = await load(first);
  expect(stack).toMatchObject({ name: 'shop', projectDir: first.root, files: [join(first.root, 'compose.yaml')] });
  expect(stack.services[0]).toMatchObject({ command: ['one'], mounts: [{ source: join(first.root, 'data') }] });
});

/* The time for fetching ran while the question was on the screen. */
test('a person may think as long as they like', async () => {
  server.commit();
  const limits: number[] = [];
  const timeout = vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    limits.push(ms);
    return new AbortController().signal;
  });

  await fetchIt('#main', { consent: async () => void limits.push(0), limitMs: 60_000 }).finally(() =>
    timeout.mockRestore(),
  );

  expect(limits).toEqual([0, 60_000, 60_000]);
});

test('by ssh: the program of the person is called with the host, never with an option', async () => {
  server.write('compose.yaml', 'services: {web: {image: host}}\n');
  server.commit();
  const ssh = join(dataRoot, 'ssh.sh');
  const log = join(dataRoot, 'log');
  const serve = `#!/bin/sh\n[ "$1" = -G ] && exit 1\necho "$@" >> ${log}\ncd ${server.folder}/.. && eval "$2"\n`;
  writeFileSync(ssh, serve, { mode: 0o755 });

  const fetched = await fetchSource('git@host.example:shop.git#main', {
    dataRoot,
    env: { HOME: dataRoot, GIT_SSH_COMMAND: ssh },
    consent: async () => {},
  });

  expect(fetched.root).toMatch(/\/sources\/git\/host\.example\/shop\/[0-9a-f]{40}\/shop$/);
  expect(new Set(readFileSync(log, 'utf8').trim().split('\n'))).toEqual(
    new Set(["git@host.example git-upload-pack 'shop.git'"]),
  );
});

test('without consent nothing is asked of the server and nothing is written', async () => {
  server.commit();
  const consent = async () => {
    throw new Error('no');
  };

  await expect(fetchIt('#main', { consent })).rejects.toThrow('no');

  expect(server.count()).toBe(0);
  expect(readdirSync(dataRoot)).toEqual([]);
});

test('nothing of a hostile repository is run, and its links and submodules lead nowhere', async () => {
  const canary = join(dataRoot, 'canary');
  server.write('compose.yaml', 'services: {web: {image: host, env_file: out}}\n');
  server.write('.gitattributes', '* filter=evil\n');
  server.write('.githooks/post-checkout', `#!/bin/sh\ntouch ${canary}\n`);
  server.write('.gitmodules', `[submodule "m"]\n\tpath = m\n\turl = ext::sh -c "touch ${canary}"\n`);
  symlinkSync('/etc/passwd', join(server.folder, 'out'));
  symlinkSync('/etc', join(server.folder, 'folder'));
  server.git('add', '-A');
  server.git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},m`);
  server.git('commit', '-q', '-m', 'x');
  const evil = `touch ${canary}; cat`;
  const config = join(dataRoot, '.gitconfig');
  writeFileSync(config, `[filter "evil"]\n\tsmudge = ${evil}\n[core]\n\thooksPath = .githooks\n`);

  const fetched = await fetchIt('#main');

  expect(existsSync(canary)).toBe(false);
  expect(readdirSync(fetched.root)).toContain('compose.yaml');
  expect(readdirSync(fetched.root)).not.toContain('.git');
  expect(lstatSync(join(fetched.root, 'out')).isSymbolicLink()).toBe(true);
  expect(readdirSync(join(fetched.root, 'm'))).toEqual([]);
  await expect(load(fetched)).rejects.toThrow(/out leads out of what was fetched, to \/etc\/passwd/);
  await expect(load({ ...fetched, path: 'out' })).rejects.toThrow(/leads out of what was fetched/);
  await expect(load({ ...fetched, path: 'folder/hosts' })).rejects.toThrow(/leads out of what was fetched/);
});

test('what can not be fetched is said in words, and leaves nothing half', async () => {
  server.write('compose.yaml', 'services: {}\n');
  server.commit();

  await expect(fetchIt('#none')).rejects.toMatchObject({ code: 'SOURCE_FAILED', message: /it has no none$/ });
  await expect(fetchIt(`#${'1'.repeat(40)}`)).rejects.toMatchObject({ code: 'SOURCE_FAILED' });
  await expect(fetchIt('#main', { limitMs: 1 })).rejects.toThrow(/it took too long/);
  const gone = fetchSource('http://me:s3cret@127.0.0.1:1/team/shop.git', {
    dataRoot,
    env: {},
    consent: async () => {},
  });
  await expect(gone).rejects.toThrow(
    /^http:\/\/\*\*\*@127.0.0.1:1\/team\/shop.git can not be fetched: .*(?<!s3cret)$/s,
  );

  expect(existsSync(join(dataRoot, 'sources/git'))).toBe(false);
  expect(readdirSync(join(dataRoot, 'sources/unfinished'))).toEqual([]);
});

test('a small repository of ten thousand million files, or of a huge one again and again, is refused before it is written', async () => {
  server.write('compose.yaml', 'services: {}\n');
  const file = server.git('hash-object', '-w', 'compose.yaml');
  const names = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  let tree = server.tree(names.map((name) => `100644 blob ${file}\t${name}`));
  for (let depth = 1; depth < 10; depth++) tree = server.tree(names.map((name) => `040000 tree ${tree}\t${name}`));
  server.git('update-ref', 'refs/heads/bomb', server.git('commit-tree', '-m', 'x', tree));
  server.write('huge', '');
  truncateSync(join(server.folder, 'huge'), 20 * 1024 * 1024);
  const huge = server.git('hash-object', '-w', 'huge');
  const often = server.tree(Array.from({ length: 30 }, (_, at) => `100644 blob ${huge}\t${at}`));
  server.git('update-ref', 'refs/heads/large', server.git('commit-tree', '-m', 'x', often));

  await expect(fetchIt('#bomb')).rejects.toThrow(/it is too large/);
  await expect(fetchIt('#large')).rejects.toThrow(/it has 30 files of 629145600 bytes/);

  expect(existsSync(join(dataRoot, 'sources/git'))).toBe(false);
});

test('a subfolder has its own stack file; one that is missing is named', async () => {
  server.write('deploy/stack.yaml', 'services: {web: {image: host}}\n');
  server.commit();

  const { stack } = await load(await fetchIt('#main:deploy'));

  expect(stack.name).toBe('deploy');
  await expect(load(await fetchIt('#main'))).rejects.toThrow(/has no stack file at its top/);
  expect(readFileSync(stack.files[0]!, 'utf8')).toContain('web');
});
