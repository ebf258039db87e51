/**
 * Runs a command in a container to its end and collects what it says; for probes.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { containerCgroup } from './container-paths.ts';
import { execProcessOf } from './exec-process.ts';
import { liveOf, type World } from './world.ts';

const MAX_OUTPUT_BYTES = 4096;

export type CommandInContainer = {
  readonly container: string;
  readonly execId: string;
  readonly argv: readonly string[];
  /** Over the service's own. */
  readonly env?: readonly string[];
  readonly user?: string;
  readonly workingDir?: string;
  readonly privileged?: boolean;
  /** The last of its output instead of the first. */
  readonly last?: boolean;
  /** Kills the command. */
  readonly signal: AbortSignal;
};

/** Exit code (null: unknown) and the first 4 KiB of its output. Rejects when it can not be started. */
export async function runToEnd(
  world: World,
  command: CommandInContainer,
): Promise<{ code: number | null; output: string }> {
  const live = liveOf(world, command.container);
  const record = world.store.containers.get(command.container);
  if (!live.running || !record) throw new Error(`container ${command.container} does not run`);
  const { argv, env, user, workingDir, privileged } = command;
  const asked = { argv, env, user, workingDir, privileged };
  const stateDir = join(world.roots.run, 'e', command.execId.slice(0, 16));
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  try {
    const exec = await world.runtime.exec(live.running, {
      id: command.execId,
      stateDir,
      process: await execProcessOf(world, record, { ...asked, terminal: null }),
      seccomp: asked.privileged || record.definition.privileged ? 'unconfined' : 'default',
      stdin: 'null',
      awaitAttach: true,
      cgroup: containerCgroup(world.parentCgroup, record.id),
    });
    const output: Buffer[] = [];
    let size = 0;
    exec.attach?.onFrame((frame) => {
      if (frame.kind !== 'stdout' && frame.kind !== 'stderr') return;
      if (size < MAX_OUTPUT_BYTES || command.last) output.push(frame.data);
      size += frame.data.length;
      while (command.last && size - output[0]!.length > MAX_OUTPUT_BYTES) size -= output.shift()!.length;
    });
    const kill = () => exec.attach?.signal(9);
    command.signal.addEventListener('abort', kill);
    try {
      await exec.started;
      const exit = await exec.exited;
      const said = Buffer.concat(output);
      const kept = command.last ? said.subarray(-MAX_OUTPUT_BYTES) : said.subarray(0, MAX_OUTPUT_BYTES);
      return { code: exit.code, output: kept.toString('utf8') };
    } finally {
      command.signal.removeEventListener('abort', kill);
      exec.attach?.close();
    }
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}
