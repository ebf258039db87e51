/**
 * RUN: a container on the layers that are there; what it has written becomes the next layer.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { BerthError } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import type { StoredLayer } from '../../image/stage-layer.ts';
import { DEFAULT_NETWORK_SYSCTLS, defaultConfig, defaultMounts, defaultProcess } from '../../runtime/defaults.ts';
import type { AttachStream, RunningContainer } from '../../runtime/runtime.ts';
import type { ContainerSpec, OciMount } from '../../runtime/spec.ts';
import type { RunOp } from '../graph/op.ts';
import { cacheKey } from './cache-key.ts';
import type { PreparedStep } from './copy-step.ts';
import { makeLayer, type Upper } from './make-layer.ts';
import { type OutputTail, outputTail } from './output-tail.ts';
import { lowersOf, type Rootfs, rootId } from './rootfs.ts';
import type { Solving, StepNetwork } from './solving.ts';
import { filesOfMount, keyOfMount, prepareMounts, type ShownFiles, type StepMounts } from './step-mounts.ts';

export type RunPlace = { readonly parent: Rootfs; readonly vertex: number };

export async function prepareRun(solving: Solving, op: RunOp, { parent, vertex }: RunPlace): Promise<PreparedStep> {
  const files = await Promise.all(op.mounts.map((mount) => filesOfMount(solving, mount)));
  const mounts = op.mounts.map((mount, index) => keyOfMount(mount, files[index] ?? null));
  const { argv, env, user, cwd, network } = op;
  const scripts = op.files.map(({ path, content }) => [path, content]);
  const hosts = Object.entries(solving.extraHosts).map(([name, addresses]) => [name, ...addresses]);
  const settings = [argv, env, user, cwd, network, scripts, hosts];
  return {
    key: cacheKey('run', [rootId(parent), settings, mounts, solving.epochS]),
    run: (lease) => solving.host.inTurn(() => run(solving, op, { parent, vertex, files, lease })),
    discard: async () => {},
  };
}

type Running = RunPlace & { readonly files: readonly (ShownFiles | null)[]; readonly lease: string };

async function run(
  solving: Solving,
  op: RunOp,
  { parent, vertex, files, lease }: Running,
): Promise<StoredLayer | null> {
  const { host } = solving;
  const id = newId();
  const stateDir = join(host.runDir, id.slice(0, 16));
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const network = await host.attach(op.network, id);
  try {
    const mounts = await prepareMounts(solving, op.mounts, { stateDir, files });
    try {
      const own = await ownFiles(solving, op, { stateDir, network });
      const work = (upper: Upper) =>
        execute(solving, { op, parent, vertex, id, stateDir, network, mounts, own, upper });
      const stubs = stubsOf([...own, ...mounts.mounts, ...defaultMounts()]);
      return await makeLayer(solving, { work, stubs, lease });
    } finally {
      await mounts.release();
    }
  } finally {
    await network.release();
    await rm(stateDir, { recursive: true, force: true });
  }
}

type OwnFiles = { readonly stateDir: string; readonly network: StepNetwork };

/** hosts, resolv.conf and scripts; they are mounted, so that no layer has them. */
async function ownFiles({ extraHosts }: Solving, op: RunOp, { stateDir, network }: OwnFiles): Promise<OciMount[]> {
  const lines = ['127.0.0.1\tlocalhost', '::1\tlocalhost ip6-localhost ip6-loopback'];
  for (const [name, addresses] of Object.entries(extraHosts)) {
    for (const address of addresses) {
      lines.push(`${address === 'host-gateway' ? (network.gateway ?? '127.0.0.1') : address}\t${name}`);
    }
  }
  const file = async (name: string, path: string, content: string, mode = 0o644): Promise<OciMount> => {
    await writeFile(join(stateDir, name), content, { mode });
    return { destination: path, type: 'bind', source: join(stateDir, name), options: ['bind', 'rprivate', 'ro'] };
  };
  return [
    await file('hosts', '/etc/hosts', `${lines.join('\n')}\n`),
    await file('resolv.conf', '/etc/resolv.conf', network.resolvConf),
    ...(await Promise.all(op.files.map(({ path, content }, n) => file(`script${n}`, path, content, 0o755)))),
  ];
}

type Execution = RunPlace & {
  readonly op: RunOp;
  readonly id: string;
  readonly stateDir: string;
  readonly network: StepNetwork;
  readonly mounts: StepMounts;
  readonly own: readonly OciMount[];
  readonly upper: Upper;
};

