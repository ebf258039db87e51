/**
 * The bundled runtime: `Runtime` with the executor.
 *
 * Puts the pieces together: programs from specs, the launcher, monitors,
 * cgroups. Holds no list of containers; what runs is known by its state folder
 * and its cgroup, which both outlive this process.
 */

import { readFile } from 'node:fs/promises';
import { BerthError, errnoOf } from '../base/errors.ts';
import { adoptContainer } from './adopt.ts';
import { openCgroups } from './cgroup-host.ts';
import { setLimits } from './cgroup-limit.ts';
import { freeze, isFrozen, listChildren, removeEmptyParent, removeTree, thaw } from './cgroup-tree.ts';
import { listPids, readUsage } from './cgroup-usage.ts';
import { executorPath } from './executor-path.ts';
import { startError } from './failure.ts';
import { fileTrees } from './file-trees.ts';
import { Launcher } from './launcher.ts';
import { untilListening } from './listening.ts';
import { connectProgram, replugProgram } from './network-ops.ts';
import { readOpened } from './opened.ts';
import { foreignNamespaces, readStartTime } from './process-identity.ts';
import { readProcesses } from './process-list.ts';
import { containerProgram, execProgram, type ProgramHost } from './program.ts';
import { containerOf, execOf } from './running.ts';
import type { RunningContainer, Runtime } from './runtime.ts';
import type { Architecture } from './seccomp.ts';

export type BundledOptions = {
  /** Held by the launcher for as long as the engine lives. */
  readonly lockFile: string;
  /** Name of our group in every hierarchy, e.g. `berth-1a2b`. */
  readonly parentCgroup: string;
  /** Path of the executor, for tests; default: the one that belongs to this package. */
  readonly executor?: string;
};

/** The runtime of the given lock and parent group; nothing happens before open(). */
export function bundledRuntime(options: BundledOptions): Runtime {
  const { lockFile, parentCgroup } = options;
  const executor = options.executor ?? executorPath();
  const launcher = new Launcher(executor, lockFile);
  let opened: ProgramHost | undefined;
  let programs = 0;

  const host = (): ProgramHost => {
    if (opened === undefined) throw new Error('the runtime is not open');
    return opened;
  };
  const nextTag = (id: string): string => `${id.slice(0, 12)}-${++programs}`;

  return {
    async open() {
      await launcher.open();
      opened = await readHost(parentCgroup);
    },

    async close() {
      await launcher.close();
      if (opened) await removeEmptyParent(opened.cgroups, parentCgroup);
    },

    async start(spec) {
      const tag = nextTag(spec.id);
      const ops = containerProgram(spec, tag, host());
      return await containerOf(ops, await launcher.send(tag, ops), spec.stateDir);
    },

    adopt: (stateDir) => adoptContainer(stateDir),

    async exec(container, spec) {
      const namespaces = await namespacesOf(container);
      const { pid, startTime } = container;
      const tag = nextTag(spec.id);
      const ops = execProgram(spec, tag, { pid, startTime, namespaces }, host());
      return await execOf(ops, await launcher.send(tag, ops), spec.stateDir);
    },

    async connect(netnsPath, interfaces) {
      const tag = nextTag('connect');
      const ops = connectProgram(tag, netnsPath, interfaces);
      const answer = await (await launcher.send(tag, ops)).next();
      if (answer.kind === 'failed') throw startError(ops, answer);
    },

    untilListening: ({ pid }, ports, signal) => untilListening({ executor, pid, ports, signal }),
    readOpened: (wanted) => readOpened(executor, wanted),
    trees: fileTrees(options.executor ?? executorPath()),

    async replug(netnsPath, replugging) {
      const tag = nextTag('replug');
      const ops = replugProgram(tag, netnsPath, replugging);
      const answer = await (await launcher.send(tag, ops)).next();
      if (answer.kind === 'failed') throw startError(ops, answer);
    },

    pause: (cgroup) => notGone(freeze(host().cgroups, cgroup)),
    unpause: (cgroup) => notGone(thaw(host().cgroups, cgroup)),
    isPaused: (cgroup) => isFrozen(host().cgroups, cgroup),
    limit: (cgroup, resources) => setLimits(host().cgroups, cgroup, resources),
    processes: async (cgroup) => await readProcesses(await listPids(host().cgroups, cgroup)),
    usage: (cgroup, pid) => readUsage(host().cgroups, cgroup, pid),
    removeCgroup: (cgroup) => removeTree(host().cgroups, cgroup),
    listCgroups: () => listChildren(host().cgroups, parentCgroup),
  };
}

async function readHost(parentCgroup: string): Promise<ProgramHost> {
  const lastCapability = Number(await readFile('/proc/sys/kernel/cap_last_cap', 'utf8'));
  const mountinfo = await readFile('/proc/self/mountinfo', 'utf8');
  return {
    cgroups: await openCgroups(mountinfo, parentCgroup),
    architecture: process.arch as Architecture,
    lastCapability,
  };
}

async function namespacesOf({ pid, startTime }: RunningContainer): Promise<string[]> {
  if ((await readStartTime(pid)) !== startTime) throw notRunning();
  return await foreignNamespaces(pid);
}

/** A group that is gone is that of a container that has ended. */
async function notGone(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT' || errnoOf(cause) === 'ENODEV') throw notRunning(cause);
    throw cause;
  }
}

function notRunning(cause?: unknown): BerthError {
  return new BerthError('CONTAINER_NOT_RUNNING', 'the container is not running', { cause });
}
