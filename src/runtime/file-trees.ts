/**
 * Files below a root as tar streams, in and out, by processes of the executor.
 *
 * They alone touch what lies there: every path is resolved below the root by
 * descriptor, whoever swaps links and folders meanwhile. Each has an empty
 * environment and ends with its stream.
 */
import type { ChildProcess } from 'node:child_process';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type MirrorOptions, type MirrorResult, mirror } from './mirror.ts';
import { endOf, interrupted, refused, startTreeProcess, type TreeRoot, textOf } from './tree-process.ts';

export type { TreeRoot } from './tree-process.ts';

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
  /** Makes paths of a container what they are on this machine. COPY_FAILED when it can not begin; ABORTED. */
  mirror(options: MirrorOptions): Promise<MirrorResult>;
};

export function fileTrees(executor: string): FileTrees {
  return {
    async stat(root, path, follow) {
      const child = startTreeProcess(executor, ['stat', path, ...(follow ? ['--follow'] : [])], root);
      child.stdin!.end();
      const [text, ended] = await Promise.all([textOf(child.stdout!), endOf(child)]);
      if (ended.code !== 0) throw refused(ended.complaint, 'stat');
      const [facts = '', target = ''] = text.split('\0');
      const [kind = 'none', mode = '0', size = '0'] = facts.split(' ');
      return { kind: kind as PathStat['kind'], mode: Number.parseInt(mode, 8), size: Number(size), target };
    },

    async pack({ root, path, name, follow, signal }) {
      const child = startTreeProcess(
        executor,
        ['pack', path, `--name=${name}`, ...(follow ? ['--follow'] : [])],
        root,
        signal,
      );
      return await streamOf(child, 'pack', signal);
    },

    packLayer: async (folder, signal) => {
      const child = startTreeProcess(executor, ['layer', folder, '--whiteouts=overlay'], undefined, signal);
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
          ? startTreeProcess(executor, ['untar', root.path, ...flags], undefined, signal)
          : startTreeProcess(executor, ['untar', path, ...flags], root, signal);
      child.stdout!.resume();
      const feeding = pipeline(tar, child.stdin!).then(
        () => undefined,
        (error: unknown) => error,
      );
      const [fault, ended] = await Promise.all([feeding, endOf(child)]);
      if (signal?.aborted) throw interrupted();
      if (ended.code !== 0) throw refused(ended.complaint, 'untar', fault);
      if (fault !== undefined) throw fault;
    },

    mirror: (options) => mirror(executor, options),
  };
}

/** What a process prints, as a stream that fails when the process does. */
async function streamOf(child: ChildProcess, tool: string, signal: AbortSignal | undefined): Promise<Readable> {
  child.stdin!.end();
  const stream = new PassThrough({ highWaterMark: 1 << 18 });
  const ended = endOf(child);
  child.stdout!.pipe(stream, { end: false });
  stream.once('close', () => child.kill('SIGKILL'));
  void ended.then(({ code, complaint }) =>
    code === 0 ? stream.end() : stream.destroy(signal?.aborted ? interrupted() : refused(complaint, tool)),
  );
  await untilReadable(stream);
  return stream;
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
