/**
 * Can a process hear a signal at all?
 *
 * Read from /proc/PID/status, so that stopping never waits for a program that
 * can not hear. Owns the kernel's rules of who is spared: PID 1 of a pid
 * namespace gets only what it asked for (pid_namespaces(7)).
 */
import { readFile } from 'node:fs/promises';
import { errnoOf } from '../base/errors.ts';

export type Masks = { readonly caught: bigint; readonly ignored: bigint; readonly blocked: bigint };

/**
 * Whether the program of a container takes notice of `signal` (SIGKILL always does). `pid` is PID 1's; with `init` that
 * is our own, and its first child is looked at. A process that is gone has nothing to be waited for: true.
 */
export async function canHear(pid: number, signal: number, { init }: { init: boolean }): Promise<boolean> {
  const program = init ? await firstChild(pid) : pid;
  const status = program === undefined ? undefined : await readProc(`/proc/${program}/status`);
  const masks = status === undefined ? undefined : parseMasks(status);
  return masks === undefined || hears(masks, signal, { firstProcess: !init });
}

/** The rule itself. A blocked signal waits for sigwait or signalfd, and is never thrown away: it may be heard. */
export function hears(masks: Masks, signal: number, { firstProcess }: { firstProcess: boolean }): boolean {
  const bit = 1n << BigInt(signal - 1);
  if (signal === 9 || (masks.blocked & bit) !== 0n || (masks.caught & bit) !== 0n) return true;
  // Left: ignored, or the default action, which the kernel spares PID 1.
  return !firstProcess && (masks.ignored & bit) === 0n;
}

/** The three masks of a status file; undefined for a zombie, which hears nothing and needs nothing. */
export function parseMasks(status: string): Masks | undefined {
  if (/^State:\s+[ZX]/m.test(status)) return undefined;
  const mask = (name: string): bigint =>
    BigInt(`0x${new RegExp(`^${name}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1] ?? 0}`);
  return { caught: mask('SigCgt'), ignored: mask('SigIgn'), blocked: mask('SigBlk') };
}

/** The oldest child: orphans that init took in come later in the list. */
async function firstChild(pid: number): Promise<number | undefined> {
  const text = await readProc(`/proc/${pid}/task/${pid}/children`);
  const first = text?.split(' ')[0];
  return first === undefined || first === '' ? undefined : Number(first);
}

async function readProc(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return undefined;
    throw error;
  }
}
