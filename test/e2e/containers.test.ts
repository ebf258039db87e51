/** Containers without a stack file: docker's flags and meaning. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('containers');
});
afterEach(() => {
  const ids = world.berth('container', 'ls', '-aq').stdout.split('\n').filter(Boolean);
  if (ids.length > 0) world.berth('container', 'rm', '-fv', ...ids);
  /* The network that they have in common stays, as docker's bridge does; a volume with a name is nobody's. */
  world.berth('-p', 'container.network', 'down', '-v');
  world.berth('volume', 'prune', '-af');
  expect(world.leaks()).toEqual([]);
});
afterAll(() => world.close());

const container = (...args: string[]) => world.berth('container', ...args);
const inspect = (name: string, field: string) => container('inspect', '-f', `{{json ${field}}}`, name).stdout.trim();
const LOOP = ['host', 'sh', '-c', 'while true; do sleep 0.1; done'];

test('a program runs with its output, its exit code is the command’s, and --rm leaves nothing', () => {
  const fine = container('run', '--rm', 'host', 'sh', '-c', 'echo out; echo err >&2');
  const broken = container('run', '--rm', 'host', 'sh', '-c', 'exit 7');
  const missing = container('run', '--rm', 'host', 'no-such-program');

  expect([fine.code, fine.stdout, fine.stderr]).toEqual([0, 'out\n', 'err\n']);
  expect([broken.code, missing.code]).toEqual([7, 127]);
  expect(container('ls', '-aq').stdout).toBe('');
  expect(world.berth('ls', '-aq').stdout).toBe('');
});

test('what is said by flags holds inside', () => {
  const flags = [
    ...['-e', 'A=$x', '-w', '/tmp', '-u', 'nobody', '-h', 'box', '--label', 'l=1', '--ulimit', 'nofile=99'],
    ...['--cap-drop', 'ALL', '--read-only', '--tmpfs', '/scratch', '--add-host', 'there:192.0.2.7', '-m', '32m'],
    ...['--sysctl', 'net.ipv4.ip_default_ttl=77', '--shm-size', '1m', '--network', 'none'],
  ];
  const program =
    'echo "$A $(pwd) $(id -un) $(hostname) $(ulimit -n)"; grep there /etc/hosts; touch /usr/x 2>&1; touch /scratch/x; cat /proc/sys/net/ipv4/ip_default_ttl; ls /sys/class/net';

  const { code, stdout } = container('run', '--rm', ...flags, 'host', 'sh', '-c', program);

  expect([code, stdout.split('\n')]).toEqual([
    0,
    [
      '$x /tmp nobody box 99',
      '192.0.2.7\tthere',
      "touch: cannot touch '/usr/x': Read-only file system",
      '77',
      'lo',
      '',
    ],
  ]);
});

test('input is handed on with -i, and a terminal is there with -t', () => {
  const piped = world.inside('bash', '-c', `echo hello | ${process.cwd()}/bin/berth container run -i --rm host cat`);
  const deaf = world.inside('bash', '-c', `echo hello | ${process.cwd()}/bin/berth container run --rm host cat`);
  const tty = container('run', '--rm', '-t', 'host', 'sh', '-c', 'test -t 1 && echo terminal');

  expect([piped.stdout, deaf.stdout, tty.stdout.trim()]).toEqual(['hello\n', '', 'terminal']);
});

test('a detached one is published, found by name, and answers to inspect', () => {
  const run = container('run', '-d', '--name', 'web', '-p', '8000:8000', '-e', 'A=1', '-l', 'team=x', ...LOOP);

  const id = run.stdout.trim();
  expect(id).toMatch(/^[0-9a-f]{64}$/);
  expect(container('ls', '-q', '--no-trunc').stdout.trim()).toBe(id);
  expect(container('ls', '-q', '--filter', 'label=team=x', '--filter', 'name=^web$').stdout.trim()).toBe(
    id.slice(0, 12),
  );
  expect(container('ls', '-q', '--filter', 'status=exited').stdout).toBe('');
  expect(container('port', 'web', '8000').stdout).toBe('127.0.0.1:8000\n[::1]:8000\n');
  expect([
    inspect('web', '.State.Running'),
    inspect(id.slice(0, 8), '.Name'),
    inspect('web', '.Config.Labels'),
  ]).toEqual(['true', '"/web"', '{"team":"x"}']);
  expect(container('exec', 'web', 'printenv', 'A').stdout).toBe('1\n');
});

test('a name is taken once, and free again after a rename or a removal', () => {
  container('create', '--name', 'one', ...LOOP);

  const again = container('run', '-d', '--name', 'one', ...LOOP);
  const renamed = container('rename', 'one', 'other');
  const free = container('create', '--name', 'one', ...LOOP);

  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('container name one is taken by')]);
  expect([renamed.code, free.code]).toEqual([0, 0]);
  expect(container('ls', '-a', '--format', '{{.Names}} {{.State}}').stdout.split('\n').sort()).toEqual([
    '',
    'one created',
    'other created',
  ]);
});

