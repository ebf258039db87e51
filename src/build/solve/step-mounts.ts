/**
 * `RUN --mount`: what each shows -> mounts of the step's container, and what its key must contain.
 *
 * Files of contexts and stages are shown from layers of their own, so that a
 * step never sees what .dockerignore leaves out. Secrets lie on tmpfs for as
 * long as the step runs and are in no key.
 */
import { createHash, randomBytes } from 'node:crypto';
import { chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BerthError } from '../../base/errors.ts';
import type { OciMount } from '../../runtime/spec.ts';
import type { RunMount } from '../dockerfile/instruction.ts';
import { placeFiles } from '../files/place-files.ts';
import type { FileSource, ResolvedMount } from '../graph/op.ts';
import { agentSocket } from './agent-socket.ts';
import { leaseOf } from './build-cache.ts';
import { takeCacheFolder } from './cache-folders.ts';
import { cacheKey, type KeyPart } from './cache-key.ts';
import { lookAt } from './copy-sources.ts';
import { writeFiles } from './copy-step.ts';
import { makeLayer } from './make-layer.ts';
import { EMPTY_ROOT, lowersOf, type Rootfs, rootId } from './rootfs.ts';
import type { Solving } from './solving.ts';

export type ShownFiles =
  | { readonly kind: 'root'; readonly root: Rootfs; readonly key: KeyPart }
  | { readonly kind: 'layer'; readonly folder: string; readonly file: string | null; readonly key: KeyPart };

/** The files of a mount as something that can be mounted; null: it needs none. */
export async function filesOfMount(solving: Solving, { mount, from }: ResolvedMount): Promise<ShownFiles | null> {
  if (from === null || (mount.kind !== 'bind' && mount.kind !== 'cache')) return null;
  if (from.kind === 'vertex' && mount.source === '/') {
    const root = await solving.rootOf(from.id);
    return { kind: 'root', root, key: rootId(root) };
  }
  return await filesLayer(solving, from, mount.source);
}

/** What is at `path`, as a layer of its own: a folder's content at its top, a file as `file`. */
async function filesLayer(solving: Solving, from: FileSource, path: string): Promise<ShownFiles> {
  const { cache, images } = solving.host;
  const looked = await lookAt(solving, { kind: 'files', from, pattern: path, unpack: false });
  const key = cacheKey('mount', [looked.key, solving.epochS]);
  const record = await cache.once(key, async () => {
    const known = await cache.find(key);
    if (known?.kind === 'layer') return known;
    const placement = { target: '/', isFolder: true, existing: 'missing', many: false } as const;
    const entries = placeFiles(looked.find(), { ...placement, parents: false, owner: null, chmod: null, exclude: [] });
    const layer = await makeLayer(solving, {
      work: (upper) => writeFiles(solving, { below: EMPTY_ROOT, upper, entries }),
      stubs: [],
      lease: leaseOf(key),
    });
    const made = { kind: 'layer', layer, title: `files of ${path}`, createdAt: new Date().toISOString() } as const;
    await cache.put(key, made);
    return made;
  });
  const folder = record.layer === null ? solving.emptyFolder : images.lowersOf([record.layer])[0]!;
  return { kind: 'layer', folder, file: await soleFile(looked.find()), key };
}

/** The name of what was found, when it is a file. */
async function soleFile(
  found: AsyncIterable<{ readonly match: string; readonly root: string }>,
): Promise<string | null> {
  for await (const { match, root } of found) return root === 'file' ? (match.split('/').at(-1) ?? null) : null;
  return null;
}

/** The part of a step's key that a mount stands for. */
export function keyOfMount({ mount }: ResolvedMount, files: ShownFiles | null): KeyPart {
  switch (mount.kind) {
    case 'bind':
      return ['bind', mount.target, mount.readOnly, files?.key ?? null];
    case 'cache':
      return ['cache', mount.target, cacheId(mount), mount.readOnly];
    case 'tmpfs':
      return ['tmpfs', mount.target, mount.sizeBytes];
    case 'secret':
    case 'ssh':
      return [mount.kind, mount.id, mount.target, mount.env, mount.required];
  }
}

export type StepMounts = {
  readonly mounts: readonly OciMount[];
  readonly env: readonly string[];
  /** Places that had to be made for mounts. */
  readonly targets: readonly string[];
  release(): Promise<void>;
};

export type Preparing = { readonly stateDir: string; readonly files: readonly (ShownFiles | null)[] };

