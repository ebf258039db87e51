/** Archives between berth, podman and Docker, the real ones: what each writes the others read, and the image's id stays. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rootfs } from '../host/image/image-world.ts';
import { eventually, type TestWorld, testWorld } from './test-world.ts';

const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

let world: TestWorld;
let id: string;
beforeAll(() => {
  world = testWorld('archives');
  writeFileSync(join(world.folder, 'rootfs.tar'), rootfs('one'));
  ok('image', 'import', '-c', 'CMD ["/bin/sh", "-c", "true"]', '-c', 'ENV A=1', 'rootfs.tar', 'team/app:1');
  ok('image', 'tag', 'team/app:1', 'ghcr.io/other/name:2');
  ok('save', '-o', 'ours.tar', 'team/app:1', 'ghcr.io/other/name:2');
  id = idOf('team/app:1');
});
afterAll(() => {
  for (const name of ['team/app:1', 'ghcr.io/other/name:2']) world.berth('rmi', name);
  world.close();
});

const ok = (...args: string[]) => {
  const { code, stdout, stderr } = world.berth(...args);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
};
type Inspected = { readonly id: string; readonly layers: readonly { readonly diffId: string }[] };
const inspect = (name: string) => JSON.parse(ok('image', 'inspect', '--json', name)) as Inspected;
const idOf = (name: string) => inspect(name).id;

test.skipIf(!has('podman'))('podman loads what we save under the same names and id, and we load what it saves', () => {
  const place = ['root', 'run'].map((name) => join(world.folder, 'podman', name));
  const podman = (...args: string[]) => {
    const store = ['--root', place[0]!, '--runroot', place[1]!, '--storage-driver', 'vfs', '--events-backend', 'none'];
    return execFileSync('podman', [...store, ...args], {
      cwd: world.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    }).toString();
  };
  const layers = inspect('team/app:1').layers.map(({ diffId }) => diffId);

  podman('load', '-q', '-i', 'ours.tar');

  const found = podman('images', '--no-trunc', '--format', '{{.Repository}}:{{.Tag}} {{.ID}}')
    .trim()
    .split('\n')
    .sort();
  expect(found).toEqual([`docker.io/team/app:1 ${id}`, `ghcr.io/other/name:2 ${id}`]);
  podman('save', '-q', '-o', 'docker-archive.tar', 'docker.io/team/app:1', 'ghcr.io/other/name:2', '-m');
  /* podman writes the config anew for this form: another id, the same content. */
  podman('save', '-q', '--format', 'oci-archive', '-o', 'oci-archive.tar', 'docker.io/team/app:1');
  ok('rmi', 'team/app:1', 'ghcr.io/other/name:2');
  expect(ok('load', '-i', 'docker-archive.tar')).toContain(`team/app:1 loaded  ${id}`);
  expect(idOf('ghcr.io/other/name:2')).toBe(id);
  ok('load', '--replace', '-i', 'oci-archive.tar');
  expect(inspect('team/app:1').layers.map(({ diffId }) => diffId)).toEqual(layers);
  ok('load', '--replace', '-i', 'ours.tar');
});

test.skipIf(!has('dockerd') || !has('docker'))('Docker loads what we save, and we load what it saves', async () => {
  const docker = await startDocker();
  try {
    docker.run('load', '-i', 'ours.tar');

    const found = docker.run('images', '--no-trunc', '--format', '{{.Repository}}:{{.Tag}} {{.ID}}');
    expect(found.trim().split('\n').sort()).toEqual([`ghcr.io/other/name:2 ${id}`, `team/app:1 ${id}`]);
    docker.run('save', '-o', 'docker.tar', 'team/app:1', 'ghcr.io/other/name:2');
    ok('rmi', 'team/app:1', 'ghcr.io/other/name:2');
    ok('load', '-i', 'docker.tar');
    expect([idOf('team/app:1'), idOf('ghcr.io/other/name:2')]).toEqual([id, id]);
  } finally {
    await docker.stop();
  }
});

/** In a network namespace that dies with it, with folders of its own. */
async function startDocker() {
  const folder = join(world.folder, 'docker');
  mkdirSync(folder);
  const host = `unix://${join(folder, 'sock')}`;
  const places = Object.entries({ '--data-root': 'data', '--exec-root': 'run', '--pidfile': 'pid' });
  const options = [
    '--host',
    host,
    '--iptables=false',
    '--bridge=none',
    ...places.flatMap(([flag, name]) => [flag, join(folder, name)]),
  ];
  const daemon: ChildProcess = spawn('unshare', ['-n', 'dockerd', ...options], {
    stdio: 'ignore',
  });
  const run = (...args: string[]) =>
    execFileSync('docker', ['--host', host, ...args], {
      cwd: world.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    }).toString();
  await eventually(() => spawnSync('docker', ['--host', host, 'version']).status === 0, 60_000);
  return {
    run,
    async stop() {
      daemon.kill('SIGTERM');
      await eventually(() => daemon.exitCode !== null || daemon.signalCode !== null, 60_000);
    },
  };
}

test('an image that stands on this machine is saved with a warning that says so', () => {
  world.write('Dockerfile', 'FROM host\nCOPY Dockerfile /made\n');
  ok('image', 'build', '-q', '-t', 'on-host', '.');

  const saved = world.berth('save', '-o', 'on-host.tar', 'on-host');

  expect(saved).toMatchObject({ code: 0, stderr: expect.stringContaining('warning: on-host is made FROM host') });
  expect(world.berth('save', '-o', 'ours.tar', 'team/app:1').stderr).toBe('');
  ok('rmi', 'on-host');
  ok('builder', 'prune', '-a');
});
