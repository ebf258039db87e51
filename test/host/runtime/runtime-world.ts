/**
 * A runtime of its own for one host test file: launcher, cgroup parent, state folders and a busybox root.
 *
 * `close` ends it and fails when a process, cgroup or mount is left.
 */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '../../../src/base/ids.ts';
import { bundledRuntime } from '../../../src/runtime/bundled.ts';
import { defaultConfig, defaultProcess } from '../../../src/runtime/defaults.ts';
import { ContainerStartError, type RunningContainer, type Runtime } from '../../../src/runtime/runtime.ts';
import type { ContainerSpec, ExitRecord, OciConfig, OciProcess } from '../../../src/runtime/spec.ts';

const APPLETS =
  'sh cat ls echo sleep id env mount umount grep stat touch mkdir rm ln ps kill true false head tail seq hostname ip wc dd chmod chown test printf cut tr sort od ping nc nproc date mknod unshare chroot tee pwd readlink su sysctl yes xargs find cp stty timeout pidof mkfifo usleep df dirname mv'.split(
    ' ',
  );

export type RuntimeWorld = {
  readonly runtime: Runtime;
  readonly base: string;
  readonly rootfs: string;
  readonly parentCgroup: string;
  spec(args: readonly string[], changes?: SpecChanges): ContainerSpec;
  /** Runs to the end; `log` is the text of its log without prefixes. */
  run(args: readonly string[], changes?: SpecChanges): Promise<Ran>;
  /** What a shell script wrote, stdout before stderr, without the last newline. */
  sh(script: string, changes?: SpecChanges): Promise<string>;
  /** Starts one that runs on until `end`. */
  start(args: readonly string[], changes?: SpecChanges): Promise<Started>;
  /** A start that must fail. */
  refusal(args: readonly string[], changes?: SpecChanges): Promise<ContainerStartError>;
  /** Another engine after this one: a new runtime on the same lock and cgroups. */
  reopen(): Promise<void>;
  /** Kills it and waits for its record. */
  end(container: RunningContainer): Promise<ExitRecord>;
  logOf(id: string): LogRecord[];
  /** Runs a further process in a container to its end; its stdout and stderr together. */
  exec(
    container: RunningContainer,
    spec: ContainerSpec,
    args: readonly string[],
    changes?: Partial<OciProcess>,
  ): Promise<string>;
  close(): Promise<void>;
};

export type SpecChanges = {
  readonly process?: Partial<OciProcess>;
  readonly config?: Partial<OciConfig>;
  readonly linux?: Partial<OciConfig['linux']>;
  readonly spec?: Partial<ContainerSpec>;
};

export type LogRecord = {
  readonly stream: string;
  readonly flag: string;
  readonly text: string;
  readonly time: string;
};
export type Ran = {
  readonly exit: ExitRecord;
  readonly stdout: string;
  readonly stderr: string;
  readonly container: RunningContainer;
};

export type Started = { readonly container: RunningContainer; readonly spec: ContainerSpec };