/** Takes cache folders (waiting for locked ones), writes secrets, opens agents. */
export async function prepareMounts(
  solving: Solving,
  mounts: readonly ResolvedMount[],
  { stateDir, files }: Preparing,
): Promise<StepMounts> {
  const releases: (() => Promise<void>)[] = [];
  const made: OciMount[] = [];
  const env: string[] = [];
  const release = async () => {
    for (const one of releases.reverse()) await one();
  };
  try {
    for (const [index, { mount }] of mounts.entries()) {
      const shown = files[index] ?? null;
      const one = await prepareMount(solving, mount, { shown, folder: join(stateDir, `m${index}`) });
      if (one.release) releases.push(one.release);
      made.push(...one.mounts);
      env.push(...(one.env ?? []));
    }
  } catch (error) {
    await release();
    throw error;
  }
  return { mounts: made, env, targets: made.map(({ destination }) => destination), release };
}

type One = { readonly mounts: OciMount[]; readonly env?: string[]; readonly release?: () => Promise<void> };
type Place = { readonly shown: ShownFiles | null; readonly folder: string };

async function prepareMount(solving: Solving, mount: RunMount, { shown, folder }: Place): Promise<One> {
  switch (mount.kind) {
    case 'bind':
      return { mounts: [await bindOf(solving, mount, { shown, folder })] };
    case 'tmpfs': {
      const size = mount.sizeBytes === null ? [] : [`size=${mount.sizeBytes}`];
      return {
        mounts: [{ destination: mount.target, type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', ...size] }],
      };
    }
    case 'cache': {
      const taken = await takeCacheFolder(solving, { ...mount, id: cacheId(mount), files: shown });
      const access = mount.readOnly ? 'ro' : 'rw';
      return { mounts: [bind(taken.path, mount.target, [access])], release: async () => taken.release() };
    }
    case 'secret':
      return await secretOf(solving, mount, folder);
    case 'ssh':
      return await agentOf(solving, mount, folder);
  }
}

function bind(source: string, destination: string, options: readonly string[]): OciMount {
  return { destination, type: 'bind', source, options: ['rbind', 'rprivate', ...options] };
}

type Bind = Extract<RunMount, { readonly kind: 'bind' }>;

async function bindOf(solving: Solving, mount: Bind, { shown, folder }: Place): Promise<OciMount> {
  if (shown === null) throw new Error('a bind has files');
  if (shown.kind === 'layer' && shown.file !== null) return bind(join(shown.folder, shown.file), mount.target, ['ro']);
  const { images } = solving.host;
  const lowers = shown.kind === 'root' ? lowersOf(shown.root, images, solving.emptyFolder) : [shown.folder];
  if (mount.readOnly && lowers.length === 1) return bind(lowers[0]!, mount.target, ['ro']);
  const options = [`lowerdir=${lowers.join(':')}`];
  if (mount.readOnly)
    return { destination: mount.target, type: 'overlay', source: 'overlay', options: ['ro', ...options] };
  /* What is written is seen by this step only. */
  const upper = join(folder, 'upper');
  await mkdir(upper, { recursive: true });
  await mkdir(join(folder, 'work'));
  const writable = [...options, `upperdir=${upper}`, `workdir=${join(folder, 'work')}`];
  return { destination: mount.target, type: 'overlay', source: 'overlay', options: writable };
}

type Secret = Extract<RunMount, { readonly kind: 'secret' | 'ssh' }>;

async function secretOf(solving: Solving, mount: Secret, folder: string): Promise<One> {
  const id = mount.id ?? mount.target?.split('/').at(-1) ?? mount.env ?? '';
  const secret = solving.secrets.find((one) => one.id === id);
  if (!secret) {
    if (!mount.required) return { mounts: [] };
    throw new BerthError('BUILD_FAILED', `the secret ${id} is not given`, { hint: `add --secret id=${id},src=FILE` });
  }
  const env = mount.env === null ? [] : [`${mount.env}=${secret.value.toString('utf8')}`];
  if (mount.env !== null && mount.target === null) return { mounts: [], env };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'secret');
  await writeFile(path, secret.value, { mode: mount.mode });
  await chown(path, mount.uid, mount.gid);
  return { mounts: [bind(path, mount.target ?? `/run/secrets/${id}`, ['ro'])], env };
}

async function agentOf(solving: Solving, mount: Secret, folder: string): Promise<One> {
  const id = mount.id ?? 'default';
  const agent = solving.agents.find((one) => one.id === id);
  if (!agent) {
    if (!mount.required) return { mounts: [] };
    throw new BerthError('BUILD_FAILED', `no ssh agent ${id} is given`, { hint: `add --ssh ${id}` });
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `s${randomBytes(2).toString('hex')}`);
  const close = await agentSocket(path, { agent: agent.socket, mode: mount.mode, uid: mount.uid, gid: mount.gid });
  const target = mount.target ?? `/run/berth-ssh-agent.${id}`;
  return { mounts: [bind(path, target, [])], env: [`SSH_AUTH_SOCK=${target}`], release: close };
}

function cacheId({ id, target }: Extract<RunMount, { readonly kind: 'cache' }>): string {
  return createHash('sha256')
    .update(id ?? target)
    .digest('hex')
    .slice(0, 32);
}
