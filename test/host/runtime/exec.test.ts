/** A further process in a running container. */
import { mkdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { newId } from '../../../src/base/ids.ts';
import { defaultProcess } from '../../../src/runtime/defaults.ts';
import type { RunningExec } from '../../../src/runtime/runtime.ts';
import type { ExecSpec, OciProcess } from '../../../src/runtime/spec.ts';
import { collect } from './collector.ts';
import { eventually } from './eventually.ts';
import { type RuntimeWorld, runtimeWorld, type Started } from './runtime-world.ts';

let world: RuntimeWorld;
let target: Started;

beforeAll(async () => {
  world = await runtimeWorld('exec');
});
afterAll(() => world.close());

beforeEach(async () => {
  target = await world.start(['sleep', '300'], {
    config: { hostname: 'target' },
    linux: { resources: { devices: 'default', pids: { limit: 40 } } },
  });
});
afterEach(async () => {
  await world.end(target.container).catch(() => {});
  await target.container.exited;
});

function exec(
  args: readonly string[],
  process: Partial<OciProcess> = {},
  changes: Partial<ExecSpec> = {},
): Promise<RunningExec> {
  const id = newId();
  const stateDir = join(world.base, 'c', id.slice(0, 16));
  mkdirSync(stateDir, { mode: 0o700 });
  return world.runtime.exec(target.container, {
    id,
    stateDir,
    process: defaultProcess({ args, ...process }),
    seccomp: 'default',
    stdin: 'null',
    awaitAttach: true,
    cgroup: target.spec.cgroup,
    ...changes,
  });
}

/** Runs to the end. */
async function ran(args: readonly string[], process: Partial<OciProcess> = {}) {
  const running = await exec(args, process);
  const seen = collect(running.attach!);
  await running.started;
  const exit = await running.exited;
  await eventually(() => seen.exit);
  return { stdout: seen.stdout, stderr: seen.stderr, exit };
}

test('streams and exit code of an exec are its own', async () => {
  const result = await ran(['sh', '-c', 'echo out; echo err >&2; exit 12']);

  expect(result).toMatchObject({ stdout: 'out\n', stderr: 'err\n', exit: { code: 12, signal: 0 } });
});

test('an exec sees the container: its root, processes, name and network', async () => {
  const { stdout } = await ran(['sh', '-c', 'hostname; ps -o args | grep -cE "^sleep 300"; ls -d /home/app']);

  expect(stdout).toBe('target\n1\n/home/app\n');
});

test.each(['pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup'])('it is in the %s namespace of the container', async (kind) => {
  const { stdout } = await ran(['readlink', `/proc/self/ns/${kind}`]);

  expect(stdout.trim()).toBe(readlinkSync(`/proc/${target.container.pid}/ns/${kind}`));
});

test('it is in the cgroup of the container, and its limits count', async () => {
  const { stdout, stderr } = await ran([
    'sh',
    '-c',
    'cut -d: -f3 /proc/self/cgroup | sort -u | grep -c berth; for i in $(seq 60); do sleep 60 & done; echo $?',
  ]);

  expect(stdout).not.toContain('/berth');
  expect(stderr).toContain("can't fork");
});

test('user, folder and environment are those of the exec', async () => {
  const { stdout } = await ran(['sh', '-c', 'id -u; id -G; pwd; echo $GIVEN $HOME; umask'], {
    user: { spec: 'app', additionalGroups: [], umask: 0o027 },
    cwd: '/tmp',
    env: ['PATH=/bin', 'GIVEN=yes'],
  });

  expect(stdout).toBe('1000\n1000 2000\n/tmp\nyes /home/app\n0027\n');
});

test('it has no more rights than the container could have had', async () => {
  const { stdout } = await ran(['grep', '-E', '^(CapEff|CapBnd|NoNewPrivs|Seccomp):', '/proc/self/status']);

  expect(stdout).toBe('CapEff:\t00000000a80425fb\nCapBnd:\t00000000a80425fb\nNoNewPrivs:\t1\nSeccomp:\t2\n');
});

test('an exec on a terminal has one, and hears Ctrl-C', async () => {
  const running = await exec(
    ['sh', '-c', 'stty size; exec cat'],
    { terminal: { rows: 20, cols: 70 } },
    { stdin: 'once' },
  );
  const seen = collect(running.attach!);
  await seen.see('20 70');

  running.attach!.write(Buffer.from('\x03'));

  expect(await running.exited).toMatchObject({ code: 130, signal: 2 });
});

test('a terminal of an exec can be resized', async () => {
  const script = "trap 'stty size' WINCH; echo ready; while :; do sleep 60 & wait $!; done";
  const running = await exec(['sh', '-c', script], { terminal: { rows: 20, cols: 70 } }, { stdin: 'once' });
  const seen = collect(running.attach!);
  await seen.see('ready');

  running.attach!.resize(41, 99);

  await seen.see('41 99');
  running.attach!.signal(9);
  expect(await running.exited).toMatchObject({ code: 137 });
});

test('stdin is passed on to its end', async () => {
  const running = await exec(['wc', '-c'], {}, { stdin: 'once' });
  const seen = collect(running.attach!);

  for (let i = 0; i < 32; i++) running.attach!.write(Buffer.alloc(64 << 10, 'x'));
  running.attach!.endStdin();

  await running.exited;
  await eventually(() => seen.exit);
  expect(seen.stdout).toBe(`${2 << 20}\n`);
});

test('3 MiB of output come through whole', async () => {
  const { stdout } = await ran(['seq', '400000']);

  expect(stdout.length).toBe(2_688_895);
  expect(stdout.endsWith('400000\n')).toBe(true);
});

test('a client that goes away ends the stdin of its exec', async () => {
  const running = await exec(['sh', '-c', 'cat; echo over > /tmp/over'], {}, { stdin: 'once' });
  await running.started;

  running.attach!.close();

  const file = join(target.spec.rootfs.upper!.dir, 'tmp/over');
  expect(await eventually(() => readIfThere(file))).toBe('over\n');
});

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8') || undefined;
  } catch {
    return undefined;
  }
}

