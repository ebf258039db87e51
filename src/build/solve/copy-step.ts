/**
 * COPY, ADD and WORKDIR: files written into a layer by the executor, below the layers that are there.
 */
import { statfs } from 'node:fs/promises';
import { posix } from 'node:path';
import type { StoredLayer } from '../../image/stage-layer.ts';
import { archiveOf, openArchive } from '../files/archive.ts';
import type { FileEntries, FileEntry } from '../files/file-entry.ts';
import { type Found, type Placement, placeFiles } from '../files/place-files.ts';
import { writeTar } from '../files/write-tar.ts';
import type { CopyOp, Op } from '../graph/op.ts';
import { cacheKey } from './cache-key.ts';
import { type LookedAt, lookAt } from './copy-sources.ts';
import { makeLayer, type Upper } from './make-layer.ts';
import { type Owner, ownerOf } from './owner.ts';
import { kindInRoot } from './packed-files.ts';
import { EMPTY_ROOT, lowersOf, type Rootfs, rootId } from './rootfs.ts';
import { callExecutor, overArguments } from './run-executor.ts';
import type { Solving } from './solving.ts';

/** What a step will do: the key of its result, and the work. */
export type PreparedStep = {
  readonly key: string;
  /** The lease keeps the layer. */
  run(lease: string): Promise<StoredLayer | null>;
  /** Always called. */
  discard(): Promise<void>;
};

export async function prepareCopy(solving: Solving, op: CopyOp, parent: Rootfs): Promise<PreparedStep> {
  /* --link: the layer stands on nothing, so that it stays when what is below changes. */
  const below: Rootfs = op.link ? { ...EMPTY_ROOT } : parent;
  const owner = op.chown === null ? null : await ownerOf(solving, parent, op.chown);
  const looked: LookedAt[] = [];
  const discard = async () => void (await Promise.all(looked.map((source) => source.discard())));
  try {
    for (const source of op.sources) looked.push(await lookAt(solving, source));
  } catch (error) {
    await discard();
    throw error;
  }
  const { target, chmod, parents, exclude } = op;
  const sources = looked.map(({ key }) => key);
  const placing = { target, chmod, parents, exclude, owner };
  return {
    key: cacheKey('copy', [rootId(below), sources, placing, solving.epochS]),
    run: (lease) => copy(solving, { op, below, looked, owner, lease }),
    discard,
  };
}

type Copying = {
  readonly op: CopyOp;
  readonly below: Rootfs;
  readonly looked: readonly LookedAt[];
  readonly owner: Owner | null;
  readonly lease: string;
};

async function copy(solving: Solving, { op, below, looked, owner, lease }: Copying): Promise<StoredLayer | null> {
  const path = op.target.replace(/(.)\/$/, '$1');
  const placement: Placement = {
    target: path,
    isFolder: op.target.endsWith('/'),
    existing: await kindInRoot(solving, below, path),
    many: looked.reduce((sum, { matches }) => sum + matches, 0) > 1,
    parents: op.parents,
    owner,
    chmod: op.chmod,
    exclude: op.exclude,
  };
  const work = async (upper: Upper) => {
    await writeFiles(solving, { below, upper, entries: withoutBinds(placeFiles(allOf(looked), placement), below) });
    for (const archive of looked.flatMap(({ archives }) => archives)) {
      await unpack(solving, { below, upper, archive, target: path });
    }
  };
  return await makeLayer(solving, { work, stubs: [], lease });
}

/** A folder that is shown from the machine can not be changed, and need not be: it is there. */
async function* withoutBinds(entries: FileEntries, { host }: Rootfs): AsyncGenerator<FileEntry> {
  const shown = new Set(host?.binds.map(({ target }) => target.slice(1)));
  for await (const entry of entries) if (entry.kind !== 'folder' || !shown.has(entry.path)) yield entry;
}

async function* allOf(looked: readonly LookedAt[]): AsyncGenerator<Found> {
  for (const source of looked) yield* source.find();
}

type Writing = { readonly below: Rootfs; readonly upper: Upper; readonly entries: FileEntries };

/** Writes entries into UPPER as the root filesystem below shows it. */
export async function writeFiles(solving: Solving, { below, upper, entries }: Writing): Promise<void> {
  const { host, signal } = solving;
  await callExecutor({
    executor: host.executor,
    args: overArguments(writingRoot(solving, below, upper), ['untar', 'ROOT', '--keep-kinds', await limitOf(upper)]),
    input: writeTar(entries, solving.epochS),
    signal,
  });
}

type Unpacking = {
  readonly below: Rootfs;
  readonly upper: Upper;
  readonly archive: string;
  readonly target: string;
};

async function unpack(solving: Solving, { below, upper, archive, target }: Unpacking): Promise<void> {
  const { host, signal } = solving;
  const form = ['untar', 'ROOT', `--below=${target}`, await limitOf(upper)];
  await callExecutor({
    executor: host.executor,
    args: overArguments(writingRoot(solving, below, upper), form),
    input: openArchive(archive, (await archiveOf(archive)) ?? 'plain'),
    signal,
  });
}

const SHARE_OF_FREE = 0.9;

/** An archive may not fill the disk for everybody else. */
async function limitOf({ dir }: Upper): Promise<string> {
  const { bavail, bsize } = await statfs(dir);
  return `--max-bytes=${Math.floor(bavail * bsize * SHARE_OF_FREE)}`;
}

function writingRoot({ host, emptyFolder }: Solving, below: Rootfs, upper: Upper) {
  return {
    lowers: lowersOf(below, host.images, emptyFolder),
    upper,
    binds: below.host?.binds.map(({ source }) => source) ?? [],
  };
}

type Workdir = Extract<Op, { readonly kind: 'workdir' }>;

export async function prepareWorkdir(solving: Solving, op: Workdir, parent: Rootfs): Promise<PreparedStep> {
  const { path, user } = op;
  const discard = async () => {};
  return {
    key: cacheKey('workdir', [rootId(parent), path, user, solving.epochS]),
    discard,
    async run(lease) {
      if ((await kindInRoot(solving, parent, path)) === 'folder') return null;
      const owner = user === '' ? { uid: 0, gid: 0 } : await ownerOf(solving, parent, user);
      const name = posix.relative('/', path);
      const folder = {
        path: name,
        kind: 'folder',
        mode: 0o755,
        ...owner,
        size: 0,
        target: '',
        attributes: [],
        read: null,
      } as const;
      const entries = (async function* () {
        yield folder;
      })();
      const work = (upper: Upper) => writeFiles(solving, { below: parent, upper, entries });
      return await makeLayer(solving, { work, stubs: [], lease });
    },
  };
}
