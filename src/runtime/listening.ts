/**
 * Waits until something in a container's network namespace listens.
 *
 * `berth-executor listening` beside the engine does it: nothing in the
 * container is asked or changed, and the end of a wait is an edge of the kernel
 * (a new listener anywhere makes it look), not the next turn of a clock.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { BerthError } from '../base/errors.ts';

export type ListenWait = {
  readonly executor: string;
  /** A process in the namespace, which the caller knows to be alive. */
  readonly pid: number;
  readonly ports: readonly number[];
  readonly signal: AbortSignal;
};

/** Resolves once every one of `ports` (TCP) has a listener; rejects with ABORTED, or with RUNTIME_FAILED. */
export async function untilListening({ executor, pid, ports, signal }: ListenWait): Promise<void> {
  if (signal.aborted) throw aborted();
  const namespace = openSync(`/proc/${pid}/ns/net`, 'r');
  try {
    const args = ['listening', ...ports.map(String)];
    const child = spawn(executor, args, { env: {}, stdio: ['ignore', 'pipe', 'pipe', namespace] });
    const kill = () => child.kill('SIGKILL');
    signal.addEventListener('abort', kill, { once: true });
    const complaint = await new Promise<string | undefined>((resolve, reject) => {
      let errors = '';
      child.once('error', reject);
      child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
      child.stdout?.once('data', () => resolve(undefined));
      child.once('close', () => resolve(errors));
    }).finally(() => signal.removeEventListener('abort', kill));
    if (signal.aborted) throw aborted();
    if (complaint !== undefined)
      throw new BerthError('RUNTIME_FAILED', `listeners can not be seen: ${complaint.trim() || 'the executor ended'}`);
  } finally {
    closeSync(namespace);
  }
}

function aborted(): BerthError {
  return new BerthError('ABORTED', 'interrupted');
}
