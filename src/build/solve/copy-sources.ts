/**
 * The sources of one COPY or ADD, looked at: what they are (for the key), and how to get them.
 */
import { statfs } from 'node:fs/promises';
import { posix } from 'node:path';
import { printBytes } from '../../base/bytes.ts';
import { BerthError } from '../../base/errors.ts';
import { fetchGit } from '../context/fetch-git.ts';
import { fetchUrl } from '../context/fetch-url.ts';
import { type ContextMatch, contextEntry, type FolderContext, findInContext } from '../context/folder-context.ts';
import { archiveOf } from '../files/archive.ts';
import type { FileEntry } from '../files/file-entry.ts';
import type { Found } from '../files/place-files.ts';
import type { CopySource } from '../graph/op.ts';
import { cacheKey, type KeyPart } from './cache-key.ts';
import { digestInRoot, findInRoot } from './packed-files.ts';
import { rootId } from './rootfs.ts';
import type { Solving } from './solving.ts';

export type LookedAt = {
  /** Stands for all of the content. */
  readonly key: KeyPart;
  readonly matches: number;
  find(): AsyncIterable<Found>;
  /** Archives that are unpacked instead of copied. */
  readonly archives: readonly string[];
  /** Removes what was fetched. */
  discard(): Promise<void>;
};

export async function lookAt(solving: Solving, source: CopySource): Promise<LookedAt> {
  switch (source.kind) {
    case 'inline':
      return inlineFile(source);
    case 'url':
      return await fetchedFile(solving, source);
    case 'git':
      return await fetchedRepository(solving, source);
    case 'files':
      return source.from.kind === 'vertex'
        ? await rootFiles(solving, source, source.from.id)
        : await contextFiles(solving, source, source.from.name);
  }
}

const nothing = async () => {};

function inlineFile({ name, content }: Extract<CopySource, { kind: 'inline' }>): LookedAt {
  const bytes = Buffer.from(content);
  const entry = fileEntry(bytes.length, async function* () {
    yield bytes;
  });
  return {
    key: ['inline', name, content],
    matches: 1,
    archives: [],
    discard: nothing,
    async *find() {
      yield { match: name, root: 'file', entry };
    },
  };
}

function fileEntry(size: number, read: () => AsyncIterable<Buffer>, mode = 0o644): FileEntry {
  return { path: '', kind: 'file', mode, uid: 0, gid: 0, size, target: '', attributes: [], read };
}

type Files = Extract<CopySource, { kind: 'files' }>;

async function contextFiles(solving: Solving, { pattern, unpack }: Files, name: string): Promise<LookedAt> {
  const open = solving.contexts.get(name);
  if (!open) {
    throw new BerthError('BUILD_FAILED', 'this build has no context to copy from', {
      hint: 'give a folder: `berth build .`',
    });
  }
  const context = await open();
  return await matchesIn(solving, context, { pattern, unpack });
}

type Wanted = { readonly pattern: string; readonly unpack: boolean };

async function matchesIn(solving: Solving, context: FolderContext, { pattern, unpack }: Wanted): Promise<LookedAt> {
  const found = await findInContext(context, pattern);
  const archives: ContextMatch[] = [];
  for (const match of unpack ? found : []) {
    const [root] = match.files;
    if (root?.kind === 'file' && (await archiveOf(root.source))) archives.push(match);
  }
  const copied = found.filter((match) => !archives.includes(match));
  await refuseTooLarge(solving, copied);
  const keys = await Promise.all(found.map((match) => keyOf(solving, match)));
  return {
    key: ['files', keys, archives.map(({ path }) => path)],
    matches: copied.length,
    archives: archives.map(({ files }) => files[0]!.source),
    discard: nothing,
    async *find() {
      for (const { path, files } of copied) {
        for (const file of files) yield { match: path, root: files[0]!.kind, entry: contextEntry(file) };
      }
    },
  };
}

/** What can not be stored is not read first: a sparse file may be larger than any disk. */
async function refuseTooLarge({ host }: Solving, matches: readonly ContextMatch[]): Promise<void> {
  const unread = matches.flatMap(({ files }) =>
    files.filter((file) => file.kind === 'file' && !host.digests.knows(file)),
  );
  const bytes = unread.reduce((sum, { size }) => sum + size, 0);
  if (bytes < SURELY_FITS) return;
  const { bavail, bsize } = await statfs(host.folder);
  if (bytes <= bavail * bsize) return;
  const largest = unread.reduce((one, other) => (other.size > one.size ? other : one));
  throw new BerthError(
    'BUILD_FAILED',
    `the files to copy have ${printBytes(bytes)}, the disk of the image store has ${printBytes(bavail * bsize)} left`,
    { hint: `the largest is ${largest.source}: leave it out with .dockerignore, or free some space` },
  );
}

const SURELY_FITS = 64 * 1024 * 1024;

async function keyOf({ host }: Solving, { path, files }: ContextMatch): Promise<KeyPart> {
  const [root] = files;
  const rows = await Promise.all(
    files.map(async (file): Promise<KeyPart> => {
      const content = file.kind === 'file' ? await host.digests.digestOf(file) : file.target;
      return [file.path, file.kind, file.mode, content];
    }),
  );
  /* A folder's own name does not matter: only what is in it is copied. */
  return [root?.kind === 'folder' ? '' : posix.basename(path), rows];
}

async function rootFiles(solving: Solving, { pattern }: Files, vertex: number): Promise<LookedAt> {
  const root = await solving.rootOf(vertex);
  const { cache } = solving.host;
  const key = cacheKey('files', [rootId(root), pattern]);
  const known = await cache.find(key);
  const found = known?.kind === 'digest' ? known : await cache.once(key, () => digestInRoot(solving, root, pattern));
  if (known?.kind !== 'digest') await cache.put(key, { kind: 'digest', digest: found.digest, matches: found.matches });
  if (found.matches === 0 && !/[*?[\\]/.test(pattern)) {
    throw new BerthError('BUILD_FAILED', `${pattern} is not in what --from names`, {
      hint: 'sources of --from begin at the root of that stage or image',
    });
  }
  return {
    key: ['root', found.digest],
    matches: found.matches,
    archives: [],
    discard: nothing,
    find: () => findInRoot(solving, root, pattern),
  };
}

async function fetchedFile(solving: Solving, source: Extract<CopySource, { kind: 'url' }>): Promise<LookedAt> {
  const fetched = await fetchUrl(source.url, { ...source, folder: solving.host.folder, signal: solving.signal });
  const isArchive = source.unpack && (await archiveOf(fetched.path)) !== undefined;
  return {
    key: ['url', fetched.name, fetched.digest, isArchive],
    matches: isArchive ? 0 : 1,
    archives: isArchive ? [fetched.path] : [],
    discard: fetched.discard,
    async *find() {
      if (!isArchive) yield { match: fetched.name, root: 'file', entry: fileEntry(fetched.size, fetched.read, 0o600) };
    },
  };
}

async function fetchedRepository(solving: Solving, source: Extract<CopySource, { kind: 'git' }>): Promise<LookedAt> {
  const { folder } = solving.host;
  const { keepGitDir, checksum } = source;
  const fetched = await fetchGit(source.url, { folder, keepGitDir, commit: checksum, signal: solving.signal });
  try {
    const looked = await matchesIn(solving, fetched.context, { pattern: '/', unpack: false });
    return { ...looked, discard: fetched.discard };
  } catch (error) {
    await fetched.discard();
    throw error;
  }
}