test('containers find each other by name on the network they have in common', () => {
  container('run', '-d', '--name', 'server', ...LOOP);
  const address = JSON.parse(inspect('server', '.NetworkSettings.IPAddress')) as string;

  const found = container('run', '--rm', 'host', 'getent', 'hosts', 'server');

  expect(found.stdout.split(/\s+/)[0]).toBe(address);
});

test('start, stop, pause, kill and wait change the state, and say whom they meant', () => {
  const state = () => inspect('job', '.State.Status').replaceAll('"', '');
  container('create', '--name', 'job', ...LOOP);
  const states = [state()];
  for (const [action, ...flags] of [['start'], ['pause'], ['unpause'], ['restart', '-t', '0'], ['stop', '-t', '0']]) {
    expect(container(action!, ...flags, 'job').stdout).toBe('job\n');
    states.push(state());
  }
  container('start', 'job');

  const kill = container('kill', '-s', 'TERM', 'job');
  const wait = container('wait', 'job');
  const twice = container('kill', 'job');

  expect(states).toEqual(['created', 'running', 'paused', 'running', 'running', 'exited']);
  expect([kill.code, wait.stdout, twice.code]).toEqual([0, '143\n', 1]);
  expect(twice.stderr).toContain('container job does not run: it is exited');
});

test('start -a shows what a stopped one says, and ends with its code', () => {
  container('create', '--name', 'job', 'host', 'sh', '-c', 'echo once more; exit 3');

  const first = container('start', '-a', 'job');
  const second = container('start', '-a', 'job');

  expect([first.code, first.stdout, second.code, second.stdout]).toEqual([3, 'once more\n', 3, 'once more\n']);
});

test('one that runs is not removed without force, and each name gets its own answer', () => {
  container('run', '-d', '--name', 'busy', ...LOOP);
  container('create', '--name', 'idle', ...LOOP);

  const gentle = container('rm', 'busy', 'idle', 'nobody');
  const forced = container('rm', '-f', 'busy', 'nobody');

  expect([gentle.code, gentle.stdout]).toEqual([1, 'idle\n']);
  expect(gentle.stderr).toContain('container busy is running');
  expect(gentle.stderr).toContain('there is no container nobody');
  expect([forced.code, forced.stdout]).toEqual([0, 'busy\n']);
});

test('diff tells what was added, changed and deleted', () => {
  container(
    'run',
    '--name',
    'writer',
    'host',
    'sh',
    '-c',
    'mkdir /new; echo x > /new/file; echo y >> /etc/passwd; rm /etc/group',
  );

  const { stdout } = container('diff', 'writer');

  expect(stdout.split('\n').filter(Boolean)).toEqual([
    'C /etc',
    'D /etc/group',
    'C /etc/passwd',
    'A /new',
    'A /new/file',
  ]);
});

test('update changes the limit of a running one in the kernel, and keeps it for the next start', () => {
  container('run', '-d', '--name', 'box', '-m', '64m', ...LOOP);
  const pid = Number(inspect('box', '.State.Pid'));

  const update = container('update', '-m', '96m', '--restart', 'always', 'box');

  expect([update.code, update.stdout, update.stderr]).toEqual([0, 'box\n', '']);
  expect(memoryLimit(pid)).toBe(96 * 1024 * 1024);
  container('restart', '-t', '0', 'box');
  expect(memoryLimit(Number(inspect('box', '.State.Pid')))).toBe(96 * 1024 * 1024);
  expect(inspect('box', '.HostConfig.RestartPolicy.Name')).toBe('"always"');
});

/** Of the group that the process is in, whichever version counts memory here. */
function memoryLimit(pid: number): number {
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n');
  const v1 = lines.find((line) => line.includes(':memory:'))?.split(':')[2];
  const v2 = lines.find((line) => line.startsWith('0::'))?.slice(3);
  const file = v1 === undefined ? `/sys/fs/cgroup${v2}/memory.max` : `/sys/fs/cgroup/memory${v1}/memory.limit_in_bytes`;
  return Number(readFileSync(file, 'utf8'));
}

test('a volume with a name outlives its containers, and a mount says whether it may be written', () => {
  container('run', '--rm', '-v', 'kept:/data', 'host', 'sh', '-c', 'echo here > /data/file');

  const read = container(
    'run',
    '--rm',
    '--mount',
    'type=volume,src=kept,dst=/data,readonly',
    'host',
    'cat',
    '/data/file',
  );
  const write = container('run', '--rm', '-v', 'kept:/data:ro', 'host', 'touch', '/data/other');

  expect([read.stdout, write.code]).toEqual(['here\n', 1]);
});

test('--cidfile holds the id, and is never written over', () => {
  const file = join(world.folder, 'cid');

  const first = container('create', '--cidfile', file, ...LOOP);
  const second = container('create', '--cidfile', file, ...LOOP);

  expect(readFileSync(file, 'utf8')).toBe(first.stdout.trim());
  expect([second.code, second.stderr]).toEqual([2, expect.stringContaining('is there already')]);
});

