/**
 * Files below a root as tar streams, in and out, by processes of the executor.
 *
 * They alone touch what lies there: every path is resolved below the root by
 * descriptor, whoever swaps links and folders meanwhile. Each has an empty
 * environment and ends with its stream.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BerthError } from '../base/errors.ts';
import { encodeProgram, type Op } from './op.ts';

export type TreeRoot =
  /** That of a process, which has to be the one that started then. */
  | { readonly kind: 'process'; readonly pid: number; readonly startTime: number }
  /** Made for the one call: mounts of a container that does not run. */
  | { readonly kind: 'mounts'; readonly program: readonly Op[] }
  | { readonly kind: 'folder'; readonly path: string };

export type PathStat = {
  readonly kind: 'none' | 'folder' | 'file' | 'link' | 'other';
  readonly mode: number;
  readonly size: number;
  /** What a link leads to. */
  readonly target: string;
};

export type PackOptions = {
  readonly root: TreeRoot;
  readonly path: string;
  /** First part of all names; `.` for what is in a folder. */
  readonly name: string;
  /** Take what a link leads to, when `path` is one. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
};

export type UnpackOptions = {
  readonly root: TreeRoot;
  /** A folder below the root that is there. */
  readonly path: string;
  readonly tar: Readable;
  /** All files belong to it; absent: to whom the archive says. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** The archive's own root says owner and mode of the folder, and devices are made: a copy of a whole tree. */
  readonly whole?: boolean;
  readonly signal?: AbortSignal;
};

export type FileTrees = {
  stat(root: TreeRoot, path: string, follow: boolean): Promise<PathStat>;
  /** Resolves once there is something to read; the stream fails with COPY_FAILED. */
  pack(options: PackOptions): Promise<Readable>;
  /** An overlay's upper folder as the layer of an image: its whiteouts are those of OCI. Fails as pack() does. */
  packLayer(folder: string, signal?: AbortSignal): Promise<Readable>;
  /** COPY_FAILED with the executor's reason; ABORTED. */
  unpack(options: UnpackOptions): Promise<void>;
};

export function fileTrees(executor: string): FileTrees {
  return {
    async stat(root, path, follow) {
      const child = start(executor, ['stat', path, ...(follow ? ['--follow'] : [])], root);
      child.stdin!.end();
      const [text, ended] = await Promise.all([textOf(child.stdout!), end(child)]);
      if (ended.code !== 0) throw refused(ended.complaint, 'stat');
      const [facts = '', target = ''] = text.split('\0');
      const [kind = 'none', mode = '0', size = '0'] = facts.split(' ');
      return { kind: kind as PathStat['kind'], mode: Number.parseInt(mode, 8), size: Number(size), target };
    },

    async pack({ root, path, name, follow, signal }) {
      const child = start(executor, ['pack', path, `--name=${name}`, ...(follow ? ['--follow'] : [])], root, signal);
      return await streamOf(child, 'pack', signal);
    },

    packLayer: async (folder, signal) => {
      const child = start(executor, ['layer', folder, '--whiteouts=overlay'], undefined, signal);
      return await streamOf(child, 'layer', signal);
    },

    async unpack({ root, path, tar, owner, whole, signal }) {
      const flags = [
        '--sparse',
        ...(owner ? [`--owner=${owner.uid}:${owner.gid}`] : []),
        ...(whole ? ['--devices', '--sync'] : ['--keep-kinds']),
      ];
      const child =
        whole && root.kind === 'folder'
          ? start(executor, ['untar', root.path, ...flags], undefined, signal)
          : start(executor, ['untar', path, ...flags], root, signal);
      child.stdout!.resume();
      const feeding = pipeline(tar, child.stdin!).then(
        () => undefined,
        (error: unknown) => error,
      );
      const [fault, ended] = await Promise.all([feeding, end(child)]);
      if (signal?.aborted) throw interrupted();
      if (ended.code !== 0) throw refused(ended.complaint, 'untar', fault);
      if (fault !== undefined) throw fault;
    },
  };
}

/** What a process prints, as a stream that fails when the process does. */
async function streamOf(child: ChildProcess, tool: string, signal: AbortSignal | undefined): Promise<Readable> {
  child.stdin!.end();
  const stream = new PassThrough({ highWaterMark: 1 << 18 });
  const ended = end(child);
  child.stdout!.pipe(stream, { end: false });
  stream.once('close', () => child.kill('SIGKILL'));
  void ended.then(({ code, complaint }) =>
    code === 0 ? stream.end() : stream.destroy(signal?.aborted ? interrupted() : refused(complaint, tool)),
  );
  await untilReadable(stream);
  return stream;
}

function start(executor: string, args: readonly string[], root: TreeRoot | undefined, signal?: AbortSignal) {
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

type Ended = { readonly code: number | null; readonly complaint: string };

function end(child: ChildProcess): Promise<Ended> {
  let complaint = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, complaint: complaint.trim() }));
  });
}

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** A failure before the first byte is one of the call, not of the stream. */
function untilReadable(stream: PassThrough): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => {
      stream.off('readable', done);
      stream.off('end', done);
      stream.off('error', reject);
      resolve();
    };
    stream.once('readable', done);
    stream.once('end', done);
    stream.once('error', reject);
  });
}

function refused(complaint: string, tool: string, cause?: unknown): BerthError {
  const why = complaint.replace(new RegExp(`^${tool}: `), '') || 'the executor was killed';
  return new BerthError('COPY_FAILED', `it can not be copied: ${why}`, { cause });
}

function interrupted(): BerthError {
  return new BerthError('ABORTED', 'interrupted');
}