export async function runtimeWorld(name: string): Promise<RuntimeWorld> {
  const base = mkdtempSync(join(tmpdir(), `berth-rt-${name}-`));
  const rootfs = makeRootfs(join(base, 'rootfs'));
  const parentCgroup = `berth-test-${process.pid}-${name}`;
  mkdirSync(join(base, 'c'));
  mkdirSync(join(base, 'containers'));
  const options = { lockFile: join(base, 'lock'), parentCgroup };
  let runtime = bundledRuntime(options);
  await runtime.open();

  const spec = (args: readonly string[], changes: SpecChanges = {}): ContainerSpec => {
    const id = newId();
    const dir = join(base, 'containers', id);
    const stateDir = join(base, 'c', id.slice(0, 16));
    mkdirSync(stateDir, { mode: 0o700 });
    mkdirSync(join(dir, 'upper'), { recursive: true });
    mkdirSync(join(dir, 'work'));
    const config = defaultConfig(defaultProcess({ args, ...changes.process }), changes.config);
    return {
      id,
      stateDir,
      rootfs: { lowers: [rootfs], upper: { dir: join(dir, 'upper'), work: join(dir, 'work') } },
      config: { ...config, linux: { ...config.linux, ...changes.linux } },
      interfaces: [],
      cgroup: `${parentCgroup}/${id}`,
      init: true,
      stdin: 'null',
      log: { path: join(dir, 'log'), maxBytes: 10 << 20, maxFiles: 3, bufferBytes: 1 << 20 },
      awaitAttach: false,
      ...changes.spec,
    };
  };
  const logOf = (id: string) => parseLog(join(base, 'containers', id, 'log'));

  const world: RuntimeWorld = {
    get runtime() {
      return runtime;
    },
    base,
    rootfs,
    parentCgroup,
    spec,
    logOf,
    async run(args, changes) {
      const wanted = spec(args, changes);
      const container = await runtime.start(wanted);
      const exit = await container.exited;
      const log = logOf(wanted.id);
      const text = (stream: string) =>
        log
          .filter((r) => r.stream === stream)
          .map((r) => `${r.text}\n`)
          .join('');
      return { exit, stdout: text('stdout'), stderr: text('stderr'), container };
    },
    async sh(script, changes) {
      const { stdout, stderr } = await world.run(['sh', '-c', script], changes);
      return `${stdout}${stderr}`.trimEnd();
    },
    async start(args, changes) {
      const wanted = spec(args, changes);
      return { container: await runtime.start(wanted), spec: wanted };
    },
    async refusal(args, changes) {
      const failure = await runtime.start(spec(args, changes)).catch((error: unknown) => error);
      if (failure instanceof ContainerStartError) return failure;
      throw failure instanceof Error ? failure : new Error('the start did not fail');
    },
    async reopen() {
      await runtime.close();
      runtime = bundledRuntime(options);
      await runtime.open();
    },
    async end(container) {
      await container.signal(9);
      return await container.exited;
    },
    async exec(container, target, args, changes) {
      const id = newId();
      const stateDir = join(base, 'c', id.slice(0, 16));
      mkdirSync(stateDir, { mode: 0o700 });
      const exec = await runtime.exec(container, {
        id,
        stateDir,
        process: defaultProcess({ args, ...changes }),
        seccomp: 'default',
        stdin: 'null',
        awaitAttach: true,
        cgroup: target.cgroup,
      });
      let output = '';
      exec.attach?.onFrame((frame) => {
        if (frame.kind === 'stdout' || frame.kind === 'stderr') output += frame.data.toString();
      });
      await exec.started;
      await exec.exited;
      return output;
    },
    async close() {
      const cgroups = await runtime.listCgroups();
      for (const cgroup of cgroups) await runtime.removeCgroup(cgroup);
      await runtime.close();
      const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
        .split('\n')
        .filter((line) => line.includes(base));
      rmSync(base, { recursive: true, force: true });
      if (cgroups.length > 0 || mounts.length > 0)
        throw new Error(`left behind: ${[...cgroups, ...mounts].join(', ')}`);
    },
  };
  return world;
}

/** A root of busybox alone. */
export function makeRootfs(dir: string): string {
  for (const folder of ['bin', 'etc', 'proc', 'sys', 'dev', 'tmp', 'root', 'home/app', 'var', 'run'])
    mkdirSync(join(dir, folder), { recursive: true });
  copyFileSync('/bin/busybox', join(dir, 'bin/busybox'));
  for (const applet of APPLETS) symlinkSync('busybox', join(dir, 'bin', applet));
  writeFileSync(
    join(dir, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n',
  );
  writeFileSync(join(dir, 'etc/group'), 'root:x:0:\napp:x:1000:\nextra:x:2000:app\nnogroup:x:65534:\n');
  execFileSync('chmod', ['1777', join(dir, 'tmp')]);
  return dir;
}

/** All rotated files, oldest first. */
function parseLog(path: string): LogRecord[] {
  const folder = join(path, '..');
  const rotated = readdirSync(folder)
    .filter((name) => /^log\.\d+$/.test(name))
    .sort((a, b) => Number(b.slice(4)) - Number(a.slice(4)));
  const files = [...rotated.map((name) => join(folder, name)), path].filter((file) => existsSync(file));
  return files
    .flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== ''),
    )
    .map((line) => {
      const [time, stream, flag] = line.split(' ', 3);
      return {
        time: time!,
        stream: stream!,
        flag: flag!,
        text: line.slice(time!.length + stream!.length + flag!.length + 3),
      };
    });
}