test('wrong flags are told by what they say, without a line of a file that nobody wrote', () => {
  const port = container('run', '-p', '99999:80', 'host', 'true');
  const mount = container('run', '--mount', 'type=bind,sorce=/x,dst=/y', 'host', 'true');
  const network = container('run', '--rm', '--network', 'nowhere', 'host', 'true');
  const both = container('run', '--rm', '--restart', 'always', 'host', 'true');

  expect([port.code, port.stderr]).toEqual([2, expect.stringContaining('"99999:80" has no valid port')]);
  expect([port.stderr.includes('-->'), mount.stderr]).toEqual([
    false,
    expect.stringContaining('there is no key sorce'),
  ]);
  expect([network.code, network.stderr]).toEqual([1, expect.stringContaining('nowhere')]);
  expect([both.code, container('ls', '-aq').stdout]).toEqual([2, '']);
});

test('commit makes an image of what was changed and deleted, export an archive of the whole root', () => {
  importBusybox();
  container('run', '--name', 'made', 'box:1', '/bin/sh', '-c', 'echo new > /file; rm /bin/cat');

  const commit = container('commit', '-c', 'CMD ["/bin/sh", "-c", "read x < /file; echo $x"]', 'made', 'box:2');
  const exported = container('export', '-o', join(world.folder, 'made.tar'), 'made');

  expect([commit.code, commit.stdout]).toEqual([0, expect.stringMatching(/^sha256:[0-9a-f]{64}\n$/)]);
  expect(container('run', '--rm', 'box:2').stdout).toBe('new\n');
  expect(container('run', '--rm', 'box:2', '/bin/sh', '-c', 'test -e /bin/cat || echo gone').stdout).toBe('gone\n');
  const names = world.inside('tar', '-tf', join(world.folder, 'made.tar')).stdout.split('\n');
  expect([exported.code, names.includes('./file'), names.includes('./bin/sh'), names.includes('./bin/cat')]).toEqual([
    0,
    true,
    true,
    false,
  ]);
  container('rm', 'made');
  for (const image of ['box:1', 'box:2']) world.berth('image', 'rm', image);
});

/** An image of a shell and little else. */
function importBusybox(): void {
  const script =
    'mkdir -p r/bin; cp "$(command -v busybox)" r/bin; for n in sh cat rm; do ln -sf busybox r/bin/$n; done; tar -C r -cf r.tar .';
  expect(world.inside('bash', '-c', script).code).toBe(0);
  expect(world.berth('image', 'import', 'r.tar', 'box:1').code).toBe(0);
}

test('--rm is kept by an engine that comes later', async () => {
  container('run', '-d', '--rm', '--name', 'short', 'host', 'sh', '-c', 'until test -e /tmp/go; do sleep 0.1; done');
  const pid = world.enginePid();
  process.kill(pid, 'SIGKILL');
  await eventually(() => !existsSync(`/proc/${pid}`));

  expect(container('exec', 'short', 'touch', '/tmp/go').code).toBe(0);

  await eventually(() => container('ls', '-aq').stdout === '');
});

test('top asks ps for the columns that are named, of the processes of the container only', () => {
  container('run', '-d', '--name', 'busy', 'host', 'sleep', '4711');

  const lines = container('top', 'busy', '-o', 'pid,ni,args').stdout.trimEnd().split('\n');
  const bad = container('top', 'busy', '-o', 'nonsense');
  const noPid = container('top', 'busy', '-o', 'args');
  container('rm', '-f', 'busy');

  expect(lines.map((line) => line.trim().split(/\s+/).slice(1).join(' '))).toContain('0 sleep 4711');
  expect(lines[0]?.trim().split(/\s+/)).toEqual(['PID', 'NI', 'COMMAND']);
  expect(lines.length).toBeLessThan(4);
  expect([bad.code, bad.stderr.split('\n')[0]]).toEqual([
    2,
    'error: ps -o nonsense: unknown user-defined format specifier "nonsense"',
  ]);
  expect([noPid.code, noPid.stderr]).toEqual([2, expect.stringContaining('leave out the column PID')]);
});

test('commands on containers take those of stacks, logs and prune too', () => {
  world.write('stack.yaml', 'services:\n  web:\n    image: host\n    command: ["sh", "-c", "echo I am web"]\n');
  world.berth('up', '-d');
  world.berth('wait', 'web');

  expect(container('logs', 'containers-web-1').stdout).toBe('I am web\n');
  expect(container('ls', '-a', '--format', '{{.Label "com.docker.compose.service"}}').stdout).toBe('web\n');
  const prune = container('prune', '-f');
  expect([prune.code, prune.stdout.split('\n')[0], world.ps()]).toEqual([0, 'containers-web-1', []]);
  world.berth('down');
});
