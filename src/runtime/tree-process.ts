/**
 * Processes of the executor that work on files below a root: each with an empty environment, ended by a signal.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { BerthError } from '../base/errors.ts';
import { encodeProgram, type Op } from './op.ts';

export type TreeRoot =
  /** That of a process, which has to be the one that started then. */
  | { readonly kind: 'process'; readonly pid: number; readonly startTime: number }
  /** Made for the one call: mounts of a container that does not run. */
  | { readonly kind: 'mounts'; readonly program: readonly Op[] }
  | { readonly kind: 'folder'; readonly path: string };

export function startTreeProcess(
  executor: string,
  args: readonly string[],
  root: TreeRoot | undefined,
  signal?: AbortSignal,
): ChildProcess {
  const child = spawn(executor, [...args, ...flagsOf(root)], {
    env: {},
    stdio: ['pipe', 'pipe', 'pipe', root?.kind === 'mounts' ? 'pipe' : 'ignore'],
  });
  /* It may have ended before it has read all: its exit code tells. */
  child.stdin!.on('error', () => {});
  if (root?.kind === 'mounts') {
    const program = child.stdio[3] as NodeJS.WritableStream;
    program.on('error', () => {});
    program.end(encodeProgram(root.program));
  }
  const kill = () => child.kill('SIGKILL');
  if (signal?.aborted) kill();
  signal?.addEventListener('abort', kill, { once: true });
  child.once('close', () => signal?.removeEventListener('abort', kill));
  return child;
}

function flagsOf(root: TreeRoot | undefined): string[] {
  switch (root?.kind) {
    case undefined:
      return [];
    case 'process':
      return [`--pid=${root.pid}:${root.startTime}`];
    case 'mounts':
      return ['--view'];
    case 'folder':
      return [`--root=${root.path}`];
  }
}

export type Ended = { readonly code: number | null; readonly complaint: string };

export function endOf(child: ChildProcess): Promise<Ended> {
  let complaint = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, complaint: complaint.trim() }));
  });
}

export async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** `complaint`: what the process said on stderr, begun with its name. */
export function refused(complaint: string, tool: string, cause?: unknown): BerthError {
  const why = complaint.replace(new RegExp(`^${tool}: `), '') || 'the executor was killed';
  return new BerthError('COPY_FAILED', `it can not be copied: ${why}`, { cause });
}

export function interrupted(): BerthError {
  return new BerthError('ABORTED', 'interrupted');
}