test('a detached exec runs without anybody attached', async () => {
  const running = await exec(['sh', '-c', 'echo lost; exit 3'], {}, { awaitAttach: false });
  await running.started;

  expect(running.attach).toBeNull();
  expect(await running.exited).toMatchObject({ code: 3 });
});

test.each([
  ['missing', 'COMMAND_NOT_FOUND', 127],
  ['/etc/passwd', 'COMMAND_NOT_EXECUTABLE', 126],
])('an exec of %s fails as %s', async (program, code, exitCode) => {
  const running = await exec([program]);

  await expect(running.started).rejects.toMatchObject({ code, exitCode });
});

test('an unknown user of an exec is named', async () => {
  const running = await exec(['true'], { user: { spec: 'ghost', additionalGroups: [] } });

  await expect(running.started).rejects.toThrow('user ghost: no such user');
});

test('when the container ends its execs end', async () => {
  const running = await exec(['sleep', '60'], {}, { awaitAttach: false });
  await running.started;

  await world.end(target.container);

  expect(await running.exited).toMatchObject({ code: 137, signal: 9 });
});

test('the end of an exec is not the end of the container', async () => {
  await ran(['sh', '-c', 'kill -9 $$']);

  const { stdout } = await ran(['echo', 'alive']);

  expect(stdout).toBe('alive\n');
});

test('twenty execs at once keep their streams apart', async () => {
  const results = await Promise.all(
    Array.from({ length: 20 }, (_, index) => ran(['sh', '-c', `echo ${index}; exit ${index}`])),
  );

  expect(results.map(({ stdout, exit }) => `${stdout.trim()} ${exit.code}`)).toEqual(
    Array.from({ length: 20 }, (_, index) => `${index} ${index}`),
  );
});

test('nothing is run in a container that has ended', async () => {
  await world.end(target.container);

  await expect(exec(['true'])).rejects.toMatchObject({ code: 'CONTAINER_NOT_RUNNING' });
});

test('an exec in a container without init works too', async () => {
  await world.end(target.container);
  target = await world.start(['sleep', '60'], { spec: { init: false } });

  expect((await ran(['echo', 'hi'])).stdout).toBe('hi\n');
});
