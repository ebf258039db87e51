/**
 * `--output`: the files of a result, into a folder or a tar of this machine. What is only shown of the machine is no part of it.
 */
import { mkdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { openWriteStream } from '../../base/write-stream.ts';
import { type Rootfs, readingRoot } from './rootfs.ts';
import { callExecutor, overArguments } from './run-executor.ts';
import type { BuildHost } from './solving.ts';

export type BuildOutput = { readonly kind: 'folder' | 'tar'; readonly path: string };

type Exporting = { readonly output: BuildOutput; readonly signal: AbortSignal };

/** BUILD_FAILED with the executor's reason; a folder that is there is added to. */
export async function exportRoot(host: BuildHost, root: Rootfs, { output, signal }: Exporting): Promise<void> {
  const { executor } = host;
  const layered = { ...readingRoot(root, host.images, host.emptyFolder), binds: [] };
  const onOutput = async (stream: AsyncIterable<Buffer>) => {
    if (output.kind === 'tar') return await pipeline(stream, await openWriteStream(output.path, 0o644));
    await mkdir(output.path, { recursive: true, mode: 0o755 });
    await callExecutor({ executor, args: ['untar', output.path], input: Readable.from(stream), signal });
  };
  await callExecutor({ executor, args: overArguments(layered, ['layer', 'ROOT']), signal, onOutput });
}