async function execute(solving: Solving, execution: Execution): Promise<void> {
  const { host, signal, onEvent } = solving;
  if (signal.aborted) throw new BerthError('ABORTED', 'interrupted');
  const spec = specOf(solving, execution);
  const tail = outputTail((text) => onEvent({ kind: 'output', step: execution.vertex, text }));
  try {
    const container = await host.runtime.start(spec);
    const code = await followToEnd(container, { tail, signal });
    if (signal.aborted) throw new BerthError('ABORTED', 'interrupted');
    if (code !== 0) throw failed(execution.op, code, tail.lines());
  } finally {
    await host.runtime.removeCgroup(spec.cgroup);
  }
}

type Following = { readonly tail: OutputTail; readonly signal: AbortSignal };

async function followToEnd(container: RunningContainer, { tail, signal }: Following): Promise<number | null> {
  const attach = await container.attach();
  const flushed = outputOf(attach, tail);
  const kill = () => void container.signalAll(9).catch(() => {});
  signal.addEventListener('abort', kill, { once: true });
  try {
    await container.started;
    if (signal.aborted) kill();
    const { code } = await container.exited;
    await flushed;
    return code;
  } finally {
    signal.removeEventListener('abort', kill);
    attach.close();
  }
}

function outputOf(attach: AttachStream, tail: OutputTail): Promise<void> {
  return new Promise((resolve) => {
    attach.onFrame((frame) => {
      if (frame.kind === 'stdout' || frame.kind === 'stderr') tail.add(frame.data);
      else {
        tail.end();
        resolve();
      }
    });
  });
}

function specOf(solving: Solving, { op, parent, id, stateDir, network, mounts, own, upper }: Execution): ContainerSpec {
  const { host, shmBytes, memoryBytes, rlimits, epochS } = solving;
  const memory = memoryBytes === null ? {} : { memory: { limit: memoryBytes } };
  const hasEpoch = op.env.some((pair) => pair.startsWith('SOURCE_DATE_EPOCH='));
  const process = defaultProcess({
    args: op.argv,
    /* Compilers and archivers that know it write the same bytes at any time. */
    env: [...op.env, ...op.passedEnv, ...mounts.env, ...(hasEpoch ? [] : [`SOURCE_DATE_EPOCH=${epochS}`])],
    cwd: op.cwd,
    user: { spec: op.user, additionalGroups: [] },
    rlimits,
    noNewPrivileges: false,
  });
  const config = defaultConfig(process, { hostname: 'buildkitsandbox' });
  const binds = parent.host?.binds.map(hostBind) ?? [];
  const kinds = config.linux.namespaces.filter(({ type }) => type !== 'network');
  return {
    id,
    stateDir,
    rootfs: { lowers: lowersOf(parent, host.images, solving.emptyFolder), upper },
    config: {
      ...config,
      mounts: [...defaultMounts(shmBytes === null ? {} : { shmBytes }), ...binds, ...own, ...sorted(mounts.mounts)],
      linux: {
        ...config.linux,
        resources: { ...config.linux.resources, ...memory },
        namespaces: [...kinds, ...network.namespaces],
        sysctl: network.namespaces.length === 0 ? {} : DEFAULT_NETWORK_SYSCTLS,
      },
    },
    interfaces: network.interfaces,
    cgroup: `${host.parentCgroup}/${id}`,
    init: true,
    stdin: 'null',
    log: null,
    awaitAttach: true,
  };
}

function hostBind({ source, target }: { readonly source: string; readonly target: string }): OciMount {
  return { destination: target, type: 'bind', source, options: ['rbind', 'rro', 'nosuid', 'nodev', 'rprivate'] };
}

/** A mount below another comes after it. */
function sorted(mounts: readonly OciMount[]): OciMount[] {
  return [...mounts].sort((a, b) => a.destination.split('/').length - b.destination.split('/').length);
}

/** Places of mounts, and the folders above them, deepest first. */
function stubsOf(mounts: readonly OciMount[]): string[] {
  const paths = new Set<string>();
  for (const { destination } of mounts) {
    for (let path = posix.resolve('/', destination); path !== '/'; path = posix.dirname(path)) paths.add(path.slice(1));
  }
  return [...paths].sort((a, b) => b.split('/').length - a.split('/').length || (a < b ? -1 : 1));
}

function failed(op: RunOp, code: number | null, lines: readonly string[]): BerthError {
  const what =
    code === null ? 'was killed' : code > 128 ? `was ended by signal ${code - 128}` : `failed with exit code ${code}`;
  const output = lines.length === 0 ? 'it printed nothing' : lines.map((line) => `  ${line}`).join('\n');
  const hint = op.network === 'none' ? 'this step has no network (--network=none)' : undefined;
  return new BerthError('BUILD_FAILED', `the step ${what}\n${output}`, { hint });
}
