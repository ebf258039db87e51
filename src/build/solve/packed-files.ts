/**
 * Files of a root filesystem, read by the executor: for COPY --from, and for what is needed of /etc.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { BerthError } from '../../base/errors.ts';
import type { ImageDriver } from '../../image/image.ts';
import type { Found } from '../files/place-files.ts';
import { readTar } from '../files/read-tar.ts';
import { type Rootfs, readingRoot } from './rootfs.ts';
import { callExecutor, type LayeredRoot, overArguments } from './run-executor.ts';
import type { Solving } from './solving.ts';

/** What PATTERN finds below ROOT, in the order of paths. */
export async function* findInRoot(solving: Solving, root: Rootfs, pattern: string): AsyncGenerator<Found> {
  const { host, emptyFolder, signal } = solving;
  const args = overArguments(rootFor(root, { images: host.images, emptyFolder, pattern }), layerForm(pattern));
  const child = spawn(host.executor, args, { env: {}, stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  const ended = once(child, 'close') as Promise<[number | null]>;
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  try {
    for await (const found of matchesIn(child.stdout as AsyncIterable<Buffer>)) yield found;
    const [code] = await ended;
    if (signal.aborted) throw new BerthError('ABORTED', 'interrupted');
    if (code !== 0) throw new BerthError('BUILD_FAILED', complaint.trim().replace(/^(layer|over): /, ''));
  } finally {
    signal.removeEventListener('abort', kill);
    if (child.exitCode === null) kill();
  }
}

/** Entries by what they were found as: the first of a match is its root. */
async function* matchesIn(stream: AsyncIterable<Buffer>): AsyncGenerator<Found> {
  let match: { readonly path: string; readonly root: Found['root'] } | undefined;
  for await (const entry of readTar(stream)) {
    /* The executor puts the number of the pattern in front. */
    const path = entry.path.replace(/^0\/?/, '');
    if (!match || !(match.path === '' || path.startsWith(`${match.path}/`))) match = { path, root: entry.kind };
    const inner = match.path === '' ? path : path.slice(match.path.length + 1);
    yield { match: match.path, root: match.root, entry: { ...entry, path: inner } };
  }
}

type Reading = { readonly images: ImageDriver; readonly emptyFolder: string; readonly pattern: string };

/** All of a root is what its layers have: the machine's own /usr, which is only shown in it, is no part of that. */
function rootFor(root: Rootfs, { images, emptyFolder, pattern }: Reading): LayeredRoot {
  const reading = readingRoot(root, images, emptyFolder);
  return /^[/.]*$/.test(pattern) ? { ...reading, binds: [] } : reading;
}

function layerForm(pattern: string): string[] {
  return ['layer', 'ROOT', '--time=0', `--source=${pattern.replace(/\/\.\//g, '/')}`];
}

export type FoundDigest = { readonly digest: string; readonly matches: number };

/** Digest of what PATTERN finds, and how many things that are. */
export async function digestInRoot(solving: Solving, root: Rootfs, pattern: string): Promise<FoundDigest> {
  const { host, emptyFolder, signal } = solving;
  const hash = createHash('sha256');
  let matches = 0;
  await callExecutor({
    executor: host.executor,
    args: overArguments(rootFor(root, { images: host.images, emptyFolder, pattern }), layerForm(pattern)),
    signal,
    async onOutput(stream) {
      const seen = async function* () {
        for await (const chunk of stream) {
          hash.update(chunk);
          yield chunk;
        }
      };
      for await (const { entry } of matchesIn(seen())) if (entry.path === '') matches += 1;
    },
  });
  return { digest: hash.digest('hex'), matches };
}

const MAX_FILE = 1024 * 1024;

/** Text of a small file of a root filesystem; empty when it is not there or too large to be what it should. */
export async function textInRoot(solving: Solving, root: Rootfs, path: string): Promise<string> {
  const parts: Buffer[] = [];
  for await (const { entry } of findInRoot(solving, root, path)) {
    if (!entry.read || entry.size > MAX_FILE) return '';
    for await (const chunk of entry.read()) parts.push(chunk);
  }
  return Buffer.concat(parts).toString('utf8');
}

export type PathKind = 'folder' | 'file' | 'missing';

/** What PATH is in a root filesystem. BUILD_FAILED when a file is where a folder must be. */
export async function kindInRoot(solving: Solving, root: Rootfs, path: string): Promise<PathKind> {
  const { host, emptyFolder, signal } = solving;
  const args = overArguments(readingRoot(root, host.images, emptyFolder), ['kind', 'ROOT', path]);
  const { text } = await callExecutor({ executor: host.executor, args, signal });
  const kind = text.trim();
  if (kind === 'folder' || kind === 'file') return kind;
  if (kind === 'missing') return 'missing';
  throw new BerthError('BUILD_FAILED', `${path} leads through something that is no folder`);
}
