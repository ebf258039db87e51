/**
 * Where berth and its peers run: one network namespace, state folders on tmpfs or disk as given, the same busybox root.
 */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { has, run } from './measure.mjs';

export const ROOT = join(import.meta.dirname, '..');
const APPLETS = ['sh', 'sleep', 'true', 'echo', 'cat', 'seq', 'yes', 'head', 'awk', 'date'];

/** A root of busybox alone, and its tar. */
export function makeRootfs(folder) {
  const root = join(folder, 'rootfs');
  for (const name of ['bin', 'etc', 'proc', 'sys', 'dev', 'tmp', 'root'])
    mkdirSync(join(root, name), { recursive: true });
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
  chmodSync(join(root, 'bin/busybox'), 0o755);
  for (const applet of APPLETS) symlinkSync('busybox', join(root, 'bin', applet));
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  const tar = join(folder, 'rootfs.tar');
  run(['tar', '-C', root, '-cf', tar, '.']);
  return { root, tar };
}

/** A network namespace of its own for everything that is measured. */
export function makeNamespace(name) {
  run(['ip', 'netns', 'add', name]);
  run(['ip', '-n', name, 'link', 'set', 'lo', 'up']);
  return { enter: ['nsenter', `--net=/run/netns/${name}`], close: () => spawnSync('ip', ['netns', 'del', name]) };
}

export function berthWorld(folder, enter, tar) {
  const env = {
    ...process.env,
    BERTH_DATA_ROOT: join(folder, 'data'),
    BERTH_RUN_ROOT: join(folder, 'run'),
    NO_COLOR: '1',
  };
  delete env.NODE_EXTRA_CA_CERTS;
  const command = (...args) => [...enter, join(ROOT, 'bin/berth'), ...args];
  run(command('image', 'import', tar, 'busybox'), { env });
  return {
    env,
    command,
    socket: join(folder, 'run/engine.sock'),
    close: () => spawnSync(enter[0], command('engine', 'stop').slice(1), { env }),
  };
}

/** A dockerd of our own with the same root as image; undefined where there is none, or where it does not start. */
export async function dockerWorld(folder, enter, tar) {
  if (!has('dockerd') || !has('docker')) return undefined;
  const host = `unix://${join(folder, 'docker.sock')}`;
  const env = { ...process.env, DOCKER_HOST: host };
  const [program, ...args] = [
    ...enter,
    'dockerd',
    '--host',
    host,
    '--data-root',
    join(folder, 'docker'),
    '--exec-root',
    join(folder, 'docker-run'),
    '--pidfile',
    join(folder, 'docker.pid'),
  ];
  const daemon = spawn(program, args, { stdio: 'ignore' });
  for (let i = 0; i < 150 && spawnSync('docker', ['version'], { env, stdio: 'ignore' }).status !== 0; i++)
    await new Promise((r) => setTimeout(r, 200));
  if (spawnSync('docker', ['version'], { env, stdio: 'ignore' }).status !== 0) {
    daemon.kill();
    return undefined;
  }
  run(['docker', 'import', tar, 'busybox'], { env });
  const close = () =>
    new Promise((resolve) => {
      daemon.once('exit', resolve);
      daemon.kill('SIGTERM');
    });
  const compose =
    spawnSync('docker', ['compose', 'version'], { env, stdio: 'ignore' }).status === 0
      ? ['docker', 'compose']
      : has('docker-compose')
        ? ['docker-compose']
        : undefined;
  return {
    env,
    compose,
    version: run(['docker', 'version', '--format', '{{.Server.Version}}'], { env }).trim(),
    close,
  };
}

/** An OCI bundle for runc with the same root. */
export function runcBundle(folder, root) {
  if (!has('runc')) return undefined;
  const bundle = join(folder, 'bundle');
  mkdirSync(bundle);
  symlinkSync(root, join(bundle, 'rootfs'));
  run(['runc', 'spec'], { cwd: bundle });
  const config = JSON.parse(run(['cat', join(bundle, 'config.json')]));
  config.process.terminal = false;
  config.process.args = ['/bin/true'];
  config.root.path = root;
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(config));
  return bundle;
}

/** A stack of `count` services that sleep; busybox's sleep as PID 1 does not hear SIGTERM. */
export function writeStack(folder, count) {
  mkdirSync(folder, { recursive: true });
  const services = Array.from(
    { length: count },
    (_, i) => `  s${i + 1}:\n    image: busybox\n    init: false\n    command: ["sleep", "100000"]\n`,
  );
  writeFileSync(join(folder, 'stack.yaml'), `services:\n${services.join('')}`);
  writeFileSync(
    join(folder, 'docker-compose.yml'),
    `version: "3"\nservices:\n${services.join('').replaceAll('    init: false\n', '')}`,
  );
  if (!existsSync(folder)) throw new Error(folder);
  return folder;
}
